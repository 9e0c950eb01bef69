import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first executable of that name in a search path; null when there is none. */
export function findProgram(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    if (folder === "") continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next folder is tried.
    }
  }
  return null;
}
