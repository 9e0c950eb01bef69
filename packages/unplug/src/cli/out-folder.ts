import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Recorded } from "../contract/journal.ts";
import { formNames, forms, type ReportInput, reportText } from "../report/forms.ts";
import { fileTrouble } from "./file-trouble.ts";
import { UsageError } from "./usage-error.ts";

const EVENTS = "events.ndjson";
const RESULT = "result.json";
const SUMMARY = "summary.txt";

/**
 * Before anything is unplugged: a folder that cannot be written is a mistake of the command line.
 *
 * Names the files that are there already, which the report will replace.
 */
export async function makeOutFolder(folder: string): Promise<readonly string[]> {
  if (folder === "") throw new UsageError('--out "": expected a folder that you may write to.');
  try {
    await makeFolder(resolve(folder));
    const ours = [RESULT, EVENTS, SUMMARY, ...Object.values(forms).map(({ file }) => file)];
    const there = await readdir(folder);
    await writeFile(join(folder, EVENTS), "");
    return ours.filter((file) => there.includes(file));
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
  files: { result: string; events: readonly Recorded[]; summary: string; reports: ReportInput },
): Promise<string | null> {
  try {
    await writeFile(join(folder, RESULT), files.result);
    await writeFile(join(folder, EVENTS), files.events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    await writeFile(join(folder, SUMMARY), `${files.summary.trimEnd()}\n`);
    for (const name of formNames)
      await writeFile(join(folder, forms[name].file), reportText(name, files.reports));
    return null;
  } catch (error) {
    return `--out ${folder}: could not write the report: ${fileTrouble(error)}; the run's outcome is above.`;
  }
}
