import { contentOffset, type Directory, type DirectoryEntry, readDirectory } from "./directory.ts";
import { endRecordBytes } from "./end-record.ts";
import { localHeader, type NewFile, type PackedFile, packFile, placed, renamed } from "./new-record.ts";
import { type Move, movedEntries, nameProblem, undoNameOf } from "./our-names.ts";
import { inOne, type Piece, totalLength, writeZip } from "./pieces.ts";
import { sealOf, undoComment } from "./undo.ts";
import { hashOfHead, openZip, readBytes, type ZipBytes, zipInMemory } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** What is added to a zip. */
export interface Addition {
  /** A folder that the zip does not have, such as ".unplug/"; the undo goes there, as `undo`. */
  readonly folder: string;
  /** In the order in which they are added; the zip has no such names but those that are moved away. */
  readonly files: readonly NewFile[];
  /** Files of the zip that make room for ours: each gets a new name in the folder, with its content, mode and time. */
  readonly moves?: readonly Move[];
}

/** One less than the number that means Zip64; so with the length. */
const mostEntries = 0xfffe;
const longest = 0xfffffffe;

/** The zip with the files added; the same input gives the same bytes. `bytes` is not changed. */
export async function appendToZip(
  bytes: Uint8Array,
  addition: Addition,
): Promise<{ readonly zip: Buffer } | { readonly problem: ZipProblem }> {
  const zip = zipInMemory(bytes);
  const made = await piecesWith(zip, addition, null);
  return "problem" in made ? made : { zip: inOne(zip, made) };
}

export interface FileAddition extends Addition {
  readonly from: string;
  /** Must not be there yet; is not made when there is a problem. */
  readonly to: string;
  /**
   * Of the file `from`, in lower-case hexadecimal digits, where it is known already: the file is not read for it again. With a
   * wrong one `takeOut` refuses for ever.
   */
  readonly sha256?: string;
}

/** As `appendToZip`, from file to file, with no more in memory than the directory; `length` is that of the new file. */
export async function appendToZipFile({
  from,
  to,
  sha256,
  ...addition
}: FileAddition): Promise<{ readonly length: number } | { readonly problem: ZipProblem }> {
  using zip = openZip(from);
  const making = Promise.withResolvers<readonly Piece[] | { readonly problem: ZipProblem }>();
  await writeZip(zip, to, async () => {
    const made = await piecesWith(zip, addition, sha256 ?? null);
    making.resolve(made);
    return "problem" in made ? null : made;
  });
  const made = await making.promise;
  return "problem" in made ? made : { length: totalLength(made) };
}

async function piecesWith(
  zip: ZipBytes,
  addition: Addition,
  sha256: string | null,
): Promise<readonly Piece[] | { readonly problem: ZipProblem }> {
  const checked = check(zip, addition);
  return "problem" in checked ? checked : await layOut(zip, addition, { ...checked, sha256 });
}

interface Checked {
  readonly directory: Directory;
  readonly moved: readonly MovedFile[];
}

interface MovedFile {
  readonly entry: DirectoryEntry;
  readonly to: string;
  readonly contentOffset: number;
}

function check(
  zip: ZipBytes,
  { folder, files, moves = [] }: Addition,
): Checked | { readonly problem: ZipProblem } {
  const directory = readDirectory(zip);
  if ("problem" in directory) return directory;
  const names = [...moves.map(({ to }) => to), ...files.map(({ name }) => name)];
  const problem = nameProblem(directory, { folder, moves }, names);
  if (problem !== null) return problem;
  const count = directory.starts.length + files.length + 1;
  if (count > mostEntries) {
    return zipProblem(
      "too-many-entries",
      `The zip would have ${count} entries; at most ${mostEntries} were expected.`,
    );
  }
  const entries = movedEntries(directory, moves);
  if ("problem" in entries) return entries;
  const moved: MovedFile[] = [];
  for (const [at, entry] of entries.entries()) {
    const offset = contentOffset(zip, entry, directory.end.directoryOffset);
    if (typeof offset !== "number") return offset;
    moved.push({ entry, to: moves[at]?.to ?? "", contentOffset: offset });
  }
  return { directory, moved };
}

async function layOut(
  zip: ZipBytes,
  { folder, files }: Addition,
  { directory, moved, sha256 }: Checked & { readonly sha256: string | null },
): Promise<readonly Piece[] | { readonly problem: ZipProblem }> {
  const start = directory.end.directoryOffset;
  const { comment } = directory.end;
  const original = readBytes(zip, start, zip.length - start);
  const hash = sha256 ?? (await hashOfHead(zip, start, original));
  const packed = files.map((file) => packFile(file));
  const added = place(start, moved, packed);
  const kept = without(directory, moved);
  const records = Buffer.concat([...kept, ...added.records]);
  const seal = await sealOf(zip, [...added.pieces, records, comment]);
  const undo = packFile(
    { name: undoNameOf(folder), content: original, mode: 0o644 },
    undoComment({ length: zip.length, sha256: hash, seal }),
  );
  const undoOffset = start + totalLength(added.pieces);
  const undoRecord = placed(undo.record, undoOffset);
  const entries = [{ offset: 0, length: start }, ...added.pieces, localHeader(undo.record), undo.data];
  const end = endRecordBytes({
    count: directory.starts.length + files.length + 1,
    directoryOffset: totalLength(entries),
    directoryLength: records.length + undoRecord.length,
    comment,
  });
  const pieces = [...entries, records, undoRecord, end];
  const length = totalLength(pieces);
  if (length <= longest) return pieces;
  return zipProblem("too-long", `The zip would have ${length} bytes; at most ${longest} were expected.`);
}

/** The directory in parts, without the records of what is moved. */
function without({ bytes }: Directory, moved: readonly MovedFile[]): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  const gone = moved.map(({ entry }) => entry.record).toSorted((a, b) => a.byteOffset - b.byteOffset);
  for (const record of gone) {
    const at = record.byteOffset - bytes.byteOffset;
    parts.push(bytes.subarray(from, at));
    from = at + record.length;
  }
  return [...parts, bytes.subarray(from)];
}

/** Places the entries one after the other from `start` on. */
function place(start: number, moved: readonly MovedFile[], packed: readonly PackedFile[]) {
  const pieces: Piece[] = [];
  const records: Buffer[] = [];
  let offset = start;
  const add = (record: Buffer, data: Piece) => {
    const header = localHeader(record);
    pieces.push(header, data);
    records.push(placed(record, offset));
    offset += header.length + data.length;
  };
  for (const { entry, to, contentOffset: from } of moved) {
    add(renamed(entry, to), { offset: from, length: entry.compressedLength });
  }
  for (const { record, data } of packed) add(record, data);
  return { pieces, records };
}
