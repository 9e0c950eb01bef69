import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Locks that the operating system takes back the moment their process dies, and keeps while it is suspended. */
export interface Locks {
  /** True when this process holds it now, also when it did before. */
  take(name: string): boolean;
  /** Whether any process holds it. */
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
  const held = new Map<string, DatabaseSync>();
  const pathOf = (name: string): string => join(folder, `${name}.lock`);
  return {
    take(name) {
      if (held.has(name)) return true;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Somebody may be asking `isHeld` this very moment.
      const database = lock(pathOf(name), 100);
      if (database === null) return false;
      held.set(name, database);
      return true;
    },
    isHeld(name) {
      if (held.has(name)) return true;
      if (!existsSync(pathOf(name))) return false;
      return isLocked(pathOf(name));
    },
    release(name) {
      // The file stays, empty: whoever deletes one deletes it under somebody who has just locked it.
      held.get(name)?.close();
      held.delete(name);
    },
  };
}

/** Does `work` while no other process does any under the same lock; waits for its turn, which must be short. */
export function whileLocked(path: string, work: () => void): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = lock(path, 10_000);
  if (database === null) throw new Error(`another process has held ${path} for 10 s`);
  try {
    work();
  } finally {
    database.close();
  }
}

/** Null when another process has it. */
function lock(path: string, patienceMs: number): DatabaseSync | null {
  const database = new DatabaseSync(path, { timeout: patienceMs });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch {
    database.close();
    return null;
  }
}

/** Looks with a shared lock: of any number of onlookers none takes another for the holder. */
function isLocked(path: string): boolean {
  const database = new DatabaseSync(path);
  try {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}
