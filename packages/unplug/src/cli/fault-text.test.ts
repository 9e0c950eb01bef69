import { expect, test } from "vitest";
import { builtinFaults } from "../faults/index.ts";
import { columns } from "../report/wrap.ts";
import { faultText } from "./fault-text.ts";

const fault = builtinFaults.find(({ id }) => id === "lambda-throttle");
if (fault === undefined) throw new Error("there is no lambda-throttle");

test("a tunable is told with its default, range, unit and sentence", () => {
  const lines = faultText(fault, 120).split("\n");

  expect(lines.find((line) => line.includes("RESERVED_"))).toMatch(/ 0 +0 to 100000 +Copies that may run/);
  expect(lines.find((line) => line.includes("TOTAL_CHAOS_DURATION"))).toMatch(/ 30 +1 to 86400 s /);
  expect(lines.find((line) => line.includes("SEQUENCE"))).toMatch(/ parallel +parallel, serial /);
});

test.each([40, 60, 80, 120, 200])("no line is longer than a terminal of %i columns", (width) => {
  for (const one of builtinFaults)
    for (const line of faultText(one, width).split("\n"))
      expect(columns(line), line).toBeLessThanOrEqual(width);
});

test("a narrow terminal gets each tunable's facts below its name", () => {
  expect(faultText(fault, 40)).toContain(`
  TOTAL_CHAOS_DURATION
      default 30; 1 to 86400 s
      How long the fault is held,
      counted from its confirmation
`);
});
