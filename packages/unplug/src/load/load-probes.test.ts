import { describe, expect, test } from "vitest";
import type { ProbeSpec } from "../contract/probe.ts";
import { builtinProbes } from "../probes/index.ts";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { loadExperiment } from "./load-experiment.ts";

const faults = [testFault("pull-plug"), testFault("cut-wire")];
const probes = builtinProbes.filter(({ type }) => ["http", "prometheus", "command"].includes(type));
const env = { AWS_REGION: "us-east-1", URL: "http://a", EMPTY: "" };
const PULL = "fault: pull-plug, tunables: { FUNCTION_NAME: f, EVENT_UUIDS: all }";
const CUT = "fault: cut-wire, tunables: { FUNCTION_NAME: f, EVENT_UUIDS: all }";

interface Parts {
  readonly steps?: string;
  readonly probes?: string;
  readonly stops?: string;
}

/** Each part on a line of its own, so that columns can be told. */
function load({ steps = `{ ${PULL} }`, probes: stated, stops }: Parts) {
  const more = [
    ...(stated === undefined ? [] : [`  probes: [${stated}]`]),
    ...(stops === undefined ? [] : [`  stopConditions: [${stops}]`]),
  ];
  const head = "apiVersion: unplug.dev/v1\nkind: Experiment\nmetadata: { name: e }\nspec:";
  const text = [head, `  steps: [${steps}]`, ...more, ""].join("\n");
  return loadExperiment({ file: "e", text, faults, probes, env }).experiment;
}

/** What is wrong, a line for each problem, without its column. */
function problems(parts: Parts): string {
  try {
    load(parts);
    return "nothing";
  } catch (error) {
    if (error instanceof InvalidExperiment)
      return error.problems.map((problem) => problem.replace(/^e:(\d+):\d+: /, "")).join("\n");
    throw error;
  }
}

function only(parts: Parts): ProbeSpec {
  const { probes: all = [], stopConditions = [] } = load(parts);
  const [spec, ...others] = [...all, ...stopConditions];
  if (spec === undefined || others.length > 0) throw new Error("There is not one probe.");
  return spec;
}

/** A probe of http with this expectation, in this mode. */
const http = (expected: string, mode = "Continuous", more = "") => ({
  probes: `{ name: p, type: http, mode: ${mode}, http: { url: "http://a" }, expect: ${expected}${more} }`,
});
const run = (timing: string) => http("{ statusCode: 200 }", "EOT", `, run: { ${timing} }`);
const code = (operators: string, mode?: string) => http(`{ statusCode: { ${operators} } }`, mode);
const argv = "command: { argv: [a] }";

describe("an expectation", () => {
  test.each([
    ["200", [{ operator: "==", value: 200 }]],
    ["ok", [{ operator: "==", value: "ok" }]],
    ["true", [{ operator: "==", value: true }]],
    ["{ '!=': 5 }", [{ operator: "!=", value: 5 }]],
    [
      "{ '>': 1, '<=': '2.5' }",
      [
        { operator: ">", value: 1 },
        { operator: "<=", value: 2.5 },
      ],
    ],
    [
      "{ '>=': -1, '<': 1e3 }",
      [
        { operator: ">=", value: -1 },
        { operator: "<", value: 1000 },
      ],
    ],
    ["{ between: [200, '299'] }", [{ operator: "between", value: [200, 299] }]],
    ["{ oneOf: [200, ok, true] }", [{ operator: "oneOf", value: [200, "ok", true] }]],
    ["{ contains: x }", [{ operator: "contains", value: "x" }]],
    ["{ matches: '^a.b$' }", [{ operator: "matches", value: "^a.b$" }]],
    ["{ rises: true }", [{ operator: "rises", value: { by: 0, unit: "absolute" } }]],
    ["{ drops: 10% }", [{ operator: "drops", value: { by: 10, unit: "percent" } }]],
    ["{ unchanged: 5 }", [{ operator: "unchanged", value: { by: 5, unit: "absolute" } }]],
    ["{ becomes: ok }", [{ operator: "becomes", value: "ok", withinMs: null }]],
    ["{ becomes: ok, within: 1m }", [{ operator: "becomes", value: "ok", withinMs: 60_000 }]],
    ["{ returns: 90 }", [{ operator: "returns", withinMs: 90_000 }]],
  ])("of %s is read", (written, expected) => {
    const { expect: read } = only(http(`{ json.a: ${written} }`));

    expect(read).toEqual(expected.map((one) => ({ measure: "json.a", ...one })));
  });

  test("is that of its type where none is stated", () => {
    const { expect: read } = only({ probes: `{ name: p, type: command, mode: EOT, ${argv} }` });

    expect(read).toEqual([{ measure: "exitCode", operator: "==", value: 0 }]);
  });
});

test.each(["SOT", "EOT", "Edge", "Continuous", "OnChaos"])("mode %s is read", (mode) => {
  expect(only(http("{ statusCode: 200 }", mode)).mode).toBe(mode);
});

test("what runs a probe is read, and has its defaults", () => {
  const written =
    "timeout: 500ms, interval: 1, attempts: '3', initialDelay: 2s, tolerate: 5%, stopOnFailure: true";
  const timing = {
    timeoutMs: 500,
    intervalMs: 1000,
    attempts: 3,
    initialDelayMs: 2000,
    tolerate: 0.05,
    stopOnFailure: true,
  };

  const whole = http("{ statusCode: 200 }", "EOT", `, run: { ${written} }, lag: 3m, missing: wait`);

  expect(only(whole)).toMatchObject({ run: timing, lagMs: 180_000, missing: "wait" });
  expect(only(http("{ statusCode: 200 }"))).toMatchObject({
    run: {
      timeoutMs: 5000,
      intervalMs: 2000,
      attempts: 1,
      initialDelayMs: 0,
      tolerate: 0,
      stopOnFailure: false,
    },
    lagMs: 0,
    missing: "fail",
  });
  expect(only(run("tolerate: 0")).run.tolerate).toBe(0);
  expect(only(run("tolerate: 1")).run.tolerate).toBe(1);
  expect(only(run("tolerate: 100%")).run.tolerate).toBe(1);
});

test("a stop condition has its settings in line, is asked all the time, and may have no name", () => {
  const stops =
    '{ type: http, url: "http://a", expect: { statusCode: 200 } }, { type: command, name: c, argv: [a] }';

  expect(load({ stops }).stopConditions).toMatchObject([
    { name: "http 1", type: "http", mode: "Continuous", settings: { url: "http://a" } },
    { name: "c", type: "command", mode: "Continuous", settings: { argv: ["a"] } },
  ]);
});

test("a variable may stand anywhere in a probe", () => {
  const text =
    '{ name: "p ${N:-1}", type: http, mode: "${MODE:-EOT}", http: { url: "${URL}/x" }, expect: { statusCode: "${CODE:-200}" }, run: { attempts: "${TRIES:-2}" } }';

  expect(only({ probes: text })).toMatchObject({
    name: "p 1",
    mode: "EOT",
    settings: { url: "http://a/x" },
    expect: [{ value: "200" }],
    run: { attempts: 2 },
  });
});

test("steps and the run have probes of their own, of the same name, and one may be used in two modes", () => {
  const probe = (mode: string) => `{ name: p, type: command, mode: ${mode}, ${argv} }`;
  const all = `${probe("EOT")}, ${probe("SOT")}`;
  const steps = `{ ${PULL}, probes: [${all}] }, { wait: 1s }, { parallel: [{ ${CUT}, probes: [${all}] }, { ${PULL}, name: b }] }`;

  const loaded = load({ steps, probes: all });

  const counts = loaded.steps.map((step) => (step.kind === "fault" ? step.probes?.length : step.kind));
  expect(counts).toEqual([2, "wait", 2, 0]);
  expect(loaded.probes).toHaveLength(2);
  expect(loaded.steps.map((step) => (step.kind === "fault" ? step.parallel : undefined))).toEqual([
    undefined,
    undefined,
    2,
    2,
  ]);
});

const bad: Readonly<Record<string, Parts>> = {
  "an unknown type": { probes: `{ name: p, type: htpp, mode: EOT, htpp: {} }` },
  "no type": { probes: "{ name: p, mode: EOT }" },
  "a type that is no text": { probes: "{ name: p, type: 5, mode: EOT }" },
  "a text for a probe": { probes: "http" },
  "an unknown key": { probes: `{ name: p, type: command, mode: EOT, ${argv}, exepct: { exitCode: 0 } }` },
  "an unknown setting": { probes: "{ name: p, type: command, mode: EOT, command: { argv: [a], evn: {} } }" },
  "settings of another type": { probes: `{ name: p, type: http, mode: EOT, ${argv}, expect: { body: a } }` },
  "no settings": { probes: "{ name: p, type: prometheus, mode: EOT, expect: { value: 1 } }" },
  "settings that are a text": { probes: "{ name: p, type: http, mode: EOT, http: a, expect: { body: a } }" },
  "both of two settings": {
    probes: "{ name: p, type: command, mode: EOT, command: { argv: [a], shell: a } }",
  },
  "no name": { probes: `{ type: command, mode: EOT, ${argv} }` },
  "a name that is too strange": { probes: `{ name: "a/b", type: command, mode: EOT, ${argv} }` },
  "no mode": { probes: `{ name: p, type: command, ${argv} }` },
  "an unknown mode": { probes: `{ name: p, type: command, mode: Onchaos, ${argv} }` },
  "two of a name in a mode": {
    probes: `{ name: p, type: command, mode: EOT, ${argv} }, { name: p, type: http, mode: EOT, http: { url: "http://a" }, expect: { body: a } }`,
  },
  "no expectation": { probes: `{ name: p, type: http, mode: EOT, http: { url: "http://a" } }` },
  "an empty expectation": http("{}"),
  "a value for an expectation": http("200"),
  "an unknown measure": http("{ statuscode: 200 }"),
  "a measure of a family without a member": http("{ json.: 1 }"),
  "a list for a value": http("{ statusCode: [200] }"),
  "nothing for a value": http("{ statusCode: }"),
  "no operator": http("{ statusCode: {} }"),
  "an unknown operator": code("onOf: [200]"),
  "an operator of other tools": code("equal: 200"),
  "another one": http("{ responseTimeMs: { increases: true } }"),
  "a map for a value to be": code("'==': { a: 1 }"),
  "a text to compare numbers with": code("'>': many"),
  "a list to compare numbers with": code("'<=': [1]"),
  "a range reversed": code("between: [299, 200]"),
  "a range of three": code("between: [1, 2, 3]"),
  "a range of one number": code("between: 5"),
  "one of nothing": code("oneOf: []"),
  "one of a text": code("oneOf: 200"),
  "a bad regular expression": http("{ body: { matches: '(' } }"),
  "a number as regular expression": http("{ body: { matches: 5 } }"),
  "a number operator on a text": http("{ body: { '>': 5 } }"),
  "a baseline of a text": http("{ body: { rises: true } }"),
  "a negative amount": http("{ responseTimeMs: { rises: -5 } }"),
  "an amount that is false": http("{ responseTimeMs: { unchanged: false } }"),
  "within alone": code("within: 5s"),
  "within a wordy time": code("becomes: 503, within: soon"),
  "becomes a list": code("becomes: [1]"),
  "returns without a time": http("{ responseTimeMs: { returns: true } }"),
  "returns at the end": http("{ responseTimeMs: { returns: 5s } }", "EOT"),
  "a series before the fault": http("{ responseTimeMs: { rises: true } }", "SOT"),
  "a negative time": run("timeout: -5"),
  "a wordy time": run("interval: soon"),
  "no time at all": run("timeout: 0"),
  "an interval too short": run("interval: 10ms"),
  "a timeout too long": run("timeout: 1h"),
  "no attempts": run("attempts: 0"),
  "half an attempt": run("attempts: 1.5"),
  "tolerance over 100 %": run("tolerate: 150%"),
  "tolerance over 1": run("tolerate: 5"),
  "negative tolerance": run("tolerate: -1%"),
  "a wordy truth": run("stopOnFailure: maybe"),
  "an unknown timing": run("retries: 3"),
  "a text for the timing": http("{ statusCode: 200 }", "EOT", ", run: often"),
  "a negative lag": http("{ statusCode: 200 }", "EOT", ", lag: -1"),
  "an unknown policy": http("{ statusCode: 200 }", "EOT", ", missing: ignore"),
  "a stop condition with a mode": { stops: "{ type: command, mode: EOT, argv: [a] }" },
  "a stop condition with settings apart": { stops: `{ type: command, ${argv} }` },
  "a stop condition of an unknown type": { stops: "{ type: comand, argv: [a] }" },
  "a stop condition on a series": {
    stops: '{ type: http, url: "http://a", expect: { responseTimeMs: { unchanged: 50% } } }',
  },
  "a stop condition that tolerates": { stops: "{ type: command, argv: [a], run: { tolerate: 5% } }" },
  "a stop at the end of a series": http(
    "{ responseTimeMs: { rises: 5 } }",
    "OnChaos",
    ", run: { stopOnFailure: true }",
  ),
  "a stop condition that expects nothing": { stops: '{ type: http, url: "http://a" }' },
  "two stop conditions of a name": {
    stops: "{ name: s, type: command, argv: [a] }, { name: s, type: command, argv: [b] }",
  },
  "an unset variable": {
    probes: '{ name: p, type: http, mode: EOT, http: { url: "${NONE}" }, expect: { body: a } }',
  },
  "a variable that is empty": {
    probes: '{ name: p, type: http, mode: EOT, http: { url: "${EMPTY}" }, expect: { body: a } }',
  },
  "a bad probe of a step": { steps: `{ ${PULL}, probes: [{ name: p, type: htp, mode: EOT }] }` },
  "probes of a step that are no list": { steps: `{ ${PULL}, probes: { name: p } }` },
  "one fault in parallel": { steps: `{ parallel: [{ ${PULL} }] }` },
  "a pause in parallel": { steps: `{ parallel: [{ ${PULL} }, { wait: 5s }] }` },
  "parallel in parallel": { steps: `{ parallel: [{ ${PULL} }, { parallel: [{ ${CUT} }, { ${PULL} }] }] }` },
  "parallel and a fault": { steps: `{ ${PULL}, parallel: [{ ${CUT} }, { ${PULL} }] }` },
  "parallel that is no list": { steps: `{ parallel: { ${PULL} } }` },
  "parallel with more keys": { steps: `{ parallel: [{ ${PULL} }, { ${CUT} }], name: both }` },
  "two of a name in parallel": { steps: `{ parallel: [{ ${PULL} }, { ${PULL} }] }` },
};

test("every bad input says what, where, what was expected and what is near", () => {
  const told = Object.entries(bad).map(
    ([name, parts]) => `${name}\n    ${problems(parts).replaceAll("\n", "\n    ")}`,
  );

  expect(`\n${told.join("\n")}\n`).toMatchSnapshot();
  expect(told.filter((text) => text.endsWith("nothing"))).toEqual([]);
});
