import { describe, expect, it } from "vitest";
import type { TimedSample, Windows } from "../contract/evidence.ts";
import { DEPTH, isDrained, judgeDepth } from "./queue-depth.ts";

const windows: Windows = {
  baseline: { from: 0, to: 10_000 },
  faults: [{ from: 10_000, to: 40_000 }],
  after: { from: 40_000, to: 100_000 },
};
const depth = (at: number, value: number): TimedSample => ({ at, channel: DEPTH, subject: "orders", value });
const judge = (samples: readonly TimedSample[], slow = "") =>
  judgeDepth("orders", samples, windows, { slow, waitedMs: 60_000 });

describe("a queue's depth", () => {
  it("that grew and drained is an effect, with the time that the drain took", () => {
    const { verdict, text, numbers } = judge([
      depth(5_000, 4),
      depth(20_000, 60),
      depth(39_000, 100),
      depth(46_500, 8),
    ]);
    expect(verdict).toBe("seen");
    expect(text).toMatch(/^The backlog of orders grew from 4 to 100 messages and drained .*6\.5 s/);
    expect(numbers).toEqual({ before: 4, peak: 100, last: 8, grewBy: 96, drainedInMs: 6_500 });
  });

  it("that grew and did not drain says how many are left, the cause where it is known, and a remedy", () => {
    const samples = [depth(5_000, 0), depth(39_000, 100), depth(99_000, 80)];
    const unknown = judge(samples);
    expect(unknown.verdict).toBe("seen");
    expect(unknown.text).toContain(
      "it did not drain: 80 messages are left after 60 s. Wait longer (DRAIN_TIMEOUT)",
    );
    const capped = "orders may run 2 at a time: raise its reserved concurrency.";
    expect(judge(samples, capped).text).toContain(`left after 60 s. ${capped}`);
    expect(unknown.numbers).not.toHaveProperty("drainedInMs");
  });

  it.each([
    ["did not move", [depth(5_000, 0), depth(20_000, 0), depth(45_000, 0)]],
    ["moved by as little as it always does", [depth(5_000, 100), depth(20_000, 115), depth(45_000, 100)]],
  ])("that %s cannot tell", (_what, samples) => {
    expect(judge(samples)).toMatchObject({ verdict: "no-traffic" });
  });

  it.each([
    ["at all", []],
    ["during the fault", [depth(5_000, 3), depth(50_000, 3)]],
    ["for this queue", [{ ...depth(20_000, 50), subject: "other" }]],
  ])("that was not read %s is unreadable, not zero", (_what, samples) => {
    expect(judge(samples)).toMatchObject({ verdict: "unreadable", numbers: {} });
  });

  it("takes the deepest of several iterations, and the drain after the last", () => {
    const two: Windows = {
      ...windows,
      faults: [
        { from: 10_000, to: 20_000 },
        { from: 30_000, to: 40_000 },
      ],
    };
    const samples = [
      depth(5_000, 0),
      depth(15_000, 50),
      depth(25_000, 0),
      depth(35_000, 40),
      depth(42_000, 0),
    ];
    const { numbers } = judgeDepth("orders", samples, two, { slow: "", waitedMs: 0 });
    expect(numbers).toMatchObject({ peak: 50, drainedInMs: 2_000 });
  });
});

describe("a drain", () => {
  const sample = (value: number, subject = "orders") => ({ channel: DEPTH, subject, value });
  it.each([
    ["an empty queue", [sample(0)], [sample(0)], true],
    ["a handful of messages", [sample(0)], [sample(10)], true],
    ["a backlog", [sample(0)], [sample(11)], false],
    ["a queue that was always deep", [sample(1000)], [sample(1400)], true],
    ["a queue that is deeper than it ever was", [sample(1000)], [sample(1501)], false],
    ["one of two queues", [sample(0), sample(0, "b")], [sample(0), sample(99, "b")], false],
    ["nothing that could be read", [], [], true],
  ])("is over or not for %s", (_what, baseline, latest, over) => {
    expect(isDrained(baseline, latest)).toBe(over);
  });
});
