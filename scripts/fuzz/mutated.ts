import { type Random, randomOf } from "./random.ts";

/** Where lengths and counts go wrong. */
const numbers = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff] as const;
const bytes = [
  0, 1, 9, 0x0a, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x3a, 0x5b, 0x7b, 0x7f, 0x80, 0xff,
] as const;
/** What texts of many kinds trip over. */
const words = [
  "__proto__",
  "constructor",
  "toString",
  "-1",
  "0",
  "1e999",
  "NaN",
  "99999999999999999999",
  "9007199254740993",
  "null",
  "{}",
  "[]",
  '""',
  "\0",
  "\r\n",
  "\ufeff",
  "\ud83d\ude00",
  "../",
  "%",
  "*",
  "${x}",
  "\\u0000",
] as const;
/** The longest that a repetition makes of an input: quadratic time shows there. */
const USUAL_BYTES = 1_048_576;

/** The input that a seed means: one of the samples with some of it changed. The same seed and samples give the same. */
export function mutated(
  samples: readonly Uint8Array[],
  seed: string,
  {
    words: more = [],
    mostBytes = USUAL_BYTES,
  }: { readonly words?: readonly string[]; readonly mostBytes?: number } = {},
): Buffer {
  const random = randomOf(seed);
  const at = () => Buffer.from(samples[random.below(samples.length)] ?? []);
  let input: Buffer = at();
  for (let left = 1 + random.below(random.once(4) ? 16 : 4); left > 0; left -= 1) {
    const how = random.below(100);
    input = how < 3 ? spliced(input, at(), random) : changed(input, random, more);
  }
  return (random.once(60) ? grown(input, random, mostBytes) : input).subarray(0, mostBytes);
}

function changed(input: Buffer, random: Random, more: readonly string[]): Buffer {
  const at = random.below(input.length + 1);
  const length = random.below(Math.min(input.length - at, random.once(4) ? 4096 : 16) + 1);
  const [before, piece, after] = [
    input.subarray(0, at),
    input.subarray(at, at + length),
    input.subarray(at + length),
  ];
  const put = (...parts: readonly Uint8Array[]) => Buffer.concat([before, ...parts, after]);
  switch (random.below(10)) {
    case 0:
      return put(); // without it
    case 1:
      return put(piece, piece);
    case 2:
      return put(...Array.from({ length: 2 + random.below(40) }, () => piece));
    case 3:
      return Buffer.from(before); // cut off
    case 4:
    case 5:
      return put(piece, Buffer.from(random.pick([...words, ...more])));
    case 6:
      return withNumber(input, random);
    case 7:
      return overwritten(input, at, random);
    default:
      return withByte(input, at, random);
  }
}

function withByte(input: Buffer, at: number, random: Random): Buffer {
  const copy = Buffer.from(input);
  if (at < copy.length)
    copy[at] = random.once(2) ? random.pick(bytes) : (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

/** A binary number of two, four or eight bytes. */
function overwritten(input: Buffer, at: number, random: Random): Buffer {
  const copy = Buffer.from(input);
  const width = random.pick([2, 4, 8]);
  if (at + width > copy.length) return copy;
  const value = random.once(4) ? input.length - random.below(3) : random.pick(numbers);
  const big = BigInt(random.once(8) ? -1 - value : value);
  const field = Buffer.alloc(8);
  if (random.once(4)) field.writeBigUInt64BE(BigInt.asUintN(64, big));
  else field.writeBigUInt64LE(BigInt.asUintN(64, big));
  (random.once(4) ? field.subarray(8 - width) : field.subarray(0, width)).copy(copy, at);
  return copy;
}

/** Another number in place of one that is written in digits. */
function withNumber(input: Buffer, random: Random): Buffer {
  const text = input.toString("latin1", 0, 65_536);
  const found = [...text.matchAll(/\d+/g)];
  const one = found[random.below(found.length)];
  if (one === undefined) return input;
  const other = random.pick(["0", "-1", "1", "4294967296", "9".repeat(30), "1e308", "0x10", "00", "1.5"]);
  return Buffer.concat([
    input.subarray(0, one.index),
    Buffer.from(other),
    input.subarray(one.index + one[0].length),
  ]);
}

function spliced(input: Buffer, other: Buffer, random: Random): Buffer {
  return Buffer.concat([
    input.subarray(0, random.below(input.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

/** A short piece so often that it is long. */
function grown(input: Buffer, random: Random, mostBytes: number): Buffer {
  const at = random.below(input.length + 1);
  const piece = input.subarray(at, at + 1 + random.below(random.once(2) ? 8 : 200));
  if (piece.length === 0) return input;
  const room = Math.max(0, (random.once(2) ? mostBytes : 65_536) - input.length);
  const times = Math.floor(room / piece.length);
  const many = Buffer.alloc(times * piece.length, piece);
  return Buffer.concat([input.subarray(0, at), many, input.subarray(random.once(3) ? input.length : at)]);
}
