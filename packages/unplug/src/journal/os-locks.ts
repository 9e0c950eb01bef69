import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inodeOf } from "./inode-of.ts";
import { JournalUnusable } from "./journal-unusable.ts";
import { makeFolder } from "./make-folder.ts";

/** Locks that the operating system takes back the moment their process dies, and keeps while it is suspended. */
export interface Locks {
  /** True when this process holds it now, also when it did before. */
  take(name: string): boolean;
  /** Whether any process holds it; false for our own, too, once its file is not the one that we locked. */
  isHeld(name: string): boolean;
  release(name: string): void;
}

/**
 * One file per lock, locked by the exclusive transaction of an empty database: Node has no lock of its own, and
 * SQLite takes the operating system's. No clocks, no process ids.
 *
 * Source: https://www.sqlite.org/lockingv3.html (POSIX advisory locks; not on NFS).
 */
export function osLocks(folder: string): Locks {
  const held = new Map<string, { readonly database: DatabaseSync; readonly inode: number | null }>();
  const pathOf = (name: string): string => join(folder, `${name}.lock`);
  return {
    take(name) {
      if (held.has(name)) return true;
      makeFolder(folder);
      // Somebody may be asking `isHeld` this very moment.
      const database = lock(pathOf(name), 100);
      if (database === null) return false;
      held.set(name, { database, inode: inodeOf(pathOf(name)) });
      return true;
    },
    isHeld(name) {
      const own = held.get(name);
      if (own !== undefined) return own.inode === inodeOf(pathOf(name));
      if (!existsSync(pathOf(name))) return false;
      return isLocked(pathOf(name));
    },
    release(name) {
      // The file stays, empty: whoever deletes one deletes it under somebody who has just locked it.
      held.get(name)?.database.close();
      held.delete(name);
    },
  };
}

/** Does `work` while no other process does any under the same lock; waits for its turn, which must be short. */
export function whileLocked(path: string, work: () => void): void {
  makeFolder(dirname(path));
  const database = lock(path, 10_000);
  if (database === null) throw new Error(`another process has held ${path} for 10 s`);
  try {
    work();
  } finally {
    database.close();
  }
}

/** Null when another process has it. Throws JournalUnusable. */
function lock(path: string, patienceMs: number): DatabaseSync | null {
  const database = open(path, patienceMs);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw unusable(path, error);
  }
}

/** Looks with a shared lock: of any number of onlookers none takes another for the holder. Throws JournalUnusable. */
function isLocked(path: string): boolean {
  const database = open(path, 0);
  try {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw unusable(path, error);
  } finally {
    database.close();
  }
}

function open(path: string, patienceMs: number): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: patienceMs });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** SQLITE_BUSY in the low byte; the rest says why. Source: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

/** Somebody has it: the one failure of a lock that is an answer. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === SQLITE_BUSY
  );
}

function unusable(path: string, error: unknown): JournalUnusable {
  const why = error instanceof Error ? error.message : String(error);
  return new JournalUnusable(
    `The lock ${path} cannot be used: ${why}. If it is another user's, run this as that user or set UNPLUG_HOME to a folder of your own; if it is broken, delete it once no process of that run is left.`,
    error,
  );
}
