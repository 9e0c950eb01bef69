/** A Huffman code: for each symbol its bits, the first of them lowest, and how many; 0 for one that does not occur. */
export interface Code {
  readonly bits: readonly number[];
  readonly lengths: readonly number[];
}

interface Package {
  readonly weight: number;
  readonly symbols: readonly number[];
}

/** The best code in which no symbol takes more than `most` bits. Source: Larmore and Hirschberg, package-merge. */
export function codeFor(counts: ArrayLike<number>, most: number): Code {
  const single: Package[] = Array.from(counts, (weight, symbol) => ({ weight, symbols: [symbol] }))
    .filter(({ weight }) => weight > 0)
    .sort(byWeight);
  let all: readonly Package[] = single;
  for (let level = 1; level < most; level += 1) {
    const pairs = Array.from({ length: all.length >> 1 }, (_, i) => joined(all[2 * i], all[2 * i + 1]));
    // A stable order makes the same code everywhere.
    all = [...single, ...pairs].sort(byWeight);
  }
  const lengths = Array.from(counts, () => 0);
  const taken = single.length === 1 ? single : all.slice(0, 2 * single.length - 2);
  for (const { symbols } of taken) for (const symbol of symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
  return { lengths, bits: bitsOf(lengths) };
}

function byWeight(a: Package, b: Package): number {
  return a.weight - b.weight;
}

function joined(a: Package | undefined, b: Package | undefined): Package {
  return {
    weight: (a?.weight ?? 0) + (b?.weight ?? 0),
    symbols: [...(a?.symbols ?? []), ...(b?.symbols ?? [])],
  };
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
