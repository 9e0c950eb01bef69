import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { Refusal } from "../contract/refusal.ts";
import { codeOf } from "./code-of.ts";

const KEY_BYTES = 32;
/** Stands in the file instead of a key. */
const ELSEWHERE = "keyring";

/** The key in `path`, or that it is in the keyring; null where there is no such file. Throws Refusal when anybody else could have it. */
export async function readKey(path: string): Promise<Buffer | typeof ELSEWHERE | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    const { mode, uid } = found;
    if (!found.isFile()) throw unfit(path, "it is no regular file", "Remove it.");
    const user = process.getuid?.() ?? uid;
    if (uid !== user)
      throw unfit(
        path,
        `it belongs to user ${uid}, not to ${user}`,
        "Take a folder of your own: set UNPLUG_HOME.",
      );
    if ((mode & 0o077) !== 0) {
      throw unfit(
        path,
        `others may read or write it (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
        `If nobody has: chmod 600 ${path}. Else remove it and the store, and add the secrets anew.`,
      );
    }
    const text = (await file.readFile("utf8")).trim();
    const key = text === ELSEWHERE ? ELSEWHERE : keyIn(text);
    if (key !== null) return key;
    throw unfit(
      path,
      `it holds no key of ${KEY_BYTES} bytes in base64`,
      "Put it back from a backup, or remove it and the store.",
    );
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    if (error instanceof Refusal) throw error;
    const why = codeOf(error) === "ELOOP" ? "it is a link" : `it cannot be read (${codeOf(error)})`;
    throw unfit(path, why, "Remove it, or set UNPLUG_HOME to another folder.");
  }
}

export function freshKey(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

/** Null when the text is no key. */
export function keyIn(text: string): Buffer | null {
  const key = Buffer.from(text, "base64");
  return key.length === KEY_BYTES ? key : null;
}

/** Makes the key, whole or not at all; where another process was faster, its key holds. */
export async function makeKey(path: string): Promise<void> {
  await makeFile(path, freshKey());
}

/** Says that the key is in the keyring; false where there is a file already. */
export function pointToKeyring(path: string): Promise<boolean> {
  return makeFile(path, ELSEWHERE);
}

/** False where there is one already. */
async function makeFile(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    {
      await using file = await open(draft, "wx", 0o600);
      await file.writeFile(`${text}\n`);
      await file.sync();
    }
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

function unfit(path: string, why: string, remedy: string): Refusal {
  return new Refusal(
    `The key file ${path} is not used: ${why}, expected a file of yours alone, with mode 0600.`,
    [],
    remedy,
  );
}
