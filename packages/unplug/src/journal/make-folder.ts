import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a folder for us alone, and what is missing above it. Node's own way never ends where nothing can be made (`/proc`). */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isDirectory())
      throw new Error(`${path} is no folder`, { cause: error });
    // Else another process was faster.
    if (found === undefined) throw error;
  }
}
