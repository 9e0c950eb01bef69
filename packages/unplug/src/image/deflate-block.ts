import type { BitWriter } from "./bit-writer.ts";
import { type Code, codeFor } from "./huffman.ts";

/** A byte as it is, or a copy of what came before: its length from 3 to 258 and its distance from 1 to 32,768. */
export interface Tokens {
  readonly count: number;
  /** A byte, or a length. */
  readonly values: Uint16Array;
  /** 0 for a byte. */
  readonly distances: Uint16Array;
}

const END = 256;
const LONGEST_CODE = 15;
/** The order in which the lengths of the lengths' codes are written. Source: RFC 1951, section 3.2.7. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** What is sent for a length or a distance: a symbol, and bits that tell which of those that share it is meant. */
interface Coded {
  readonly symbol: number;
  readonly extra: number;
  readonly extraBits: number;
}

/** Source: RFC 1951, section 3.2.5. */
const lengths = tableOf(3, 258, { first: 257, perStep: 4 }).with(258, {
  symbol: 285,
  extra: 0,
  extraBits: 0,
});
const distances = tableOf(1, 32_768, { first: 0, perStep: 2 });

/** Symbols for `from` to `to`: the first `2 * perStep` stand for one each, then `perStep` for two each, then for four … */
function tableOf(
  from: number,
  to: number,
  { first, perStep }: { readonly first: number; readonly perStep: number },
): Coded[] {
  const table: Coded[] = [];
  for (let value = from, index = 0; value <= to; index += 1) {
    const extraBits = Math.max(0, Math.floor(index / perStep) - 1);
    for (let extra = 0; extra < 2 ** extraBits && value <= to; extra += 1, value += 1) {
      table[value] = { symbol: first + index, extra, extraBits };
    }
  }
  return table;
}

const NONE: Coded = { symbol: 0, extra: 0, extraBits: 0 };

/** One block with codes of its own. */
export function writeBlock(out: BitWriter, tokens: Tokens, isLast: boolean): void {
  const { literals, copies } = codesFor(tokens);
  out.write(isLast ? 1 : 0, 1);
  out.write(2, 2);
  writeCodes(out, literals, copies);
  for (let i = 0; i < tokens.count; i += 1) {
    const value = tokens.values[i] ?? 0;
    const distance = tokens.distances[i] ?? 0;
    if (distance === 0) {
      writeSymbol(out, literals, value);
      continue;
    }
    const length = lengths[value] ?? NONE;
    writeSymbol(out, literals, length.symbol);
    out.write(length.extra, length.extraBits);
    const copied = distances[distance] ?? NONE;
    writeSymbol(out, copies, copied.symbol);
    out.write(copied.extra, copied.extraBits);
  }
  writeSymbol(out, literals, END);
}

function writeSymbol(out: BitWriter, { bits, lengths: widths }: Code, symbol: number): void {
  out.write(bits[symbol] ?? 0, widths[symbol] ?? 0);
}

function codesFor({ count, values, distances: back }: Tokens): {
  readonly literals: Code;
  readonly copies: Code;
} {
  const literals = new Uint32Array(286);
  const copies = new Uint32Array(30);
  for (let i = 0; i < count; i += 1) {
    const value = values[i] ?? 0;
    const distance = back[i] ?? 0;
    const symbol = distance === 0 ? value : (lengths[value] ?? NONE).symbol;
    literals[symbol] = (literals[symbol] ?? 0) + 1;
    if (distance === 0) continue;
    const copied = (distances[distance] ?? NONE).symbol;
    copies[copied] = (copies[copied] ?? 0) + 1;
  }
  literals[END] = 1;
  return { literals: codeFor(literals, LONGEST_CODE), copies: codeFor(copies, LONGEST_CODE) };
}

/** The codes by their lengths, which have a code themselves. Source: RFC 1951, section 3.2.7. */
function writeCodes(out: BitWriter, literals: Code, copies: Code): void {
  const literalCount = Math.max(257, lastUsed(literals) + 1);
  const copyCount = Math.max(1, lastUsed(copies) + 1);
  const all = [...literals.lengths.slice(0, literalCount), ...copies.lengths.slice(0, copyCount)];
  const runs = runsOf(all);
  const counts = new Uint32Array(19);
  for (const { symbol } of runs) counts[symbol] = (counts[symbol] ?? 0) + 1;
  const code = codeFor(counts, 7);
  const order = ORDER.slice(0, Math.max(4, ORDER.findLastIndex((symbol) => code.lengths[symbol] !== 0) + 1));
  out.write(literalCount - 257, 5);
  out.write(copyCount - 1, 5);
  out.write(order.length - 4, 4);
  for (const symbol of order) out.write(code.lengths[symbol] ?? 0, 3);
  for (const { symbol, extra, extraBits } of runs) {
    writeSymbol(out, code, symbol);
    out.write(extra, extraBits);
  }
}

function lastUsed({ lengths: widths }: Code): number {
  return widths.findLastIndex((width) => width > 0);
}

/** A length that is repeated is sent once: 16 repeats the one before, 17 and 18 repeat zero. */
function runsOf(all: readonly number[]): readonly Coded[] {
  const runs: Coded[] = [];
  for (let at = 0; at < all.length; ) {
    const symbol = all[at] ?? 0;
    let count = 1;
    while (all[at + count] === symbol) count += 1;
    at += count;
    if (symbol !== 0) {
      runs.push({ symbol, extra: 0, extraBits: 0 });
      count -= 1;
    }
    for (; count >= 3; count -= lastOf(runs, symbol, count));
    for (; count > 0; count -= 1) runs.push({ symbol, extra: 0, extraBits: 0 });
  }
  return runs;
}

/** Adds the longest repetition that `count` has room for, and says how long that is. */
function lastOf(runs: Coded[], symbol: number, count: number): number {
  const [repeat, least, most, extraBits] =
    symbol !== 0 ? [16, 3, 6, 2] : count < 11 ? [17, 3, 10, 3] : [18, 11, 138, 7];
  const length = Math.min(count, most);
  runs.push({ symbol: repeat, extra: length - least, extraBits });
  return length;
}
