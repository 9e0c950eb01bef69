import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type FileLock, takeLock } from "./lock-file.ts";

/** A temporary folder of this process. */
export interface LockedFolder {
  readonly path: string;
  /** Removes it with everything in it, and lets go of its lock. */
  remove(): Promise<void>;
}

const prefix = "unplug-sandbox-";
const lockName = "alive.lock";

/**
 * Makes a folder below `parent` with a lock in it that the operating system takes back the moment this process dies,
 * however it dies. Throws when the file system has no locks.
 */
export async function makeLockedFolder(parent: string): Promise<LockedFolder> {
  for (let tries = 0; tries < 5; tries++) {
    const path = await mkdtemp(join(parent, prefix));
    const lock = lockOf(path);
    // Somebody who swept between the two lines above may have taken the folder for a dead one's.
    if (lock !== null && existsSync(join(path, lockName))) return { path, remove: () => remove(path, lock) };
    lock?.release();
    await rm(path, { recursive: true, force: true });
  }
  throw new Error(
    `No file in ${parent} can be locked, so nobody could tell a dead sandbox's folder from a live one's. Set TMPDIR to a folder on a local disk.`,
  );
}

/**
 * Removes the folders that dead processes have left below `parent`. One that is locked, has no lock file, or belongs
 * to another user stays, and so does one that cannot be removed now: the next sandbox tries again.
 */
export async function sweepDeadFolders(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const path = join(parent, name);
    if (!existsSync(join(path, lockName))) continue;
    const lock = lockOf(path);
    if (lock !== null) await remove(path, lock).catch(() => undefined);
  }
}

async function remove(path: string, lock: FileLock): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } finally {
    lock.release();
  }
}

/** Null when somebody else has the lock, or the file cannot be locked by this user. */
function lockOf(path: string): FileLock | null {
  const lock = takeLock(join(path, lockName));
  return lock === "held" || lock instanceof Error ? null : lock;
}
