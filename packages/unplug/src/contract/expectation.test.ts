import { expect, test } from "vitest";
import {
  type CheckExpectation,
  checkOperators,
  type Expectation,
  expectedText,
  isSame,
  isSeriesExpectation,
  needsBaseline,
  seriesOperators,
  shown,
  unmet,
} from "./expectation.ts";
import type { Measured } from "./probe.ts";

const matches = (pattern: string, text: string) => new RegExp(pattern, "su").test(text);

/** What is expected of `x`, in whatever way. */
type Expected = {
  [E in CheckExpectation as E["operator"]]: Omit<E, "measure">;
}[CheckExpectation["operator"]];

const single: readonly (readonly [
  expected: Expected,
  met: readonly Measured[],
  not: readonly Measured[],
  text: string,
])[] = [
  [{ operator: "==", value: 200 }, [200, "200"], [201, "two hundred", null, true], "200"],
  [{ operator: "==", value: "OK" }, ["OK"], ["ok", 0, null], '"OK"'],
  [{ operator: "==", value: "200" }, [200, "200"], ["0200", 20], '"200"'],
  [{ operator: "==", value: "" }, [""], [0, false, null], '""'],
  [{ operator: "==", value: false }, [false, "false"], [true, 0, "", null], "false"],
  [{ operator: "!=", value: "ALARM" }, ["OK", "alarm", 1], ["ALARM"], 'anything but "ALARM"'],
  [{ operator: "!=", value: 5 }, [4, "six"], [5, "5"], "anything but 5"],
  [{ operator: ">", value: 5 }, [5.1, 6], [5, 4, "6", true, null], "more than 5"],
  [{ operator: ">=", value: 5 }, [5, 6], [4.9, "6", null], "at least 5"],
  [{ operator: "<", value: 5 }, [4.9, -6], [5, 6, "4", null], "less than 5"],
  [{ operator: "<=", value: 5 }, [5, 4], [5.1, "4", false, null], "at most 5"],
  [{ operator: "between", value: [1, 3] }, [1, 2, 3], [0.9, 3.1, "2", null], "1 to 3"],
  [
    { operator: "oneOf", value: [200, "ok", true] },
    [200, "200", "ok", true, "true"],
    [201, "OK", false, null],
    'one of 200, "ok", true',
  ],
  [{ operator: "oneOf", value: [] }, [], [0, "", null], "one of "],
  [
    { operator: "contains", value: "down" },
    ["down", "shut down now"],
    ["Down", 0, ""],
    'text with "down" in it',
  ],
  [{ operator: "contains", value: 20 }, ["a 200", 1204], ["2 0", 2], "text with 20 in it"],
  [{ operator: "matches", value: "^a.c$" }, ["abc", "a\nc"], ["abcd", 5, "ab"], "text that matches /^a.c$/"],
];

test.each(single)("%j is met by %j, and not by %j", (expected, met, not, text) => {
  const expectation: CheckExpectation = { measure: "x", ...expected };
  for (const measured of met)
    expect([measured, unmet(expectation, measured, matches)]).toEqual([measured, null]);
  for (const measured of not)
    expect(unmet(expectation, measured, matches)).toBe(`x is ${shown(measured)}, expected ${text}`);
});

test("every operator on single checks is tried here", () => {
  expect(new Set(single.map(([{ operator }]) => operator))).toEqual(new Set(checkOperators));
});

const series: readonly (readonly [expectation: Expectation, text: string, baseline: boolean])[] = [
  [{ measure: "x", operator: "rises", value: { by: 0, unit: "absolute" } }, "to rise", true],
  [{ measure: "x", operator: "rises", value: { by: 5, unit: "absolute" } }, "to rise by 5", true],
  [{ measure: "x", operator: "drops", value: { by: 10, unit: "percent" } }, "to drop by 10%", true],
  [{ measure: "x", operator: "unchanged", value: { by: 0, unit: "percent" } }, "to stay as it was", true],
  [
    { measure: "x", operator: "unchanged", value: { by: 5, unit: "percent" } },
    "to stay within 5% of what it was",
    true,
  ],
  [{ measure: "x", operator: "becomes", value: "ALARM", withinMs: null }, 'to become "ALARM"', false],
  [{ measure: "x", operator: "becomes", value: 0, withinMs: 90_000 }, "to become 0 within 90 s", false],
  [
    { measure: "x", operator: "returns", withinMs: 1_500 },
    "to be back where it was 1.5 s after the restore",
    true,
  ],
];

test.each(series)("%j is expected %s", (expectation, text, baseline) => {
  expect(expectedText(expectation)).toBe(text);
  expect(needsBaseline(expectation)).toBe(baseline);
  expect(isSeriesExpectation(expectation)).toBe(true);
});

test("every operator on a series is told here, and none of them is for single checks", () => {
  expect(new Set(series.map(([{ operator }]) => operator))).toEqual(new Set(seriesOperators));
  for (const [expected] of single) {
    const expectation: Expectation = { measure: "x", ...expected };
    expect([isSeriesExpectation(expectation), needsBaseline(expectation)]).toEqual([false, false]);
  }
});

test.each<[Measured, number | string | boolean, boolean]>([
  [0, "", false],
  [0, " ", false],
  [1_000, "1e3", true],
  ["1e3", 1_000, false],
  [true, "true", true],
  [true, 1, false],
  [null, "null", false],
])("%j is the same as %j: %s", (measured, value, same) => {
  expect(isSame(measured, value)).toBe(same);
});

test.each<[Measured, string]>([
  [null, "nothing"],
  [1.5, "1.5"],
  [true, "true"],
  ['a "b"\n', '"a \\"b\\"\\n"'],
  ["x".repeat(200), `"${"x".repeat(200)}"`],
  ["x".repeat(201), `"${"x".repeat(200)}…"`],
])("%j is shown as %s", (measured, text) => {
  expect(shown(measured)).toBe(text);
});
