import { type DirectoryEntry, readDirectory } from "./directory.ts";
import { type OurNames, ourEntries, pathOf, undoNameOf } from "./our-names.ts";
import { readContent } from "./read-content.ts";
import { readUndoComment, type Undo } from "./undo.ts";
import { zipInMemory } from "./zip-bytes.ts";
import type { ZipProblem } from "./zip-problem.ts";

/** What a zip holds of ours. */
export interface OurPart {
  /** In the order of the directory, without the undo and without folders. */
  readonly files: readonly OurFile[];
  /** Null when the undo is not there, or has been packed anew. It is what the zip says; `takeOut` proves it. */
  readonly undo: Undo | null;
}

export interface OurFile {
  /** With "/" between its parts, however the zip has it. */
  readonly name: string;
  readonly length: number;
  /** Permission bits; 0 where the zip was not made on Unix. */
  readonly mode: number;
  /** Null when it is longer than `mostBytes`. Of a symbolic link it is where that leads to. */
  readonly content: Buffer | null;
  readonly isLink?: true;
}

export interface Wanted extends OurNames {
  /** Contents that are longer are not read; 1 MiB unless given. */
  readonly mostBytes?: number;
}

/** Null when nothing of ours is in the zip. The rest of it is not read. */
export async function ourPartOf(
  bytes: Uint8Array,
  { mostBytes = 1024 * 1024, ...ours }: Wanted,
): Promise<{ readonly part: OurPart | null } | { readonly problem: ZipProblem }> {
  const zip = zipInMemory(bytes);
  const directory = readDirectory(zip);
  if ("problem" in directory) return directory;
  const entries = ourEntries(directory, ours);
  if (entries.length === 0) return { part: null };
  const files: OurFile[] = [];
  let undo: Undo | null = null;
  for (const entry of entries) {
    const path = pathOf(entry.name);
    if (path === undoNameOf(ours.folder)) {
      undo = readUndoComment(entry);
    } else if (!/[/\\]$/.test(entry.name)) {
      const isShort = Math.max(entry.length, entry.compressedLength) <= mostBytes;
      const content = isShort ? await readContent(zip, entry, directory.end.directoryOffset) : null;
      if (content !== null && "problem" in content) return content;
      files.push({ name: path, length: entry.length, mode: modeOf(entry), content, ...linkOf(entry) });
    }
  }
  return { part: { files, undo } };
}

function linkOf({ record }: DirectoryEntry): Pick<OurFile, "isLink"> {
  return ((record.readUInt32LE(38) >>> 16) & 0o170000) === 0o120000 ? { isLink: true } : {};
}

function modeOf({ record }: DirectoryEntry): number {
  return (record.readUInt32LE(38) >>> 16) & 0o7777;
}
