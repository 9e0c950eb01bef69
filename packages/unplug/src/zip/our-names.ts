import { type Directory, type DirectoryEntry, entriesNamed, quoted } from "./directory.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** Which entries of a zip are ours. */
export interface OurNames {
  /** A folder of which everything is ours, such as ".unplug/"; the entry that carries the undo is in it. */
  readonly folder: string;
  /** Files of ours outside the folder. */
  readonly outside?: readonly string[];
  /** Files of the original that stand under another name, in the folder, while ours have their place. */
  readonly moves?: readonly Move[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
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

/** Null when every one of `names`, and the folder, may be added; what is moved away is in no one's way. */
export function nameProblem(directory: Directory, ours: OurNames, names: readonly string[]) {
  const bad = badName(ours, names);
  if (bad !== null) return bad;
  const movedAway = new Set((ours.moves ?? []).map(({ from }) => from));
  // What is in the way has the first part of one of our paths in its name, however that is written.
  const near = entriesNamed(directory, [ours.folder, ...names].map(firstPart));
  return takenName(near, { folder: ours.folder, names, movedAway });
}

function badName({ folder, moves = [] }: OurNames, names: readonly string[]) {
  const files = [undoNameOf(folder), ...names];
  const sources = moves.map(({ from }) => from);
  const odd = [...files, ...sources].find(
    (name) => !/^[\x20-\x7e]{1,1000}$/.test(name) || pathOf(name) !== name,
  );
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
  if (twice !== undefined || new Set(sources).size !== sources.length) {
    return zipProblem(
      "bad-name",
      `${quoted(twice ?? sources.join(", "))} is named twice, or lies in what is a file; each name was expected once.`,
    );
  }
  const stray = moves.find(({ from, to }) => !to.startsWith(folder) || from.startsWith(folder));
  if (stray === undefined) return null;
  return zipProblem(
    "bad-name",
    `${quoted(stray.from)} cannot be moved to ${quoted(stray.to)}: a way into ${quoted(folder)} was expected.`,
  );
}

interface Wanted {
  readonly folder: string;
  readonly names: readonly string[];
  readonly movedAway: ReadonlySet<string>;
}

function takenName(entries: readonly DirectoryEntry[], { folder, names, movedAway }: Wanted) {
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
    if (movedAway.has(name)) continue;
    const path = pathOf(name);
    const isFolder = /[/\\]$/.test(name);
    const isInTheWay =
      `${path}/`.startsWith(folder) ||
      files.has(path) ||
      (folders.has(path) && !isFolder) ||
      ancestors(path).some((ancestor) => files.has(ancestor));
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

/** The entries to move, in order. Each must be there once and be a regular file: the target of a link would be another. */
export function movedEntries(
  directory: Directory,
  moves: readonly Move[],
): readonly DirectoryEntry[] | { readonly problem: ZipProblem } {
  const moved: DirectoryEntry[] = [];
  for (const { from } of moves) {
    const found = entriesNamed(directory, [firstPart(from)]).filter(({ name }) => pathOf(name) === from);
    const [entry] = found;
    if (entry === undefined || found.length > 1 || entry.name !== from || !isRegularFile(entry)) {
      return zipProblem(
        "not-a-file",
        `${quoted(from)} cannot be moved: one regular file of that name was expected in the zip, ${found.length} entries have it.`,
      );
    }
    moved.push(entry);
  }
  return moved;
}

/** Where the zip was not made on Unix there are no links. Source: APPNOTE.TXT 6.3.10, section 4.4.2. */
function isRegularFile({ record }: DirectoryEntry): boolean {
  const kind = (record.readUInt32LE(38) >>> 16) & 0o170000;
  return kind === 0 || kind === 0o100000;
}
