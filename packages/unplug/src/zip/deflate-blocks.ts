/** A block of a deflated stream: where it stands in bits, and what it makes. Source: RFC 1951. */
export interface DeflateBlock {
  readonly startBit: number;
  readonly endBit: number;
  readonly start: number;
  readonly end: number;
  /** It repeats bytes of one of the ranges that were asked about. */
  readonly repeats: boolean;
}

/** Of what is made. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** So far back a stream may repeat. */
export const WINDOW_BYTES = 32_768;

/** Behind the end there are zeros; a whole stream never needs them. */
class Bits {
  at = 0;
  private readonly bytes: Uint8Array;
  private readonly end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length * 8;
  }

  /** The next 24 bits, at least. */
  peek(): number {
    const [bytes, i] = [this.bytes, this.at >>> 3];
    const word =
      (bytes[i] ?? 0) |
      ((bytes[i + 1] ?? 0) << 8) |
      ((bytes[i + 2] ?? 0) << 16) |
      ((bytes[i + 3] ?? 0) << 24);
    return word >>> (this.at & 7);
  }

  take(count: number): number {
    const value = this.peek() & ((1 << count) - 1);
    this.at += count;
    return value;
  }

  get isPastEnd(): boolean {
    return this.at > this.end;
  }
}

/** By the next bits: the symbol, and in the lowest four bits how many of them it takes; 0 is none. */
interface Table {
  readonly entries: Uint16Array;
  readonly mask: number;
}

/** No packer makes so many of what may be as long as a function: a million of a program of 250 MB. */
const MOST_BLOCKS = 1_000_000;

/** The blocks of a stream; null where it is broken, or has too many. `ranges` ascend. */
export function deflateBlocks(
  stream: Uint8Array,
  ranges: readonly ByteRange[],
): readonly DeflateBlock[] | null {
  const bits = new Bits(stream);
  const blocks: DeflateBlock[] = [];
  let start = 0;
  for (let isLast = false; !isLast; ) {
    const startBit = bits.at;
    isLast = bits.take(1) === 1;
    const near = ranges.filter(({ end }) => end + WINDOW_BYTES > start);
    const read = readBlock(bits, start, near);
    if (read === null || bits.isPastEnd || blocks.length === MOST_BLOCKS) return null;
    blocks.push({ startBit, endBit: bits.at, start, end: read.end, repeats: read.repeats });
    start = read.end;
  }
  return blocks;
}

type Read = Pick<DeflateBlock, "end" | "repeats"> | null;

function readBlock(bits: Bits, start: number, ranges: readonly ByteRange[]): Read {
  const kind = bits.take(2);
  if (kind === 0) {
    bits.at = Math.ceil(bits.at / 8) * 8;
    const length = bits.take(16);
    if ((bits.take(16) ^ length) !== 0xffff) return null;
    bits.at += length * 8;
    return { end: start + length, repeats: false };
  }
  const tables = kind === 1 ? fixedTables : kind === 2 ? readTables(bits) : null;
  return tables === null ? null : readTokens(bits, start, { ...tables, ranges });
}

const END_OF_BLOCK = 256;

function readTokens(
  bits: Bits,
  start: number,
  { symbols, distances, ranges }: Tables & { readonly ranges: readonly ByteRange[] },
): Read {
  let [end, repeats] = [start, false];
  for (;;) {
    const entry = symbols.entries[bits.peek() & symbols.mask] ?? 0;
    const symbol = entry >>> 4;
    bits.at += entry & 15;
    if (symbol === END_OF_BLOCK && entry !== 0) return { end, repeats };
    if (symbol < END_OF_BLOCK && entry !== 0) {
      // What comes behind the end could be read as literals for ever.
      if (bits.isPastEnd) return null;
      end++;
      continue;
    }
    const length = lengthOf(symbol - 257, bits);
    const far = distances.entries[bits.peek() & distances.mask] ?? 0;
    bits.at += far & 15;
    const distance = distanceOf(far >>> 4, bits);
    if (entry === 0 || far === 0 || length === 0 || distance === 0 || distance > end || bits.isPastEnd) {
      return null;
    }
    const from = end - distance;
    const to = from + Math.min(length, distance);
    for (const range of ranges) repeats ||= from < range.end && range.start < to;
    end += length;
  }
}

/** 0 for a code that means none. */
function lengthOf(code: number, bits: Bits): number {
  if (code < 8) return code + 3;
  if (code >= 28) return code === 28 ? 258 : 0;
  const extra = (code >> 2) - 1;
  return 3 + ((4 + (code & 3)) << extra) + bits.take(extra);
}

/** 0 for a code that means none. */
function distanceOf(code: number, bits: Bits): number {
  if (code < 4) return code + 1;
  if (code > 29) return 0;
  const extra = (code >> 1) - 1;
  return 1 + ((2 + (code & 1)) << extra) + bits.take(extra);
}

interface Tables {
  readonly symbols: Table;
  readonly distances: Table;
}

const orderOfLengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function readTables(bits: Bits): Tables | null {
  const [symbols, distances, written] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const lengths = fill(19, 0);
  for (const place of orderOfLengths.slice(0, written)) lengths[place] = bits.take(3);
  const table = tableOf(lengths);
  const all: number[] = [];
  while (all.length < symbols + distances) {
    const entry = table.entries[bits.peek() & table.mask] ?? 0;
    bits.at += entry & 15;
    if (entry === 0 || bits.isPastEnd) return null;
    const code = entry >>> 4;
    if (code < 16) all.push(code);
    else if (code === 16) all.push(...fill(bits.take(2) + 3, all.at(-1) ?? 0));
    else all.push(...fill(code === 17 ? bits.take(3) + 3 : bits.take(7) + 11, 0));
  }
  return { symbols: tableOf(all.slice(0, symbols)), distances: tableOf(all.slice(symbols)) };
}

function fill(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}

/** Codes are as long as said and ascend; the first bit that is read is their highest. */
function tableOf(lengths: readonly number[]): Table {
  const longest = Math.max(...lengths, 1);
  const entries = new Uint16Array(1 << longest);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    for (const [symbol, of] of lengths.entries()) {
      if (of !== length) continue;
      for (let at = reversed(code, length); at < entries.length; at += 1 << length) {
        entries[at] = (symbol << 4) | length;
      }
      code++;
    }
    code <<= 1;
  }
  return { entries, mask: entries.length - 1 };
}

function reversed(code: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value |= ((code >> i) & 1) << (length - 1 - i);
  return value;
}

const fixedTables: Tables = {
  symbols: tableOf([...fill(144, 8), ...fill(112, 9), ...fill(24, 7), ...fill(8, 8)]),
  distances: tableOf(fill(30, 5)),
};
