import { expect, test } from "vitest";
import { newTally, readTally } from "./tally.ts";

const nothing = { armed: 0, blocked: 0, spared: 0, other: 0, inert: 0 };

test("a new tally counts nothing, for each target and for everything", () => {
  expect(readTally(newTally(3), 3)).toEqual({ ...nothing, byTarget: [0, 0, 0] });
  expect(readTally(newTally(0), 0)).toEqual({ ...nothing, byTarget: [0] });
  expect(newTally(3)).toHaveLength(64 + 3 * 8);
});

test("reads every counter from its place", () => {
  const bytes = newTally(2);
  const view = new DataView(bytes.buffer);
  const offsets = [8, 16, 24, 32, 40, 64, 72];
  offsets.forEach((offset, index) => view.setBigUint64(offset, BigInt(index + 1) * 2n ** 33n, true));

  const at = (count: number) => count * 2 ** 33;
  expect(readTally(bytes, 2)).toEqual({
    armed: at(1),
    blocked: at(2),
    spared: at(3),
    other: at(4),
    inert: at(5),
    byTarget: [at(6), at(7)],
  });
});

test("reads a tally that lies inside a larger piece of memory", () => {
  const memory = new Uint8Array(200);
  memory.set(newTally(1), 9);
  memory[9 + 8] = 4;

  expect(readTally(memory.subarray(9, 9 + 72), 1).armed).toBe(4);
});

test("refuses what is no tally, or one of fewer targets", () => {
  expect(() => readTally(newTally(2), 3)).toThrow(/80 bytes are no tally of 3 targets: expected 88/);
  expect(() => readTally(new Uint8Array(72), 1)).toThrow(/begin with UNPLUGT1/);
  expect(() => readTally(new Uint8Array(), 0)).toThrow(/no tally/);
});
