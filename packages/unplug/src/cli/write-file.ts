import { randomBytes } from "node:crypto";
import { lstat, open, rename, rm } from "node:fs/promises";
import { fileTrouble } from "./file-trouble.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Writes a file whole or not at all; says whether there was another before. Throws UsageError where it cannot be written.
 *
 * What is no regular file (a pipe, /dev/stdout, a link) is written into as it is.
 */
export async function writeWhole(path: string, text: string): Promise<"new" | "replaced"> {
  try {
    const there = await lstat(path).catch(() => null);
    if (there !== null && !there.isFile()) {
      await writeInto(path, text, "w");
      return there.isSymbolicLink() ? "replaced" : "new";
    }
    const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      await writeInto(draft, text, "wx");
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return there === null ? "new" : "replaced";
  } catch (error) {
    throw new UsageError(
      `-o ${path === "" ? '""' : path}: cannot write it: ${fileTrouble(error)}. Name a file that you may write to.`,
    );
  }
}

async function writeInto(path: string, text: string, flags: "w" | "wx"): Promise<void> {
  await using file = await open(path, flags);
  await file.writeFile(text);
}
