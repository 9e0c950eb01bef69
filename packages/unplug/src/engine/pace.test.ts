import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

/** When the looks are made, in milliseconds, at a change that takes so long; a look itself takes `lookMs`. */
function looks(longestMs: number, takesMs: number, lookMs = 5): readonly number[] {
  const pace = new Pace(longestMs);
  const at: number[] = [];
  for (let now = 0; now < takesMs; ) {
    now += lookMs;
    now += pace.after(lookMs);
    at.push(now);
  }
  return at;
}

it("notices a short change at once, and what takes seconds within a sixth of a second", () => {
  expect(looks(2_000, 20)).toEqual([15, 40]);
  for (const takes of [500, 1_000, 1_500, 2_000]) {
    const [last = 0] = looks(2_000, takes).slice(-1);
    expect(last - takes).toBeLessThanOrEqual(155);
  }
});

it("looks ever less often at what takes longer than that, and no less often than it is told", () => {
  const at = looks(2_000, 30_000);
  const [before = 0, last = 0] = at.slice(-2);
  expect(last - before).toBe(2_005);
  expect(at.filter((ms) => ms > 2_500).length).toBeLessThan(20);
});

it("pauses as long as a look takes", () => {
  expect(looks(2_000, 2_000, 700)).toEqual([1_400, 2_800]);
});
