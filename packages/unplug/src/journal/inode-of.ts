import { statSync } from "node:fs";

/** Which file is at `path` now: neither SQLite nor a lock notices when it is deleted underneath. Null: none. */
export function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
