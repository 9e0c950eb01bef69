import { DatabaseSync } from "node:sqlite";

/** A lock that the operating system takes back the moment this process dies, however it dies. */
export interface FileLock {
  release(): void;
}

const busy = 5;

/**
 * Locks a file that nothing else uses; makes it. "held": by somebody else. An error: it cannot be locked here.
 * Node.js has no locks of its own, so it is the exclusive transaction of an empty database.
 * Source: https://www.sqlite.org/lockingv3.html.
 */
export function takeLock(file: string): FileLock | "held" | Error {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    const locked = database;
    return { release: () => locked.close() };
  } catch (error) {
    database?.close();
    if (error instanceof Error && "errcode" in error && error.errcode === busy) return "held";
    return error instanceof Error ? error : new Error(String(error));
  }
}
