import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** How a journal is on its disk. */
export interface JournalHealth {
  readonly path: string;
  readonly bytes: number;
  /** Of its tables. */
  readonly format: number;
  readonly runs: number;
  readonly events: number;
  /** For this user, on its disk. */
  readonly freeBytes: number;
  /** What is wrong with it, each a clause; empty when it is whole and can be written. */
  readonly problems: readonly string[];
}

/** Less than a run of a thousand targets may write. */
const LEAST_FREE_BYTES = 50 * 1024 * 1024;

/** Looks at the journal in `folder` without changing it; null where there is none. Throws what the operating system or SQLite says. */
export function journalHealth(folder: string): JournalHealth | null {
  const path = join(folder, "journal.db");
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return null;
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const problems = [...unwritable(folder, path)];
  if (freeBytes < LEAST_FREE_BYTES)
    problems.push(`only ${Math.floor(freeBytes / 1024)} KiB are free on its disk`);
  const database = new DatabaseSync(path, { timeout: 5_000, readOnly: true });
  try {
    const found = database.prepare("PRAGMA integrity_check(5)").all();
    const broken = found.flatMap((row) => Object.values(row).map(String)).filter((line) => line !== "ok");
    const count = (what: string): number =>
      Number(database.prepare(`SELECT count(*) AS n FROM ${what}`).get()?.["n"] ?? 0);
    const { user_version: format } = database.prepare("PRAGMA user_version").get() ?? {};
    return {
      path,
      bytes: file.size,
      format: Number(format),
      runs: count("runs"),
      events: count("events"),
      freeBytes,
      problems: [...problems, ...broken],
    };
  } finally {
    database.close();
  }
}

function unwritable(folder: string, path: string): readonly string[] {
  return [folder, path].flatMap((one) => {
    try {
      accessSync(one, constants.R_OK | constants.W_OK);
      return [];
    } catch {
      return [`${one} cannot be written by you`];
    }
  });
}
