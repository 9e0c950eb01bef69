import { contentOffset, type DirectoryEntry, entriesOf, quoted, readDirectory } from "./directory.ts";
import { endRecordBytes } from "./end-record.ts";
import { localHeader, placed, renamed } from "./new-record.ts";
import { isOurs, type OurNames, pathOf } from "./our-names.ts";
import { inOne, type Piece, totalLength, writeZip } from "./pieces.ts";
import { openZip, type ZipBytes, zipInMemory } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/**
 * The zip without what is ours, for when somebody has packed it anew or changed it since (`takeOut` gives the original where
 * nobody has): every other entry keeps its bytes, its place in the order and its record, of which only the offset changes. What
 * was moved for ours goes back to its name. Null when nothing of ours is in it.
 */
export async function withoutOurPart(
  bytes: Uint8Array,
  ours: OurNames,
): Promise<{ readonly zip: Buffer | null } | { readonly problem: ZipProblem }> {
  const zip = zipInMemory(bytes);
  const left = leaveOut(zip, ours);
  if (left === null) return { zip: null };
  return "problem" in left ? left : { zip: inOne(zip, left) };
}

export interface FileLeaving extends OurNames {
  readonly from: string;
  /** Must not be there yet; is not made when nothing of ours is in the zip. */
  readonly to: string;
}

/** As `withoutOurPart`, from file to file; `length` is that of the new file, null when none was made. */
export async function withoutOurPartOfFile({
  from,
  to,
  ...ours
}: FileLeaving): Promise<{ readonly length: number | null } | { readonly problem: ZipProblem }> {
  using zip = openZip(from);
  const left = leaveOut(zip, ours);
  if (left === null) return { length: null };
  if ("problem" in left) return left;
  await writeZip(zip, to, async () => left);
  return { length: totalLength(left) };
}

function leaveOut(zip: ZipBytes, ours: OurNames): readonly Piece[] | null | { readonly problem: ZipProblem } {
  const directory = readDirectory(zip);
  if ("problem" in directory) return directory;
  const entries = entriesOf(directory);
  const removed = new Set(entries.filter(isOurs(ours)));
  if (removed.size === 0) return null;
  const back = movesBack(entries, ours, removed);
  if ("problem" in back) return back;
  for (const entry of back.keys()) removed.delete(entry);
  const places = placesOf(zip, entries, directory.end.directoryOffset);
  if ("problem" in places) return places;
  const { pieces, records } = layOut(places, removed, back);
  const kept = entries.map((entry) => records.get(entry)).filter((record) => record !== undefined);
  const all = Buffer.concat(kept);
  const end = endRecordBytes({
    count: kept.length,
    directoryOffset: totalLength(pieces),
    directoryLength: all.length,
    comment: directory.end.comment,
  });
  return [...pieces, all, end];
}

/** By entry: the name that it gets again. */
function movesBack(
  entries: readonly DirectoryEntry[],
  { moves = [] }: OurNames,
  removed: ReadonlySet<DirectoryEntry>,
): ReadonlyMap<DirectoryEntry, string> | { readonly problem: ZipProblem } {
  const back = new Map<DirectoryEntry, string>();
  for (const { from, to } of moves) {
    const [entry, ...more] = entries.filter(({ name }) => pathOf(name) === to);
    if (entry === undefined || more.length > 0) {
      return zipProblem(
        "changed",
        `${quoted(from)} cannot go back: it was expected in the zip as ${quoted(to)}, once, and ${more.length + (entry === undefined ? 0 : 1)} entries have that name.`,
      );
    }
    if (entries.some((other) => pathOf(other.name) === from && !removed.has(other))) {
      return zipProblem(
        "name-taken",
        `${quoted(from)} cannot go back from ${quoted(to)}: the zip has another one; that name was expected to be free, or ours.`,
      );
    }
    back.set(entry, from);
  }
  return back;
}

interface Place {
  readonly entry: DirectoryEntry;
  readonly contentOffset: number;
  /** Where the next entry starts, or the directory: a descriptor and a gap before that belong to the entry. */
  readonly end: number;
}

/** In the order of the file. Entries that lie in one another are refused: what is removed would be a part of one that stays. */
function placesOf(
  zip: ZipBytes,
  entries: readonly DirectoryEntry[],
  directoryOffset: number,
): readonly Place[] | { readonly problem: ZipProblem } {
  const inOrder = entries.toSorted((a, b) => a.localOffset - b.localOffset);
  const places: Place[] = [];
  for (const [at, entry] of inOrder.entries()) {
    const next = inOrder[at + 1]?.localOffset ?? directoryOffset;
    const offset = contentOffset(zip, entry, next);
    if (typeof offset !== "number") return offset;
    places.push({ entry, contentOffset: offset, end: next });
  }
  return places;
}

function layOut(
  places: readonly Place[],
  removed: ReadonlySet<DirectoryEntry>,
  back: ReadonlyMap<DirectoryEntry, string>,
) {
  const pieces: Piece[] = [];
  const records = new Map<DirectoryEntry, Buffer>();
  let offset = 0;
  const keep = (from: number, to: number) => {
    const last = pieces.at(-1);
    const isNext = last !== undefined && !(last instanceof Uint8Array) && last.offset + last.length === from;
    if (isNext) pieces[pieces.length - 1] = { offset: last.offset, length: last.length + to - from };
    else pieces.push({ offset: from, length: to - from });
    offset += to - from;
  };
  keep(0, places[0]?.entry.localOffset ?? 0);
  for (const { entry, contentOffset: content, end } of places) {
    if (removed.has(entry)) continue;
    const name = back.get(entry);
    const record = name === undefined ? entry.record : renamed(entry, name);
    records.set(entry, placed(record, offset));
    if (name === undefined) {
      keep(entry.localOffset, end);
    } else {
      const header = localHeader(record);
      pieces.push(header);
      offset += header.length;
      keep(content, content + entry.compressedLength);
    }
  }
  return { pieces, records };
}
