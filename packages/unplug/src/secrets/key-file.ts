import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { Refusal } from "../contract/refusal.ts";
import { codeOf } from "./code-of.ts";

const KEY_BYTES = 32;

/** The key in `path`; null where there is no such file. Throws Refusal when anybody else could have it. */
export async function readKey(path: string): Promise<Buffer | null> {
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
    const key = Buffer.from((await file.readFile("utf8")).trim(), "base64");
    if (key.length === KEY_BYTES) return key;
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

/** Makes the key, whole or not at all; where another process was faster, its key holds. */
export async function makeKey(path: string): Promise<Buffer> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    {
      await using file = await open(draft, "wx", 0o600);
      await file.writeFile(`${randomBytes(KEY_BYTES).toString("base64")}\n`);
      await file.sync();
    }
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const key = await readKey(path);
  if (key === null)
    throw new Refusal(`The key file ${path} was removed while it was made.`, [], "Try again.");
  return key;
}

function unfit(path: string, why: string, remedy: string): Refusal {
  return new Refusal(
    `The key file ${path} is not used: ${why}, expected a file of yours alone, with mode 0600.`,
    [],
    remedy,
  );
}
