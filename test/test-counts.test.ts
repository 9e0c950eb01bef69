import { expect, test } from "vitest";
import { countsLine, countTests } from "../scripts/test-counts.ts";
import { needs } from "./support/needs.ts";

const file = (status: string, ...tests: { status: string; meta?: object; failureMessages?: string[] }[]) => ({
  name: "a.test.ts",
  status,
  assertionResults: tests.map((test, index) => ({ fullName: `test ${index}`, ...test })),
});
const report = (...testResults: ReturnType<typeof file>[]) => JSON.stringify({ testResults });

test("counts tests by how they ended and those not run by their reason", () => {
  const missing = { status: "skipped", meta: { notRun: "'aws' is not installed" } };

  const counts = countTests(
    report(file("passed", { status: "passed" }, missing, missing, { status: "todo" })),
    0,
  );

  expect(countsLine(counts)).toBe("1 passed, 0 failed, 3 skipped");
  expect([...counts.notRun]).toEqual([["'aws' is not installed", 2]]);
  expect(counts.skippedNames).toEqual(["a.test.ts: test 3"]);
});

test("a file that does not load is a failure", () => {
  expect(countsLine(countTests(report(file("failed")), 1))).toBe("0 passed, 1 failed, 0 skipped");
});

test("what failed is told by its name, with the beginning of what it said", () => {
  const { failures } = countTests(
    report(file("failed", { status: "failed", failureMessages: [`expected 1\n${"at line\n".repeat(90)}`] })),
    1,
  );

  expect(failures).toEqual([expect.stringMatching(/^a\.test\.ts: test 0\n {4}expected 1\n {4}at line\n/)]);
  expect(failures[0]?.split("\n")).toHaveLength(25);
  expect(countTests(report(file("failed")), 1).failures).toEqual(["a.test.ts"]);
});

test("a run that fails without a failed test is a failure", () => {
  expect(countsLine(countTests(report(file("passed", { status: "passed" })), 1))).toBe(
    "1 passed, 1 failed, 0 skipped",
  );
});

test("a run without a report is a failure", () => {
  expect(countsLine(countTests(null, 1))).toBe("0 passed, 1 failed, 0 skipped");
});

test("a needed program is looked for in its variable first, then in PATH, and may be missing", () => {
  expect(needs("python3", { UNPLUG_PYTHON: "/opt/python", PATH: "" }).path).toBe("/opt/python");
  expect(needs("aws-cli", { PATH: "/nowhere" }).path).toBeNull();
});
