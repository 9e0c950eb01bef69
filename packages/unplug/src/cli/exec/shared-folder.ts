import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Refusal } from "../../contract/refusal.ts";
import { canBeNamed } from "./preload.ts";

/** A temporary folder for the files that a program of ours and its children read and write. */
export interface SharedFolder {
  readonly path: string;
  /** Answers the path of the new file. */
  write(name: string, bytes: Uint8Array, who?: "programs write"): string;
  remove(): void;
}

export interface FolderNeeds {
  /** An object in it is to be loaded into programs: some systems mount /tmp without the right to. */
  readonly loadedFrom: boolean;
  readonly candidates?: readonly string[];
  readonly isRoot?: boolean;
  /** Writes what has to be in it: a place that the system does not let it write to, as a full one, is passed over. */
  readonly fill?: (folder: SharedFolder) => void;
}

/**
 * Makes it where LD_PRELOAD and the interceptor's configuration can name it.
 *
 * It is open to its user alone; root's also to programs that become somebody else, who may not list it. What programs write to,
 * they may write to as whom they have become: everybody else could only by its path, which they are not shown.
 */
export function makeSharedFolder({
  loadedFrom,
  candidates = [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"],
  isRoot = process.getuid?.() === 0,
  fill = () => undefined,
}: FolderNeeds): SharedFolder {
  const problems: string[] = [];
  // TMPDIR may be relative, and the program may go elsewhere.
  for (const candidate of new Set(candidates.map((path) => resolve(path)))) {
    const made = canBeNamed(candidate)
      ? tryFolder(candidate, { loadedFrom, isRoot, fill })
      : "LD_PRELOAD cannot name it";
    if (typeof made !== "string") return made;
    problems.push(`${candidate}: ${made}`);
  }
  throw new Refusal(
    "There is no folder for what the interceptor reads.",
    problems,
    "Name one in TMPDIR that you may write to, with room left, not mounted noexec, without white space, colons, semicolons and dollar signs in its path.",
  );
}

function tryFolder(
  candidate: string,
  { loadedFrom, isRoot, fill }: Required<Omit<FolderNeeds, "candidates">>,
): SharedFolder | string {
  try {
    const path = mkdtempSync(join(candidate, "unplug-exec-"));
    const folder: SharedFolder = {
      path,
      write(name, bytes, who) {
        const file = join(path, name);
        writeFileSync(file, bytes, { flag: "wx" });
        // Past the umask, which a program that becomes somebody else would run into.
        chmodSync(file, who === undefined ? 0o755 : isRoot ? 0o666 : 0o600);
        return file;
      },
      remove: () => rmSync(path, { recursive: true, force: true }),
    };
    try {
      chmodSync(path, isRoot ? 0o711 : 0o700);
      // Where nothing may be loaded from, the system says of no file that it may be executed. Source: access(2).
      if (loadedFrom) accessSync(folder.write("loadable", new Uint8Array()), constants.X_OK);
      fill(folder);
      return folder;
    } catch (error) {
      folder.remove();
      throw error;
    }
  } catch (error) {
    // Anything else is no fault of the place.
    if (error instanceof Error && "syscall" in error) return error.message;
    throw error;
  }
}
