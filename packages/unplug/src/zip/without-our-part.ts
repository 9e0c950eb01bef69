import { type DirectoryEntry, entriesOf, readDirectory } from "./directory.ts";
import { endRecordBytes } from "./end-record.ts";
import { localHeader, placed, withContent } from "./new-record.ts";
import { isOurs, type OurNames, pathOf } from "./our-names.ts";
import { inOne, type Piece, totalLength } from "./pieces.ts";
import { type Place, placesOf } from "./places.ts";
import type { Replacement } from "./replacement.ts";
import { type ZipBytes, zipInMemory } from "./zip-bytes.ts";
import type { ZipProblem } from "./zip-problem.ts";

/**
 * The zip without what is ours, for when somebody has packed it anew or changed it since (`takeOut` gives the original where
 * nobody has): every other entry keeps its bytes, its place in the order and its record, of which only the offset changes. What
 * ours has replaced gets its content again. Null when nothing of ours is in it.
 */
export async function withoutOurPart(
  bytes: Uint8Array,
  ours: Leaving,
): Promise<{ readonly zip: Buffer | null } | { readonly problem: ZipProblem }> {
  const zip = zipInMemory(bytes);
  const left = leaveOut(zip, ours);
  if (left === null) return { zip: null };
  return "problem" in left ? left : { zip: inOne(zip, left) };
}

/** What is ours, and what of theirs has a content of ours. */
export interface Leaving extends OurNames {
  /** By their names, with the contents that they had. */
  readonly replaced?: readonly Replacement[];
}

function leaveOut(zip: ZipBytes, ours: Leaving): readonly Piece[] | null | { readonly problem: ZipProblem } {
  const directory = readDirectory(zip);
  if ("problem" in directory) return directory;
  const entries = entriesOf(directory);
  const removed = new Set(entries.filter(isOurs(ours)));
  const replaced = new Map<DirectoryEntry, Uint8Array>();
  for (const { name, content } of ours.replaced ?? []) {
    for (const entry of entries) if (pathOf(entry.name) === name) replaced.set(entry, content);
  }
  if (removed.size === 0 && replaced.size === 0) return null;
  const places = placesOf(zip, entries, directory.end.directoryOffset);
  if ("problem" in places) return places;
  const { pieces, records } = layOut(places, removed, replaced);
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

function layOut(
  places: readonly Place[],
  removed: ReadonlySet<DirectoryEntry>,
  replaced: ReadonlyMap<DirectoryEntry, Uint8Array>,
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
  for (const { entry, end } of places) {
    if (removed.has(entry)) continue;
    const content = replaced.get(entry);
    if (content === undefined) {
      records.set(entry, placed(entry.record, offset));
      keep(entry.localOffset, end);
      continue;
    }
    const { record, data } = withContent(entry, content);
    const header = localHeader(record);
    records.set(entry, placed(record, offset));
    pieces.push(header, data);
    offset += header.length + data.length;
  }
  return { pieces, records };
}
