import { expect, test } from "vitest";
import { builtinProbes } from "../probes/index.ts";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { loadExperiment } from "./load-experiment.ts";

/** What is wrong with a stop condition, or a probe, that expects this. */
function problems(type: string, settings: string, expected: string): string {
  return problemsOf(
    `probes: [{ name: p, type: ${type}, mode: OnChaos, ${type}: ${settings}, expect: ${expected} }]`,
  );
}

function problemsOf(stated: string): string {
  const text = [
    "apiVersion: unplug.dev/v1",
    "kind: Experiment",
    "metadata: { name: e }",
    "spec:",
    "  steps: [{ fault: pull-plug, tunables: { FUNCTION_NAME: f, EVENT_UUIDS: all, REGION: us-east-1 } }]",
    `  ${stated}`,
  ].join("\n");
  try {
    loadExperiment({ file: "e", text, faults: [testFault("pull-plug")], probes: builtinProbes, env: {} });
    return "nothing";
  } catch (error) {
    if (error instanceof InvalidExperiment) return error.problems.join("\n");
    throw error;
  }
}

const alarm = (expected: string) => problems("cloudwatch-alarm", "{ alarm: A }", expected);

test.each([
  ["{ state: ALARMED }", 'state is never "ALARMED", expected one of OK, ALARM, INSUFFICIENT_DATA'],
  ["{ state: { becomes: alarm } }", 'state is never "alarm" (did you mean "ALARM"?)'],
  ["{ state: { '!=': ok } }", 'state is never "ok" (did you mean "OK"?)'],
  ["{ state: { oneOf: [OK, INSUFFICIENT-DATA] } }", 'state is never "INSUFFICIENT-DATA"'],
  ["{ state: { '==': true } }", "state is never true"],
])("what a measure never is cannot be expected of it: %s", (expected, problem) => {
  expect(alarm(expected)).toContain(problem);
});

test("a stop condition that would never come is refused, with its place", () => {
  const stop = "stopConditions: [{ type: cloudwatch-alarm, alarm: A, expect: { state: { '!=': ALARMED } } }]";
  expect(problemsOf(stop)).toMatch(/^e:6:\d+: state is never "ALARMED"/);
});

test("how an invocation ends is one of five, too", () => {
  expect(problems("lambda", "{ function: f }", "{ errorKind: timed-out }")).toContain("errorKind is never");
  expect(problems("lambda", "{ function: f }", "{ errorKind: timeout, payload: timed-out }")).toBe("nothing");
});

test.each(["{ state: OK }", "{ state: { becomes: ALARM, within: 1m } }", "{ state: { matches: al } }"])(
  "what it may be can: %s",
  (expected) => {
    expect(alarm(expected)).toBe("nothing");
  },
);
