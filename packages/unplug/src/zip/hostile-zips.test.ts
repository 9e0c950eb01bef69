import { expect, test } from "vitest";
import { appendToZip } from "./append.ts";
import { ourPartOf } from "./our-part.ts";
import { takeOut } from "./take-out.ts";
import { withoutOurPart } from "./without-our-part.ts";
import { addition, appended, folder, testZip, wrapper } from "./zip-for-test.ts";

const rounds = 1500;
const interesting = [0, 1, 0x7f, 0x80, 0xff, 0xfffe, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff];
const replaced = { name: "bootstrap", content: Buffer.from("#!/bin/sh\n# ours\n") };

/** The same numbers for the same seed (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** Breaks a zip in one to four places: bytes, fields, cuts, copies of one part over another. */
function mutated(zip: Buffer, roll: (sides: number) => number): Buffer {
  let bytes = Buffer.from(zip);
  for (let times = 1 + roll(4); times > 0 && bytes.length > 8; times--) {
    // Half of what is broken is in the directory and the end, where it matters.
    const from = roll(2) === 0 ? 0 : Math.floor(bytes.length * 0.6);
    const at = Math.min(from + roll(bytes.length - from), bytes.length - 5);
    const value = interesting[roll(interesting.length)] ?? 0;
    const kind = roll(6);
    if (kind === 0) bytes.writeUInt8(roll(256), at);
    else if (kind === 1) bytes.writeUInt16LE(value & 0xffff, at);
    else if (kind === 2) bytes.writeUInt32LE(value, at);
    else if (kind === 3) bytes = bytes.subarray(0, at);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(roll(at + 1))]);
    else bytes.copy(bytes, at, roll(bytes.length), roll(bytes.length));
  }
  return bytes;
}

test("whatever a zip holds: no door throws, and what is added to is taken out again as it was", async () => {
  const plain = testZip(
    [
      { name: "index.mjs", content: Buffer.alloc(300, "code"), isDeflated: true, descriptor: "signed" },
      { name: "bootstrap", content: Buffer.from("#!/bin/sh\n") },
      { name: "lib/", content: Buffer.alloc(0) },
    ],
    { comment: "a comment" },
  );
  const withOurs = await appended(plain, { folder, files: [wrapper], replaced });
  const counts = { added: 0, refused: 0, takenOut: 0, left: 0 };
  const roll = dice(20261122);

  for (let round = 0; round < rounds; round++) {
    const zip = mutated(round % 2 === 0 ? plain : withOurs, roll);
    const added = await appendToZip(zip, addition);
    if ("zip" in added) {
      counts.added++;
      const back = await takeOut(added.zip, folder);
      expect("original" in back && back.original?.zip.equals(zip), `round ${round}`).toBe(true);
    } else {
      counts.refused++;
      expect(added.problem.text).toMatch(/^[\x20-\x7e…]+\.$/);
    }
    const taken = await takeOut(zip, folder);
    if ("original" in taken && taken.original !== null) {
      counts.takenOut++;
      expect(taken.original.zip.equals(plain), `round ${round}`).toBe(true);
    }
    const left = await withoutOurPart(zip, {
      folder,
      replaced: [{ ...replaced, content: Buffer.from("#!/bin/sh\n") }],
    });
    if ("zip" in left && left.zip !== null) {
      counts.left++;
      expect(await ourPartOf(left.zip, { folder }), `round ${round}`).toEqual({ part: null });
    }
    await ourPartOf(zip, { folder, outside: ["bootstrap", "index.mjs"] });
  }

  // Each way was really gone.
  for (const [way, count] of Object.entries(counts)) expect(count, way).toBeGreaterThan(5);
});

test("what says that it is long is not believed: no more is unpacked than a content may be", async () => {
  const zip = testZip([{ name: ".unplug/bomb", content: Buffer.alloc(40_000_000), isDeflated: true }]);

  expect(await ourPartOf(zip, { folder })).toEqual({
    part: { files: [{ name: ".unplug/bomb", length: 40_000_000, mode: 0o644, content: null }], undo: null },
  });
  zip.writeUInt32LE(10, zip.length - 22 - 46 - ".unplug/bomb".length + 24);
  expect(await ourPartOf(zip, { folder })).toMatchObject({ problem: { code: "broken-entry" } });
});
