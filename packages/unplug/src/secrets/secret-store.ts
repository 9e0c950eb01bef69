import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../contract/refusal.ts";
import { isSecretName } from "../contract/secrets.ts";
import { makeFolder } from "../journal/make-folder.ts";
import { codeOf } from "./code-of.ts";
import { freshKey, keyIn, makeKey, pointToKeyring, readKey } from "./key-file.ts";
import { type Keyring, noKeyring } from "./keyring.ts";
import { parseSealed, type Sealed, seal, unseal } from "./sealed.ts";

/** What may be told of a secret. */
export interface SecretFacts {
  readonly name: string;
  /** Of its text, in UTF-8. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
}

/** Where a store's key is, and why in no keyring. */
export type KeyPlace =
  | { readonly place: "keyring" }
  | { readonly place: "file"; readonly path: string; readonly why: string };

/** Secrets on this machine's disk, encrypted with a key that only this user may read. Everything throws Refusal. */
export interface SecretStore {
  /** Says whether there was another before. Durable, and whole or not at all. */
  add(name: string, text: string, now: number): Promise<"new" | "replaced">;
  /** Null where there is none. */
  read(name: string): Promise<string | null>;
  /** By name. */
  list(): Promise<readonly SecretFacts[]>;
  /** False where there was none. */
  remove(name: string): Promise<boolean>;
  /** Makes the key, where there is none yet, in the keyring; or, where that cannot be, leaves it to the file. */
  keepKeyInKeyring(): Promise<KeyPlace>;
}

const ENDING = ".sealed";

/** The store in a state folder: `secret.key`, and one file for each secret in `secret-store`. Made at the first `add`. */
export function secretStore(home: string, keyring: Keyring = noKeyring): SecretStore {
  const folder = join(home, "secret-store");
  const keyPath = join(home, "secret.key");
  const pathOf = (name: string) => {
    if (!isSecretName(name)) throw new Refusal("What should name a secret names no secret.");
    return join(folder, `${name}${ENDING}`);
  };
  const readAnyKey = async (): Promise<Buffer | null> => {
    const found = await readKey(keyPath);
    return found === "keyring" ? await keyOfKeyring(keyring, keyPath) : found;
  };
  return {
    async add(name, text, now) {
      const path = pathOf(name);
      return await orUnusable(folder, async () => {
        makeFolder(folder);
        const before = await namesIn(folder);
        if ((await readKey(keyPath)) === null) {
          refuseLostKey(keyPath, before);
          await makeKey(keyPath);
        }
        const key = await readAnyKey();
        if (key === null) throw new Refusal(`The key file ${keyPath} was removed.`, [], "Try again.");
        await writeDurably(path, `${JSON.stringify(seal(name, text, { key, now }))}\n`, folder);
        return before.includes(name) ? "replaced" : "new";
      });
    },
    async read(name) {
      const sealed = await readSealed(pathOf(name), name);
      if (sealed === null) return null;
      const key = await readAnyKey();
      if (key !== null) return unseal(sealed, key);
      throw new Refusal(
        `The secret "${name}" cannot be opened: its key ${keyPath} is not there.`,
        [],
        `Put the key back, or remove the secret and add it anew: unplug secret remove ${name}`,
      );
    },
    async list() {
      const sealed = await Promise.all((await namesIn(folder)).map((name) => readSealed(pathOf(name), name)));
      return sealed.flatMap((one) =>
        one === null ? [] : [{ name: one.name, bytes: one.bytes, addedAt: one.addedAt }],
      );
    },
    async remove(name) {
      try {
        await rm(pathOf(name));
        return true;
      } catch (error) {
        if (codeOf(error) === "ENOENT") return false;
        throw error instanceof Refusal ? error : unusable(folder, error);
      }
    },
    keepKeyInKeyring: async () =>
      await orUnusable(folder, () => keepKeyInKeyring({ folder, keyPath, keyring })),
  };
}

interface Places {
  readonly folder: string;
  readonly keyPath: string;
  readonly keyring: Keyring;
}

async function keepKeyInKeyring(places: Places): Promise<KeyPlace> {
  const { folder, keyPath, keyring } = places;
  makeFolder(folder);
  const found = await readKey(keyPath);
  if (found === "keyring") return { place: "keyring" };
  const inFile = (why: string): KeyPlace => ({ place: "file", path: keyPath, why });
  if (found !== null) return inFile("it has been there before, and a store has one key");
  refuseLostKey(keyPath, await namesIn(folder));
  if (!(await pointToKeyring(keyPath))) return await keepKeyInKeyring(places);
  const why = await fillKeyring(keyring);
  if (why === null) return { place: "keyring" };
  await rm(keyPath, { force: true });
  return inFile(why);
}

async function orUnusable<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? error : unusable(folder, error);
  }
}

/** Null when it is in; else why not. */
async function fillKeyring(keyring: Keyring): Promise<string | null> {
  const key = freshKey();
  try {
    await keyring.write(key);
    return (await keyring.read()) === key ? null : `${keyring.program} does not give back what it was given`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function keyOfKeyring(keyring: Keyring, path: string): Promise<Buffer> {
  const refusal = (why: string) =>
    new Refusal(
      `The key of the store is in the keyring of this desktop, by ${path}: ${why}.`,
      [],
      "Log in to the desktop and unlock its keyring, or put the secret as a file into the folder of UNPLUG_SECRETS; if the key is lost, remove that file and the secrets, and add them anew.",
    );
  const text = await keyring.read().catch((error: unknown) => {
    throw refusal(error instanceof Error ? error.message : String(error));
  });
  const key = text === null ? null : keyIn(text);
  if (key !== null) return key;
  throw refusal(text === null ? `${keyring.program} finds none` : `what ${keyring.program} gives is no key`);
}

/** Where secrets are that an earlier key sealed, a new one would hide that they are lost. */
function refuseLostKey(path: string, sealed: readonly string[]): void {
  if (sealed.length === 0) return;
  throw new Refusal(
    `The key ${path} is not there, and what the store holds cannot be opened without it.`,
    sealed,
    "Put the key back, or remove these secrets (unplug secret remove NAME) and add them anew.",
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw unusable(folder, error);
  });
  return files.flatMap((file) => (file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : [])).sort();
}

async function readSealed(path: string, name: string): Promise<Sealed | null> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw unusable(path, error);
  });
  if (text === null) return null;
  const sealed = parseSealed(text);
  if (sealed?.name === name) return sealed;
  throw new Refusal(
    `${path} is no sealed secret named "${name}".`,
    [],
    `Remove it and add it anew: unplug secret remove ${name}`,
  );
}

async function writeDurably(path: string, text: string, folder: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    {
      await using file = await open(draft, "wx", 0o600);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  // The new name, too, is to outlive a loss of power.
  await using inside = await open(folder, "r");
  await inside.sync();
}

function unusable(path: string, error: unknown): Refusal {
  return new Refusal(
    `The store of secrets cannot be used: ${path} (${codeOf(error)}).`,
    [],
    "Give yourself access to it, make room, or set UNPLUG_HOME to another folder.",
  );
}
