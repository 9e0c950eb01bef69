import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Recorded } from "../contract/journal.ts";
import { fileTrouble } from "./file-trouble.ts";
import { UsageError } from "./usage-error.ts";

/** Before anything is unplugged: a folder that cannot be written is a mistake of the command line. */
export async function makeOutFolder(folder: string): Promise<void> {
  if (folder === "") throw new UsageError('--out "": expected a folder that you may write to.');
  try {
    await makeFolder(resolve(folder));
    await writeFile(join(folder, "events.ndjson"), "");
  } catch (error) {
    throw new UsageError(
      `--out ${folder}: cannot write there: ${fileTrouble(error)}. Name a folder that you may write to.`,
    );
  }
}

/** Level by level: Node's own `recursive` never ends where /proc answers that there is no such folder. */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch(async (error: unknown) => {
    // Somebody else may have made it meanwhile.
    if (!(await isFolder(folder))) throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** Null, or why the files are not there: the run has its answer all the same. */
export async function writeOut(
  folder: string,
  files: { result: string; events: readonly Recorded[]; summary: string },
): Promise<string | null> {
  try {
    await writeFile(join(folder, "result.json"), files.result);
    await writeFile(
      join(folder, "events.ndjson"),
      files.events.map((event) => `${JSON.stringify(event)}\n`).join(""),
    );
    await writeFile(join(folder, "summary.txt"), `${files.summary.trimEnd()}\n`);
    return null;
  } catch (error) {
    return `--out ${folder}: could not write the report: ${fileTrouble(error)}; the run's outcome is above.`;
  }
}
