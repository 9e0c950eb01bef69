import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../contract/refusal.ts";
import { isSecretName } from "../contract/secrets.ts";
import { didYouMean } from "../load/nearest.ts";
import { table } from "../report/wrap.ts";
import type { KeyPlace, SecretFacts, SecretStore } from "../secrets/secret-store.ts";
import { boundedText } from "./bounded-text.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileTrouble } from "./file-trouble.ts";
import { secretsFolder } from "./parts.ts";
import type { SecretAction } from "./program.ts";
import type { Shell } from "./shell.ts";
import { storeOf } from "./store-of.ts";
import { UsageError } from "./usage-error.ts";

/** Larger than any credentials file or token. */
const MOST_BYTES = 65_536;

interface Asked {
  readonly action: SecretAction;
  readonly words: readonly string[];
  readonly format: string;
  /** To keep the key there, where it can be. */
  readonly keyring: boolean;
}

/** `unplug secret add NAME FILE | list | remove NAME` */
export async function secretCommand(
  { action, words, format, keyring }: Asked,
  shell: Shell,
): Promise<number> {
  const store = storeOf(shell.env);
  if (action === "add") return await add({ words, keyring }, store, shell);
  if (keyring) throw new UsageError(`unplug secret ${action}: --keyring is for add, which makes the key.`);
  if (action === "remove") return await remove(words, store, shell);
  if (words.length > 0) throw new UsageError("unplug secret list: expected nothing behind `list`.");
  return await list(format, store, shell);
}

async function add(
  { words, keyring }: Pick<Asked, "words" | "keyring">,
  store: SecretStore,
  shell: Shell,
): Promise<number> {
  const [name, file] = words;
  if (name === undefined || file === undefined || words.length > 2)
    throw new UsageError("unplug secret add: expected a NAME and a FILE; - reads standard input.");
  checkName(name);
  const text = await textOf(file, shell);
  const key = keyring ? await store.keepKeyInKeyring() : null;
  const how = await store.add(name, text, Date.now());
  const did = how === "new" ? "is in the store" : "is in the store, in place of the one before";
  shell.stdout.write(`Secret ${name} ${did} (${Buffer.byteLength(text)} bytes, encrypted).\n`);
  if (key !== null) shell.stdout.write(`${keyText(key)}\n`);
  if (file !== "-") shell.stdout.write(`${file} is still there as it was: remove it if nobody needs it.\n`);
  if (await isInFolder(name, shell)) shell.stdout.write(`${shadow(name, shell)}\n`);
  return exitCodes.done;
}

function keyText(key: KeyPlace): string {
  if (key.place === "keyring") return "Its key is in the keyring of this desktop.";
  return `Its key is in ${key.path}, not in a keyring: ${key.why}.`;
}

async function remove(words: readonly string[], store: SecretStore, shell: Shell): Promise<number> {
  const [name] = words;
  if (name === undefined || words.length > 1)
    throw new UsageError("unplug secret remove: expected one NAME; `unplug secret list` lists them.");
  checkName(name);
  if (!(await store.remove(name))) {
    const names = await store.list().then(
      (all) => all.map((one) => one.name),
      () => [],
    );
    throw new Refusal(
      `The store holds no secret ${name}${didYouMean(name, names)}.`,
      [],
      "`unplug secret list` lists them.",
    );
  }
  shell.stdout.write(`Secret ${name} is out of the store; nothing of it is kept.\n`);
  if (await isInFolder(name, shell))
    shell.stdout.write(`The file ${join(secretsFolder(shell.env), name)} is still there.\n`);
  return exitCodes.done;
}

async function list(format: string, store: SecretStore, shell: Shell): Promise<number> {
  const secrets = await store.list();
  if (format === "json") {
    const facts = secrets.map((one) => ({ ...one, addedAt: new Date(one.addedAt).toISOString() }));
    shell.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
    return exitCodes.done;
  }
  const rows = table(secrets.map(rowOf));
  const shown =
    rows.length === 0 ? ["The store holds no secret; `unplug secret add NAME FILE` adds one."] : rows;
  shell.stdout.write(`${shown.join("\n")}\n`);
  for (const { name } of secrets) {
    if (await isInFolder(name, shell)) shell.stdout.write(`${shadow(name, shell)}\n`);
  }
  return exitCodes.done;
}

function rowOf({ name, bytes, addedAt }: SecretFacts): readonly string[] {
  return [name, `${bytes} bytes`, `added ${new Date(addedAt).toISOString()}`];
}

function shadow(name: string, { env }: Shell): string {
  return `The file ${join(secretsFolder(env), name)} has the same name, and is read before the store.`;
}

async function isInFolder(name: string, { env }: Shell): Promise<boolean> {
  const found = await stat(join(secretsFolder(env), name)).catch(() => null);
  return found?.isFile() === true;
}

/** The message must not repeat the name: it may be the secret itself. */
function checkName(name: string): void {
  if (isSecretName(name)) return;
  throw new UsageError(
    "unplug secret: NAME names no secret: expected up to 128 letters, digits, dots, dashes and underscores, beginning with none of . and -, not a path and not the secret itself.",
  );
}

async function textOf(file: string, shell: Shell): Promise<string> {
  const where = file === "-" ? "standard input" : file;
  const text = file === "-" ? await shell.readInput() : await fileText(file);
  const unfit = (why: string) =>
    new UsageError(`unplug secret add: ${where} ${why}, expected an AWS credentials file, or a token.`);
  if (text.trim() === "") throw unfit("is empty");
  if (Buffer.byteLength(text) > MOST_BYTES) throw unfit(`is larger than ${MOST_BYTES} bytes`);
  if (/[\0\uFFFD]/.test(text)) throw unfit("is no text in UTF-8");
  return text;
}

async function fileText(path: string): Promise<string> {
  try {
    return await boundedText(createReadStream(path, { encoding: "utf8" }));
  } catch (error) {
    throw new UsageError(
      `unplug secret add: ${path === "" ? '""' : path} cannot be read: ${fileTrouble(error)}. Name a file that holds the secret.`,
    );
  }
}
