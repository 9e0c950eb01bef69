/** A Huffman code: for each symbol its bits, the first of them lowest, and how many; 0 for one that does not occur. */
export interface Code {
  readonly bits: readonly number[];
  readonly lengths: readonly number[];
}

/** One row of the method: symbols and pairs of the row before, the lightest first. */
interface Row {
  readonly weights: Float64Array;
  /** 1 for a symbol, 0 for a pair. */
  readonly isSymbol: Uint8Array;
}

/** The best code in which no symbol takes more than `most` bits. Source: Larmore and Hirschberg, package-merge. */
export function codeFor(counts: ArrayLike<number>, most: number): Code {
  // A stable order makes the same code everywhere.
  const symbols = Array.from(counts, (weight, symbol) => ({ weight, symbol }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.weight - b.weight);
  const weights = Float64Array.from(symbols, ({ weight }) => weight);
  const rows: Row[] = [{ weights, isSymbol: new Uint8Array(weights.length).fill(1) }];
  while (rows.length < most) rows.push(rowAfter(rows.at(-1)?.weights ?? weights, weights));
  const lengths = Array.from(counts, () => 0);
  let taken = symbols.length === 1 ? 1 : 2 * symbols.length - 2;
  for (const { isSymbol } of symbols.length === 1 ? rows.slice(0, 1) : rows.toReversed()) {
    let count = 0;
    for (let i = 0; i < taken; i += 1) count += isSymbol[i] ?? 0;
    for (const { symbol } of symbols.slice(0, count)) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
    // Each pair stands for two of the row before it, the lightest ones.
    taken = 2 * (taken - count);
  }
  return { lengths, bits: bitsOf(lengths) };
}

/** Symbols and the pairs of `before`, both in order: of equal ones the symbol comes first. */
function rowAfter(before: Float64Array, symbols: Float64Array): Row {
  const pairs = before.length >> 1;
  const weights = new Float64Array(symbols.length + pairs);
  const isSymbol = new Uint8Array(weights.length);
  for (let i = 0, symbol = 0, pair = 0; i < weights.length; i += 1) {
    const paired = (before[2 * pair] ?? 0) + (before[2 * pair + 1] ?? 0);
    const own = symbols[symbol] ?? Number.POSITIVE_INFINITY;
    const isNext = pair >= pairs || own <= paired;
    weights[i] = isNext ? own : paired;
    isSymbol[i] = isNext ? 1 : 0;
    if (isNext) symbol += 1;
    else pair += 1;
  }
  return { weights, isSymbol };
}

/** Shorter codes come first, and of one length those of the lower symbols. Source: RFC 1951, section 3.2.2. */
function bitsOf(lengths: readonly number[]): readonly number[] {
  const longest = Math.max(0, ...lengths);
  const bits = lengths.map(() => 0);
  let next = 0;
  for (let length = 1; length <= longest; length += 1) {
    next *= 2;
    lengths.forEach((own, symbol) => {
      if (own !== length) return;
      bits[symbol] = reversed(next, length);
      next += 1;
    });
  }
  return bits;
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i += 1) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}
