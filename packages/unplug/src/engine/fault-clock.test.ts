import { describe, expect, test } from "vitest";
import { FaultClock } from "./fault-clock.ts";

type Turn = readonly [what: "transition" | "faultIn" | "faultOut", step: string, at: number];

function turned(...turns: readonly Turn[]): FaultClock {
  const clock = new FaultClock(1_000);
  for (const [what, step, at] of turns) clock[what](step, at);
  return clock;
}

const ONCE: readonly Turn[] = [
  ["transition", "a", 2_000],
  ["faultIn", "a", 3_000],
  ["transition", "a", 5_000],
  ["faultOut", "a", 6_000],
];
const TWICE: readonly Turn[] = [
  ...ONCE,
  ["transition", "a", 7_000],
  ["faultIn", "a", 8_000],
  ["transition", "a", 9_000],
  ["faultOut", "a", 10_000],
];
/** `b` goes in while `a` is, and out after it. */
const BOTH: readonly Turn[] = [
  ["transition", "a", 2_000],
  ["faultIn", "a", 3_000],
  ["transition", "b", 3_500],
  ["faultIn", "b", 4_000],
  ["transition", "a", 5_000],
  ["faultOut", "a", 6_000],
  ["transition", "b", 7_000],
  ["faultOut", "b", 8_000],
];

describe("an instant", () => {
  test.each([
    [
      "before, in and after one fault",
      ONCE,
      [
        [0, "baseline", null],
        [1_999, "baseline", null],
        [2_000, "transition", null],
        [2_999, "transition", null],
        [3_000, "fault", 3_000],
        [4_999, "fault", 3_000],
        [5_000, "transition", null],
        [6_000, "after", null],
        [99_000, "after", null],
      ],
    ],
    [
      "between two iterations",
      TWICE,
      [
        [4_000, "fault", 3_000],
        [6_500, "after", null],
        [7_500, "transition", null],
        [8_500, "fault", 8_000],
        [10_000, "after", null],
      ],
    ],
    [
      "of several faults at a time: while one is in, it is in",
      BOTH,
      [
        [3_600, "fault", 3_000],
        [5_500, "fault", 3_000],
        [6_500, "fault", 3_000],
        [7_500, "transition", null],
        [8_000, "after", null],
      ],
    ],
    [
      "of a fault that was taken out before it was confirmed",
      [
        ["transition", "a", 2_000],
        ["faultOut", "a", 3_000],
      ],
      [
        [2_500, "transition", null],
        [3_000, "after", null],
      ],
    ],
  ] as const)("%s", (_, turns, instants) => {
    const clock = turned(...turns);
    const said = instants.map(([at]) => [at, clock.phaseAt(at), clock.windowAt(at)]);
    expect(said).toEqual(instants);
  });

  test("of a scope without a fault is its baseline", () => {
    const clock = turned();
    expect([clock.since, clock.phaseAt(0), clock.phaseAt(99_000)]).toEqual([1_000, "baseline", "baseline"]);
    expect([clock.confirmedAt, clock.restoredAt, clock.endedAt]).toEqual([null, null, null]);
    expect([clock.windowAt(99_000), clock.nextWindow(0)]).toEqual([null, null]);
  });
});

describe("a window", () => {
  test("is found from before it, and each but the last has a next", () => {
    const clock = turned(...TWICE);
    expect([0, 3_000, 7_999, 8_000].map((at) => clock.nextWindow(at))).toEqual([3_000, 8_000, 8_000, null]);
  });

  test("is over when no fault is in any more, and not while one is", () => {
    expect([3_000, 8_000].map((opened) => turned(...TWICE).endOfWindow(opened))).toEqual([5_000, 9_000]);
    expect(turned(...BOTH).endOfWindow(3_000)).toBe(7_000);
    expect(turned(...ONCE.slice(0, 2)).endOfWindow(3_000)).toBeNull();
  });
});

test("the first confirmation and the last restore count, and the first end", () => {
  const clock = turned(...TWICE);
  clock.end(11_000);
  clock.end(12_000);
  expect([clock.confirmedAt, clock.restoredAt, clock.endedAt]).toEqual([3_000, 10_000, 11_000]);
});

describe("who waits", () => {
  test.each<[string, (clock: FaultClock) => void]>([
    ["transition", (clock) => clock.transition("a", 2_000)],
    ["confirmation", (clock) => clock.faultIn("a", 2_000)],
    ["restore", (clock) => clock.faultOut("a", 2_000)],
    ["end", (clock) => clock.end(2_000)],
  ])("hears of the next %s, and of that alone", async (_, change) => {
    const clock = turned();
    const never = new AbortController().signal;
    const until = clock.until(never);
    const changed = clock.changed(never);
    expect(until.aborted).toBe(false);
    change(clock);
    await changed;
    expect(until.aborted).toBe(true);
    expect(clock.until(never).aborted).toBe(false);
  });

  test("is let go by the own signal", async () => {
    const own = new AbortController();
    const changed = turned().changed(own.signal);
    own.abort();
    await changed;
    await turned().changed(own.signal);
    expect(turned().until(own.signal).aborted).toBe(true);
  });
});
