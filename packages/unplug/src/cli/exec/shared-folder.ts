import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal } from "../../contract/refusal.ts";
import { canBeNamed } from "./preload.ts";

/** A temporary folder for the files that a program of ours and its children read and write. */
export interface SharedFolder {
  readonly path: string;
  /** Answers the path of the new file. */
  write(name: string, bytes: Uint8Array, who?: "everyone writes"): string;
  remove(): void;
}

export interface FolderNeeds {
  /** An object in it is to be loaded into programs: some systems mount /tmp without the right to. */
  readonly loadedFrom: boolean;
  readonly candidates?: readonly string[];
  readonly isRoot?: boolean;
}

/**
 * Makes it where LD_PRELOAD and the interceptor's configuration can name it.
 *
 * It is open to its user alone; root's also to programs that become somebody else, who may not list it.
 */
export function makeSharedFolder({
  loadedFrom,
  candidates = [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"],
  isRoot = process.getuid?.() === 0,
}: FolderNeeds): SharedFolder {
  const problems: string[] = [];
  for (const candidate of candidates) {
    const made = canBeNamed(candidate)
      ? tryFolder(candidate, { loadedFrom, isRoot })
      : "LD_PRELOAD cannot name it";
    if (typeof made !== "string") return made;
    problems.push(`${candidate}: ${made}`);
  }
  throw new Refusal(
    "There is no folder for what the interceptor reads.",
    problems,
    "Name one in TMPDIR that you may write to, not mounted noexec, without white space, colons, semicolons and dollar signs in its path.",
  );
}

function tryFolder(
  candidate: string,
  { loadedFrom, isRoot }: { loadedFrom: boolean; isRoot: boolean },
): SharedFolder | string {
  try {
    const path = mkdtempSync(join(candidate, "unplug-exec-"));
    const folder: SharedFolder = {
      path,
      write(name, bytes, who) {
        const file = join(path, name);
        writeFileSync(file, bytes, { flag: "wx" });
        // Past the umask, which a program that becomes somebody else would run into.
        chmodSync(file, who === "everyone writes" ? 0o666 : 0o755);
        return file;
      },
      remove: () => rmSync(path, { recursive: true, force: true }),
    };
    try {
      chmodSync(path, isRoot ? 0o711 : 0o700);
      // Where nothing may be loaded from, the system says of no file that it may be executed. Source: access(2).
      if (loadedFrom) accessSync(folder.write("loadable", new Uint8Array()), constants.X_OK);
      return folder;
    } catch (error) {
      folder.remove();
      throw error;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
