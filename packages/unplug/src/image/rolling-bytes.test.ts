import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { atOnce, deflate, deflateInSteps } from "./deflate.ts";
import { RollingBytes } from "./rolling-bytes.ts";

/** Longer than what is held at once, with copies from near and far in it. */
const content = Buffer.from(
  Array.from({ length: 5_000_000 }, (_, at) => ((at % 30_011) * (at % 7) + (at >> 12)) & 0xff),
);

test("in however many parts it comes, the same is made of it, and it is all there", () => {
  const whole = deflate(content);
  const cuts = [0, 1, 1, 500, 4_194_304, 4_194_305, 4_999_999, 5_000_000];
  const parts = cuts.map((from, i) => content.subarray(from, cuts[i + 1] ?? content.length));

  expect(inflateRawSync(whole).equals(content)).toBe(true);
  expect(atOnce(deflateInSteps(parts)).equals(whole)).toBe(true);
});

test("what is behind and ahead of a place is held, and no more than that and a piece", () => {
  const input = new RollingBytes([content.subarray(0, 100), content.subarray(100)], 3000, 1000);
  for (let at = 0; at < content.length; at += 997) {
    input.reach(at);
    const from = Math.max(0, at - 3000);
    const to = Math.min(content.length, at + 1000);
    const held = input.bytes.subarray(from - input.base, to - input.base);
    expect(content.subarray(from, to).equals(held)).toBe(true);
  }
  expect(input.bytes.length).toBeLessThan(content.length);
});
