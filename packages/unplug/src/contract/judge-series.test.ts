import { describe, expect, test } from "vitest";
import type { Amount, SeriesExpectation } from "./expectation.ts";
import { judgeSeries, returnedAt, type SeriesInput } from "./judge-series.ts";
import type { Check, CheckPhase, Measured } from "./probe.ts";

const CONFIRMED = 10_000;
const RESTORED = 40_000;

function check(phase: CheckPhase, about: number, value?: Measured): Check {
  const measures = value === undefined ? {} : { x: value };
  return { phase, result: "passed", measures, about, attempts: 1, text: null };
}

/** Checks each second from where their part of the experiment begins. */
function series(parts: Partial<Record<CheckPhase, readonly (Measured | undefined)[]>>): readonly Check[] {
  const begin = { baseline: 0, transition: 8_000, fault: CONFIRMED, after: RESTORED } as const;
  return (["baseline", "transition", "fault", "after"] as const).flatMap((phase) =>
    (parts[phase] ?? []).map((value, i) => check(phase, begin[phase] + i * 1_000, value)),
  );
}

function judge(
  expectation: SeriesExpectation,
  checks: readonly Check[],
  more: Partial<SeriesInput> = {},
): string | null {
  const times = { confirmedAt: CONFIRMED, restoredAt: RESTORED };
  const said = judgeSeries(expectation, { checks, ...times, judged: "fault", missing: "fail", ...more });
  return said === null ? null : `${said.kind}: ${said.text}`;
}

const by = (by: number, unit: Amount["unit"] = "absolute"): Amount => ({ by, unit });
const compared = (operator: "rises" | "drops" | "unchanged", value: Amount): SeriesExpectation => ({
  measure: "x",
  operator,
  value,
});
const becomes = (value: string | number | boolean, withinMs: number | null = null): SeriesExpectation => ({
  measure: "x",
  operator: "becomes",
  value,
  withinMs,
});

describe("compared with what was before", () => {
  test.each([
    ["rises", by(0), [11], null],
    ["rises", by(0), [10], "unmet: x was 10 before and at most 10, expected to rise"],
    ["rises", by(0), [3, 9], "unmet: x was 10 before and at most 9, expected to rise"],
    ["rises", by(5), [10, 15], null],
    ["rises", by(5), [14.9], "unmet: x was 10 before and at most 14.9, expected to rise by 5"],
    ["rises", by(20, "percent"), [12], null],
    ["rises", by(20, "percent"), [11], "unmet: x was 10 before and at most 11, expected to rise by 20%"],
    ["drops", by(0), [12, 9], null],
    ["drops", by(0), [10, 12], "unmet: x was 10 before and at least 10, expected to drop"],
    ["drops", by(4), [6], null],
    ["drops", by(4), [7, 20], "unmet: x was 10 before and at least 7, expected to drop by 4"],
    ["drops", by(50, "percent"), [5], null],
    ["drops", by(50, "percent"), [6], "unmet: x was 10 before and at least 6, expected to drop by 50%"],
    ["unchanged", by(0), [10, 10], null],
    ["unchanged", by(0), [10, 11], "unmet: x was 10 before and went to 11, expected to stay as it was"],
    ["unchanged", by(2), [8, 12], null],
    [
      "unchanged",
      by(2),
      [7, 12],
      "unmet: x was 10 before and went to 7, expected to stay within 2 of what it was",
    ],
    [
      "unchanged",
      by(10, "percent"),
      [10, 11.5],
      "unmet: x was 10 before and went to 11.5, expected to stay within 10% of what it was",
    ],
  ] as const)("%s %j: %j", (operator, amount, fault, said) => {
    const checks = series({ baseline: [9, 10, 30], fault });
    expect(judge(compared(operator, amount), checks)).toBe(said);
  });

  test("the baseline is what is compared with, and is never itself judged", () => {
    const steady = series({ baseline: [5, 10, 50], transition: [10], fault: [10], after: [10] });
    const judged = "all";
    expect(judge(compared("unchanged", by(0)), steady, { judged })).toBeNull();
    expect(judge(compared("rises", by(0)), steady, { judged })).toMatch(/^unmet: .* at most 10,/);
    expect(judge(compared("drops", by(0)), steady, { judged })).toMatch(/^unmet: .* at least 10,/);
  });

  test("every other part counts for `all`, and only the end state for `after`", () => {
    const checks = series({ baseline: [1], transition: [9], fault: [1], after: [1, 2] });
    expect(judge(compared("unchanged", by(1)), checks, { judged: "all" })).toContain("went to 9");
    expect(judge(compared("unchanged", by(1)), checks, { judged: "after" })).toBeNull();
    expect(judge(compared("rises", by(1)), checks, { judged: "after" })).toBeNull();
  });

  test("what was counted for the first time rose, and neither dropped nor stayed", () => {
    const checks = series({ baseline: [null, undefined], fault: [1] });
    expect(judge(compared("rises", by(0)), checks)).toBeNull();
    for (const operator of ["drops", "unchanged"] as const)
      expect(judge(compared(operator, by(0)), checks)).toBe("unmet: x: there was no data before the fault");
  });

  test.each([
    ["fail", "unmet: x: there was no data during the fault"],
    ["wait", "unanswered: x: there was no data during the fault"],
    ["pass", null],
  ] as const)("without data the policy `%s` decides", (missing, said) => {
    const checks = series({ baseline: [1], fault: [null, undefined] });
    for (const operator of ["rises", "drops", "unchanged"] as const)
      expect(judge(compared(operator, by(0)), checks, { missing })).toBe(said);
    expect(judge(becomes("on"), checks, { missing })).toBe(said);
  });

  test("there may be more values than a call takes arguments", () => {
    const many = Array.from({ length: 200_000 }, (_, i) => check("fault", CONFIRMED + i, i));
    const checks = [...series({ baseline: [0] }), ...many, ...series({ after: [0] })];
    expect(judge(compared("rises", by(199_999)), checks)).toBeNull();
    const before = many.map((one) => ({ ...one, phase: "baseline" as const }));
    const returns = { measure: "x", operator: "returns", withinMs: 5_000 } as const;
    expect(judge(returns, [...before, ...series({ fault: [300_000], after: [1] })])).toBeNull();
    expect(judge(returns, [...series({ baseline: [0] }), ...many, ...series({ after: [0] })])).toBeNull();
  });
});

describe("what becomes so", () => {
  test.each([
    ["in the fault", { fault: ["OK", "ALARM"] }, null, null],
    [
      "before the fault only",
      { baseline: ["ALARM"], fault: ["OK", "OK", "OK"] },
      null,
      'unmet: x was "OK" to the end of the 2 s that it was looked at, expected to become "ALARM"',
    ],
    [
      "while it went in only, before it was confirmed",
      { transition: ["ALARM"], fault: ["OK"] },
      null,
      'unmet: x was "OK" to the end of the 0 s that it was looked at, expected to become "ALARM"',
    ],
    ["in time", { fault: ["OK", "OK", "ALARM"] }, 2_000, null],
    [
      "late",
      { fault: ["OK", "OK", "ALARM"] },
      1_500,
      'unmet: x became "ALARM" after 2 s, expected to become "ALARM" within 1.5 s',
    ],
    ["when the fault is out again, in time", { fault: ["OK"], after: ["OK", "ALARM"] }, 60_000, null],
    [
      "when the fault is out again, late",
      { fault: ["OK"], after: ["OK", "ALARM"] },
      30_000,
      'unmet: x became "ALARM" after 31 s, expected to become "ALARM" within 30 s',
    ],
    [
      "never, and it was looked at after the fault too",
      { fault: ["OK"], after: ["OK", "OK"] },
      60_000,
      'unmet: x was "OK" to the end of the 31 s that it was looked at, expected to become "ALARM" within 60 s',
    ],
    [
      "after the fault, with no time named",
      { fault: ["OK"], after: ["ALARM"] },
      null,
      'unmet: x was "OK" to the end of the 0 s that it was looked at, expected to become "ALARM"',
    ],
  ] as const)("%s", (_, parts, withinMs, said) => {
    for (const judged of ["fault", "all"] as const) {
      // In mode Continuous what is there after the fault counts as well.
      if (judged === "all" && withinMs === null && "after" in parts) continue;
      expect(judge(becomes("ALARM", withinMs), series(parts), { judged })).toBe(said);
    }
  });

  test("once is enough, and a number may be written as a text", () => {
    const checks = series({ fault: [200, 503, 200] });
    expect(judge(becomes(503), checks)).toBeNull();
    expect(judge(becomes("503"), checks)).toBeNull();
    expect(judge(becomes(false), checks)).toMatch(/^unmet/);
  });

  test("of a fault that was never confirmed nothing can", () => {
    const checks = series({ baseline: ["ALARM"], transition: ["ALARM"] });
    expect(judge(becomes("ALARM"), checks, { confirmedAt: null, judged: "all" })).toBe(
      "unanswered: x: the fault was not confirmed",
    );
  });
});

describe("what returns", () => {
  const returns = { measure: "x", operator: "returns", withinMs: 5_000 } as const;

  test.each([
    ["where it was", { baseline: [10], fault: [90], after: [80, 10] }, null],
    ["better than it was", { baseline: [10], fault: [90], after: [2] }, null],
    ["after a drop", { baseline: [10, 12], fault: [1], after: [3, 10] }, null],
    [
      "not at all",
      { baseline: [10], fault: [90], after: [80, 70] },
      "unmet: x was 10 before and 70 1 s after the restore, expected to be back where it was 5 s after the restore",
    ],
    [
      "too late",
      { baseline: [10], fault: [90], after: [80, 80, 80, 80, 80, 80, 10] },
      "unmet: x was 10 before and 10 6 s after the restore, expected to be back where it was 5 s after the restore",
    ],
    [
      "not after a drop",
      { baseline: [10], fault: [1], after: [3] },
      "unmet: x was 10 before and 3 0 s after the restore, expected to be back where it was 5 s after the restore",
    ],
    ["unknown before", { fault: [1], after: [3] }, "unmet: x: there was no data before the fault"],
    ["unknown after", { baseline: [1], fault: [3] }, "unmet: x: there was no data after the restore"],
  ] as const)("%s", (_, parts, said) => {
    expect(judge(returns, series(parts))).toBe(said);
  });

  test("is open while the restore is not proved", () => {
    const checks = series({ baseline: [1], fault: [3], after: [1] });
    expect(judge(returns, checks, { restoredAt: null })).toBe("unanswered: x: the restore was not proved");
  });

  test("did so at the first check that is back", () => {
    const checks = series({ baseline: [10], fault: [90], after: [80, 9, 10] });
    expect(returnedAt(returns, checks, RESTORED)).toBe(RESTORED + 1_000);
    expect(returnedAt(returns, series({ fault: [90], after: [9] }), RESTORED)).toBeNull();
  });
});
