import { type Directory, readDirectory } from "./directory.ts";
import { endRecordBytes } from "./end-record.ts";
import { localHeader, type NewFile, type PackedFile, packFile, placed } from "./new-record.ts";
import { nameProblem, undoNameOf } from "./our-names.ts";
import { hashOf, inOne, type Piece, totalLength, writeZip } from "./pieces.ts";
import { type Replaced, type Replacement, replaceIn } from "./replacement.ts";
import { splicedPieces, takenBack, writeSplices } from "./splice.ts";
import { LONGEST_UNDO, undoComment } from "./undo.ts";
import { openZip, readBytes, type ZipBytes, zipInMemory } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** What is added to a zip. */
export interface Addition {
  /** A folder that the zip does not have, such as ".unplug/"; the undo goes there, as `undo`. */
  readonly folder: string;
  /** In the order in which they are added; the zip has no such names. */
  readonly files: readonly NewFile[];
  /** A file of the zip that gets another content, in its place. */
  readonly replaced?: Replacement;
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

/** As `appendToZip`, from file to file, with no more in memory than the directory and a file that is replaced; `length` is that of the new file. */
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
  const checked = await check(zip, addition);
  return "problem" in checked ? checked : await layOut(zip, addition, { ...checked, sha256 });
}

interface Checked {
  readonly directory: Directory;
  readonly changed: Replaced;
}

async function check(
  zip: ZipBytes,
  { folder, files, replaced }: Addition,
): Promise<Checked | { readonly problem: ZipProblem }> {
  const directory = readDirectory(zip);
  if ("problem" in directory) return directory;
  const problem = nameProblem(
    directory,
    folder,
    files.map(({ name }) => name),
  );
  if (problem !== null) return problem;
  const count = directory.starts.length + files.length + 1;
  if (count > mostEntries) {
    return zipProblem(
      "too-many-entries",
      `The zip would have ${count} entries; at most ${mostEntries} were expected.`,
    );
  }
  const none = { splices: [], records: directory.bytes };
  const changed = replaced === undefined ? none : await replaceIn(zip, directory, replaced);
  return "problem" in changed ? changed : { directory, changed };
}

async function layOut(
  zip: ZipBytes,
  { folder, files }: Addition,
  { directory, changed, sha256 }: Checked & { readonly sha256: string | null },
): Promise<readonly Piece[] | { readonly problem: ZipProblem }> {
  const headLength = directory.end.directoryOffset;
  const { comment } = directory.end;
  const { splices } = changed;
  const tail = readBytes(zip, headLength, zip.length - headLength);
  const hash = sha256 ?? (await hashOf(zip, [{ offset: 0, length: zip.length }]));
  const head = splicedPieces(headLength, splices);
  const start = totalLength(head);
  const added = place(
    start,
    files.map((file) => packFile(file)),
  );
  const records = Buffer.concat([changed.records, ...added.records]);
  const seal = await hashOf(zip, [...splices.map(({ bytes }) => bytes), ...added.pieces, records, comment]);
  const hasSplices = splices.length > 0;
  const back = takenBack(splices, (offset, length) => readBytes(zip, offset, length));
  const content = hasSplices ? Buffer.concat([writeSplices(back), tail]) : tail;
  const undo = packFile(
    { name: undoNameOf(folder), content, mode: 0o644 },
    undoComment({ length: zip.length, sha256: hash, seal, hasSplices }),
  );
  const undoOffset = start + totalLength(added.pieces);
  const undoRecord = placed(undo.record, undoOffset);
  const entries = [...head, ...added.pieces, localHeader(undo.record), undo.data];
  const end = endRecordBytes({
    count: directory.starts.length + files.length + 1,
    directoryOffset: totalLength(entries),
    directoryLength: records.length + undoRecord.length,
    comment,
  });
  const pieces = [...entries, records, undoRecord, end];
  const length = totalLength(pieces);
  if (content.length > LONGEST_UNDO) {
    return zipProblem(
      "too-long",
      `What would have to be kept of the zip as it is takes ${content.length} bytes; at most ${LONGEST_UNDO} were expected.`,
    );
  }
  if (length <= longest) return pieces;
  return zipProblem("too-long", `The zip would have ${length} bytes; at most ${longest} were expected.`);
}

/** Places the entries one after the other from `start` on. */
function place(start: number, packed: readonly PackedFile[]) {
  const pieces: Piece[] = [];
  const records: Buffer[] = [];
  let offset = start;
  for (const { record, data } of packed) {
    const header = localHeader(record);
    pieces.push(header, data);
    records.push(placed(record, offset));
    offset += header.length + data.length;
  }
  return { pieces, records };
}
