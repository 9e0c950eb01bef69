import { contentOffset, type DirectoryEntry } from "./directory.ts";
import type { ZipBytes } from "./zip-bytes.ts";
import type { ZipProblem } from "./zip-problem.ts";

/** Where an entry is. */
export interface Place {
  readonly entry: DirectoryEntry;
  /** Of its content. */
  readonly offset: number;
  /** Where the next entry starts, or the directory: a descriptor and a gap before that belong to the entry. */
  readonly end: number;
}

/** In the order of the file. Entries that lie in one another are refused: what is removed would be a part of one that stays. */
export function placesOf(
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
    places.push({ entry, offset, end: next });
  }
  return places;
}
