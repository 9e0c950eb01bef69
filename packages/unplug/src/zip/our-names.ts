import { type Directory, type DirectoryEntry, entriesNamed, quoted } from "./directory.ts";
import { zipProblem } from "./zip-problem.ts";

/** Which entries of a zip are ours. */
export interface OurNames {
  /** A folder of which everything is ours, such as ".unplug/"; the entry that carries the undo is in it. */
  readonly folder: string;
  /** Files of ours outside the folder. */
  readonly outside?: readonly string[];
}

/** The entry that carries the undo, by the folder that it is in. */
export function undoNameOf(folder: string): string {
  return `${folder}undo`;
}

/**
 * A name as a path that programs would write to: "/" between the parts, no "." and no empty part, none at the end. A name that
 * climbs out with ".." stays as it is, since none of ours does.
 */
export function pathOf(name: string): string {
  if (!/\\|\/\/|(?:^|\/)\.\/|^\/|\/\.?$/.test(name)) return name;
  const parts = name.replaceAll("\\", "/").split("/");
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}

/** True for folders of ours, too. */
export function isOurs({ folder, outside = [] }: OurNames): (entry: DirectoryEntry) => boolean {
  const names = new Set(outside);
  return ({ name }) => {
    const path = pathOf(name);
    return names.has(path) || `${path}/`.startsWith(folder);
  };
}

export function ourEntries(directory: Directory, ours: OurNames): DirectoryEntry[] {
  const paths = [ours.folder, ...(ours.outside ?? [])];
  return entriesNamed(directory, paths.map(firstPart)).filter(isOurs(ours));
}

/** Null when every one of `names`, and the folder, may be added. */
export function nameProblem(directory: Directory, folder: string, names: readonly string[]) {
  const bad = badName(folder, names);
  if (bad !== null) return bad;
  // What is in the way has the first part of one of our paths in its name, however that is written.
  const near = entriesNamed(directory, [folder, ...names].map(firstPart));
  return takenName(near, folder, names);
}

function badName(folder: string, names: readonly string[]) {
  const files = [undoNameOf(folder), ...names];
  const odd = files.find((name) => !/^[\x20-\x7e]{1,1000}$/.test(name) || pathOf(name) !== name);
  const climbing = files.find((name) => name.split("/").includes(".."));
  const wrong = odd ?? climbing;
  if (wrong !== undefined || !folder.endsWith("/")) {
    return zipProblem(
      "bad-name",
      `${quoted(wrong ?? folder)} cannot be added: a plain path such as "folder/file" was expected, and "folder/" for the folder.`,
    );
  }
  const all = new Set(files);
  const twice = files.find(
    (name, at) => files.indexOf(name) !== at || ancestors(name).some((path) => all.has(path)),
  );
  if (twice === undefined) return null;
  return zipProblem(
    "bad-name",
    `${quoted(twice)} is named twice, or lies in what is a file; each name was expected once.`,
  );
}

function takenName(entries: readonly DirectoryEntry[], folder: string, names: readonly string[]) {
  const files = new Set(names);
  const folders = new Set([...names, folder].flatMap(ancestors));
  const undo = entries.find(({ name }) => pathOf(name) === undoNameOf(folder));
  if (undo !== undefined) {
    return zipProblem(
      "already-holds",
      `The zip already holds ${quoted(undo.name)}: what was added to it has to be taken out first.`,
    );
  }
  for (const { name } of entries) {
    const path = pathOf(name);
    const isFolder = /[/\\]$/.test(name);
    const isInTheWay =
      `${path}/`.startsWith(folder) ||
      files.has(path) ||
      (folders.has(path) && !isFolder) ||
      names.some((file) => path.startsWith(`${file}/`));
    if (isInTheWay) {
      return zipProblem(
        "name-taken",
        `The zip already has ${quoted(name)}, where ours were to go; that name was expected to be free.`,
      );
    }
  }
  return null;
}

function firstPart(path: string): string {
  return path.split("/", 1)[0] ?? "";
}

/** "a/b/c" lies in "a" and "a/b". */
function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) found.push(path.slice(0, at));
  return found;
}
