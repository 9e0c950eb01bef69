import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from "node:zlib";
import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { deflateBlocks } from "./deflate-blocks.ts";
import { spliced, takenBack } from "./splice.ts";
import { differences, splicesFor } from "./spliced-stream.ts";

/** Neither noise nor all the same: blocks of all kinds are made of it, and they repeat. */
function contentOf(length: number, seed: number): Buffer {
  let state = seed;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    const far = (state >>> 8) % 700;
    bytes[at] = at > far && (state >>> 3) % 5 > 0 ? (bytes[at - far] ?? 0) : (state >>> 16) & 0x3f;
  }
  return bytes;
}

const ways: readonly ZlibOptions[] = [
  {},
  { level: 9, memLevel: 1 },
  { level: 1, memLevel: 2 },
  { level: 0 },
  { strategy: constants.Z_FIXED, memLevel: 3 },
  { strategy: constants.Z_HUFFMAN_ONLY, memLevel: 4 },
  { strategy: constants.Z_RLE },
];

const anyEdits = fc.array(
  fc.tuple(
    fc.nat(60_000),
    fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 4 },
);

test("however it was deflated, a stream becomes one of the other content, and is had again from that", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ways),
      fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.nat(3000)),
      fc.nat(),
      anyEdits,
      (way, [length, more], seed, edits) => {
        const before = contentOf(length, seed);
        const after = Buffer.concat([before, contentOf(more, seed + 1)]);
        for (const [at, bytes] of edits) bytes.copy(after, at % length);
        const stream = deflateRawSync(before, way);

        const splices = splicesFor(stream, before, after);

        expect(splices).not.toBeNull();
        const other = spliced(stream, splices ?? []);
        expect(inflateRawSync(other).equals(after)).toBe(true);
        const back = takenBack(splices ?? [], (offset, count) => stream.subarray(offset, offset + count));
        expect(spliced(other, back).equals(stream)).toBe(true);
      },
    ),
    { numRuns: 80 },
  );
});

test("blocks stay where they are and as they are, at whatever bit they begin", () => {
  const before = contentOf(150_000, 7);
  const stream = deflateRawSync(before, { level: 9, memLevel: 1 });
  const blocks = deflateBlocks(stream, []) ?? [];
  const met = new Set<number>();
  for (const block of blocks.slice(0, -1)) {
    if (met.has(block.endBit & 7)) continue;
    met.add(block.endBit & 7);
    const after = Buffer.from(before);
    after.fill(255, block.start, block.start + 1);
    const splices = splicesFor(stream, before, after) ?? [];

    expect(inflateRawSync(spliced(stream, splices)).equals(after)).toBe(true);
    expect(splices.reduce((sum, { cut }) => sum + cut, 0)).toBeLessThan(stream.length);
  }
  expect([...met].toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("of a long content a change at its beginning and more at its end cost no more than the blocks there", () => {
  const before = contentOf(1_500_000, 3);
  const after = Buffer.concat([before, Buffer.from("more")]).fill(0x55, 100, 110);
  const stream = deflateRawSync(before);

  const splices = splicesFor(stream, before, after) ?? [];

  expect(splices).toHaveLength(2);
  expect(splices.reduce((sum, { cut }) => sum + cut, 0)).toBeLessThan(stream.length / 4);
});

test("a shorter content takes the place of all", () => {
  const stream = deflateRawSync(Buffer.from("a longer content"));

  const splices = splicesFor(stream, Buffer.from("a longer content"), Buffer.from("short"));

  expect(inflateRawSync(spliced(stream, splices ?? [])).toString()).toBe("short");
});

test("what is broken, or of another content, is not taken, whatever is in it", () => {
  const before = contentOf(3000, 1);
  const after = Buffer.concat([before, before]);
  const stream = deflateRawSync(before, { memLevel: 1 });

  expect(splicesFor(stream, before.subarray(1), after)).toBeNull();
  expect(splicesFor(stream.subarray(0, -3), before, after)).toBeNull();
  fc.assert(
    fc.property(fc.nat(stream.length - 1), fc.nat(255), (at, value) => {
      const other = Buffer.from(stream).fill(value, at, at + 1);
      const splices = splicesFor(other, before, after);
      if (splices !== null) expect(inflateRawSync(spliced(other, splices)).equals(after)).toBe(true);
    }),
    { numRuns: 250 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      deflateBlocks(noise, [{ start: 0, end: 5 }]);
    }),
    { numRuns: 300 },
  );
});

test("a stream of nothing but empty blocks has an end", () => {
  // Four blocks of ten bits in five bytes.
  const stream = Buffer.alloc(5_000_000, Buffer.from("0208208000", "hex"));
  const started = deflateBlocks(Buffer.concat([stream.subarray(0, 50), Buffer.from("0300", "hex")]), []);

  expect(started).toHaveLength(41);
  expect(deflateBlocks(stream, [])).toBeNull();
});

test("differences that are near are one, and equal contents have none", () => {
  const before = Buffer.alloc(200_000);
  const after = Buffer.from(before).fill(1, 10, 12).fill(1, 100, 101).fill(1, 131_070, 131_080);

  expect(differences(before, after)).toEqual([
    { start: 10, end: 101 },
    { start: 131_070, end: 131_080 },
  ]);
  expect(differences(before, Buffer.from(before))).toEqual([]);
});
