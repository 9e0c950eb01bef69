import { type Directory, type DirectoryEntry, quoted, readDirectory } from "./directory.ts";
import { ourEntries, pathOf, undoNameOf } from "./our-names.ts";
import { hashOf, inOne, type Piece } from "./pieces.ts";
import { readContent } from "./read-content.ts";
import { lengthened, readSplices, type Splices, splicedPieces } from "./splice.ts";
import { LONGEST_UNDO, readUndoComment } from "./undo.ts";
import { type ZipBytes, zipInMemory } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

interface Original {
  readonly zip: Buffer;
  readonly length: number;
  /** In lower-case hexadecimal digits; it is that of the bytes, which were read for it. */
  readonly sha256: string;
}

/**
 * The zip as it was before `appendToZip`, byte by byte. Null when it holds no undo. The problem `changed` means that somebody
 * has changed the zip since: `withoutOurPart` then takes out what is ours.
 */
export async function takeOut(
  bytes: Uint8Array,
  folder: string,
): Promise<{ readonly original: Original | null } | { readonly problem: ZipProblem }> {
  const zip = zipInMemory(bytes);
  const found = await findOriginal(zip, folder);
  if (found === null) return { original: null };
  if ("problem" in found) return found;
  const original = inOne(zip, found.pieces);
  return { original: { zip: original, length: original.length, sha256: found.sha256 } };
}

interface Found {
  readonly pieces: readonly Piece[];
  readonly sha256: string;
}

async function findOriginal(
  zip: ZipBytes,
  folder: string,
): Promise<Found | null | { readonly problem: ZipProblem }> {
  const directory = readDirectory(zip);
  if ("problem" in directory) return directory;
  const entries = ourEntries(directory, { folder }).filter(({ name }) => pathOf(name) === undoNameOf(folder));
  const [entry] = entries;
  if (entry === undefined) return null;
  const undo = readUndoComment(entry);
  if (undo === null || entries.length > 1 || !isLast(directory, entry)) {
    return changed(entry, "it was expected to be the last entry, with the comment that it was given");
  }
  if (Math.max(entry.length, entry.compressedLength) > LONGEST_UNDO) {
    return changed(entry, `at most ${LONGEST_UNDO} bytes were expected in it`);
  }
  const content = await readContent(zip, entry, directory.end.directoryOffset);
  if ("problem" in content) return changed(entry, "its content is broken");
  const none = { splices: [], rest: content };
  const read = undo.hasSplices ? readSplices(content, entry.localOffset) : none;
  if (read === null) return changed(entry, "its content is broken");
  const { splices, rest: tail } = read;
  // What was before the directory, as long as it was and as it is with ours.
  const was = undo.length - tail.length;
  const headLength = was - lengthened(splices);
  const isIn = splices.every(({ at, cut }) => at + cut <= headLength);
  if (was < 0 || headLength < 0 || headLength > entry.localOffset || !isIn) {
    return changed(entry, `an original of ${undo.length} bytes does not fit before it`);
  }
  if ((await sealNow(zip, directory, { entry, headLength, splices })) !== undo.seal) {
    return changed(entry, "what was added with it is no longer as it was, or more was added since");
  }
  const pieces = [...splicedPieces(headLength, splices), tail];
  const sha256 = await hashOf(zip, pieces);
  if (sha256 !== undo.sha256) {
    return changed(
      entry,
      `an original with the SHA-256 ${undo.sha256} was expected, and what is left has ${sha256}`,
    );
  }
  return { pieces, sha256 };
}

function isLast({ bytes }: Directory, { record }: DirectoryEntry): boolean {
  return record.byteOffset + record.length === bytes.byteOffset + bytes.length;
}

interface Sealed {
  readonly entry: DirectoryEntry;
  readonly headLength: number;
  readonly splices: Splices;
}

async function sealNow(
  zip: ZipBytes,
  { bytes, end }: Directory,
  { entry, headLength, splices }: Sealed,
): Promise<string> {
  const splicedIn = splices.map(({ at, cut }) => ({ offset: at, length: cut }));
  const added = { offset: headLength, length: entry.localOffset - headLength };
  const records = bytes.subarray(0, bytes.length - entry.record.length);
  return await hashOf(zip, [...splicedIn, added, records, end.comment]);
}

function changed({ name }: DirectoryEntry, why: string) {
  return zipProblem(
    "changed",
    `The zip holds ${quoted(name)} and has been changed since, so that the original cannot be had byte by byte: ${why}.`,
  );
}
