import { constants, deflateRawSync } from "node:zlib";
import { type ByteRange, type DeflateBlock, deflateBlocks, WINDOW_BYTES } from "./deflate-blocks.ts";
import { inflated } from "./read-content.ts";
import { type Splice, type Splices, spliced } from "./splice.ts";

/**
 * What makes of a deflated stream one of another content: only those blocks are deflated anew in which the contents differ, or that
 * repeat what differs; all others stay, byte by byte. Null where the stream is not one of `before`.
 */
export function splicesFor(stream: Uint8Array, before: Uint8Array, after: Uint8Array): Splices | null {
  const ranges = differences(before, after);
  const blocks = deflateBlocks(stream, ranges);
  if (blocks === null || blocks.at(-1)?.end !== before.length) return null;
  const splices = runsOf(blocks, ranges).map((run) => spliceFor(run, stream, after));
  return inflated(spliced(stream, splices), after.length)?.equals(after) === true ? splices : null;
}

/** Differences that are nearer to one another are one. */
const NEAR_BYTES = 256;
const CHUNK_BYTES = 65_536;

/** Where two contents differ, as far as both go. */
export function differences(before: Uint8Array, after: Uint8Array): readonly ByteRange[] {
  if (after.length < before.length) return [{ start: 0, end: before.length }];
  const [one, other] = [before, after].map(({ buffer, byteOffset }) =>
    Buffer.from(buffer, byteOffset, before.length),
  );
  const ranges: { start: number; end: number }[] = [];
  for (let chunk = 0; chunk < before.length; chunk += CHUNK_BYTES) {
    const end = Math.min(before.length, chunk + CHUNK_BYTES);
    if (one?.subarray(chunk, end).equals(other?.subarray(chunk, end) ?? Buffer.alloc(0)) === true) continue;
    for (let at = chunk; at < end; at++) {
      if (before[at] === after[at]) continue;
      const last = ranges.at(-1);
      if (last !== undefined && at - last.end < NEAR_BYTES) last.end = at + 1;
      else ranges.push({ start: at, end: at + 1 });
    }
  }
  return ranges;
}

interface Run {
  readonly first: DeflateBlock;
  readonly last: DeflateBlock;
  /** What is behind it stays; nothing is. */
  readonly isEnd: boolean;
}

/** The blocks that cannot stay, those beside one another together. The last one says that it is, and more may follow. */
function runsOf(blocks: readonly DeflateBlock[], ranges: readonly ByteRange[]): readonly Run[] {
  const runs: Run[] = [];
  let first: DeflateBlock | null = null;
  for (const [i, block] of blocks.entries()) {
    const isEnd = i === blocks.length - 1;
    const next = blocks[i + 1];
    if (!isEnd && !block.repeats && !isIn(block, ranges)) continue;
    first ??= block;
    const goesOn = next !== undefined && (next.repeats || isIn(next, ranges) || i + 1 === blocks.length - 1);
    if (goesOn) continue;
    runs.push({ first, last: block, isEnd });
    first = null;
  }
  return runs;
}

function isIn({ start, end }: DeflateBlock, ranges: readonly ByteRange[]): boolean {
  return ranges.some((range) => range.start < end && start < range.end);
}

function spliceFor({ first, last, isEnd }: Run, stream: Uint8Array, after: Uint8Array): Splice {
  const at = Math.floor(first.startBit / 8);
  const end = isEnd ? stream.length : Math.ceil(last.endBit / 8);
  const content = after.subarray(first.start, isEnd ? after.length : last.end);
  const made = deflateRawSync(content, {
    level: 9,
    ...(first.start === 0
      ? {}
      : { dictionary: after.subarray(Math.max(0, first.start - WINDOW_BYTES), first.start) }),
    finishFlush: isEnd ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
  });
  const before = toByte(stream[at] ?? 0, first.startBit & 7);
  const behind = isEnd ? Buffer.alloc(0) : toBit(stream[end - 1] ?? 0, last.endBit & 7);
  return { at, cut: end - at, bytes: Buffer.concat([before, made, behind]) };
}

/** The beginning of a byte, as many bits of it as another block takes; and then an empty block, which ends with a whole byte. */
function toByte(byte: number, bits: number): Buffer {
  if (bits === 0) return Buffer.alloc(0);
  const kept = byte & ((1 << bits) - 1);
  // Three bits say what it is, the rest of its byte is left out.
  const head = bits > 5 ? [kept, 0] : [kept];
  return Buffer.from([...head, 0, 0, 0xff, 0xff]);
}

/** Empty blocks that end after so many bits of a byte, and then the rest of the byte, with which another block begins. */
function toBit(byte: number, bits: number): Buffer {
  if (bits === 0) return Buffer.alloc(0);
  const odd = bits % 2;
  const text = LONG_EMPTY.repeat(odd) + SHORT_EMPTY.repeat(((bits + odd) / 2) % 4);
  const rest = byte >> bits;
  const all = text + Array.from({ length: 8 - bits }, (_, i) => (rest >> i) & 1).join("");
  return Buffer.from(
    (all.match(/.{8}/g) ?? []).map((octet) => Number.parseInt([...octet].reverse().join(""), 2)),
  );
}

/** An empty block with the fixed codes, in the order of bits: not the last, kind 1, end of block. */
const SHORT_EMPTY = `0${"10"}${"0000000"}`;

/**
 * An empty block with codes of its own, of 95 bits: an odd number. It has codes for a byte that does not come and for the end, and
 * two distances, so that both codes are complete.
 */
const LONG_EMPTY = [
  "001",
  // 257 symbols, 2 distances, all 19 lengths of codes for lengths.
  "00000",
  "10000",
  "1111",
  ...[0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0].map((length) =>
    length === 1 ? "100" : "000",
  ),
  // 138 zeros and 117, by code 18, which is the later of the two: 1; then code 1, which is 0, four times.
  `1${inBits(138 - 11, 7)}`,
  `1${inBits(117 - 11, 7)}`,
  "0000",
  // The end of the block is the later of two symbols.
  "1",
].join("");

/** The lowest first. */
function inBits(value: number, count: number): string {
  return Array.from({ length: count }, (_, i) => (value >> i) & 1).join("");
}
