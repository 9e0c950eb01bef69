import type { Piece } from "./pieces.ts";

/** Bytes in the place of others. */
export interface Splice {
  /** Where the others are. */
  readonly at: number;
  readonly cut: number;
  readonly bytes: Uint8Array;
}

/** Ascending, and none overlaps another. */
export type Splices = readonly Splice[];

export function spliced(bytes: Uint8Array, splices: Splices): Buffer {
  const pieces = splicedPieces(bytes.length, splices);
  return Buffer.concat(
    pieces.map((piece) =>
      piece instanceof Uint8Array ? piece : bytes.subarray(piece.offset, piece.offset + piece.length),
    ),
  );
}

/** The first `length` bytes of a zip with the splices in them. */
export function splicedPieces(length: number, splices: Splices): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { at, cut, bytes } of splices) {
    pieces.push({ offset: from, length: at - from }, bytes);
    from = at + cut;
  }
  return [...pieces, { offset: from, length: length - from }];
}

/** By how much they make longer. */
export function lengthened(splices: Splices): number {
  return splices.reduce((sum, { cut, bytes }) => sum + bytes.length - cut, 0);
}

/** What takes them back from what came of them; `original` gives the bytes that they cut. */
export function takenBack(
  splices: Splices,
  original: (offset: number, length: number) => Uint8Array,
): Splices {
  let by = 0;
  return splices.map(({ at, cut, bytes }) => {
    const back = { at: at + by, cut: bytes.length, bytes: original(at, cut) };
    by += bytes.length - cut;
    return back;
  });
}

const headBytes = 12;

/** How many they are; and of each where, how much is cut, how much comes, and what comes. */
export function writeSplices(splices: Splices): Buffer {
  const parts = splices.flatMap(({ at, cut, bytes }) => [words(at, cut, bytes.length), bytes]);
  return Buffer.concat([words(splices.length), ...parts]);
}

/** And what stands behind them; null where they are broken, or reach beyond `length`. */
export function readSplices(
  bytes: Buffer,
  length: number,
): { readonly splices: Splices; readonly rest: Buffer } | null {
  if (bytes.length < 4) return null;
  const splices: Splice[] = [];
  let [place, from] = [4, 0];
  for (let left = bytes.readUInt32LE(0); left > 0; left--) {
    if (place + headBytes > bytes.length) return null;
    const [at = 0, cut = 0, count = 0] = [0, 4, 8].map((field) => bytes.readUInt32LE(place + field));
    const end = place + headBytes + count;
    if (at < from || at + cut > length || end > bytes.length) return null;
    splices.push({ at, cut, bytes: bytes.subarray(place + headBytes, end) });
    from = at + cut;
    place = end;
  }
  return { splices, rest: bytes.subarray(place) };
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}
