import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { InvalidExperiment } from "../packages/unplug/src/load/invalid-experiment.ts";
import { loadExperiment } from "../packages/unplug/src/load/load-experiment.ts";
import { builtinProbes } from "../packages/unplug/src/probes/index.ts";
import { examplesIn } from "./support/doc-examples.ts";

/** An experiment with these keys beside its steps. */
function load(keys: string) {
  const text = `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders }
spec:
  steps:
    - fault: lambda-throttle
      tunables: { FUNCTION_NAME: orders, REGION: us-east-1 }
${keys.replaceAll(/^(?=.)/gm, "  ")}`;
  return loadExperiment({ file: "e.yaml", text, faults: builtinFaults, probes: builtinProbes, env: {} });
}

function problemsOf(probe: string): string {
  try {
    load(`probes:\n  - ${probe}\n`);
    return "";
  } catch (error) {
    if (error instanceof InvalidExperiment) return error.problems.join("\n");
    throw error;
  }
}

const page = await readFile(join(import.meta.dirname, "../docs/probes-aws.md"), "utf8");
const examples = examplesIn(page).map(({ text }) => text);

describe("docs/probes-aws.md", () => {
  test.each(examples)("has an example that is loaded: %s", (example) => {
    const { experiment } = load(example);

    expect([...(experiment.probes ?? []), ...(experiment.stopConditions ?? [])]).toHaveLength(1);
  });

  test("has a section and an example for each type that asks AWS", () => {
    const asking = builtinProbes.filter(({ permissions }) => permissions !== undefined);
    expect(asking.map(({ type }) => type)).toEqual(["cloudwatch", "cloudwatch-alarm", "lambda", "backlog"]);
    for (const { type } of asking) {
      expect(page).toContain(`\n## ${type}\n`);
      expect(examples.join("\n")).toContain(`type: ${type}`);
    }
  });

  test("names each measure", () => {
    for (const { measures, permissions } of builtinProbes)
      if (permissions !== undefined)
        for (const name of Object.keys(measures)) expect(page).toContain(`\`${name}\``);
  });
});

test.each([
  [
    "{ name: a, type: backlog, mode: EOT, backlog: { queue: q }, expect: { lost: 0 } }",
    "lost needs evidence: say `keys`, or of a queue `metrics: true`",
  ],
  [
    "{ name: a, type: backlog, mode: EOT, backlog: { queue: q, metrics: true }, expect: { duplicates: 0 } }",
    "duplicates comes from CloudWatch, which is minutes late: say `lag: 3m`, or use `keys`",
  ],
  [
    "{ name: a, type: backlog, mode: EOT, backlog: { stream: s }, lag: 3m, expect: { depth: 0 } }",
    "depth is not known of a stream: expect something of ageSeconds",
  ],
  [
    "{ name: a, type: backlog, mode: EOT, backlog: { queue: q }, expect: { ageSeconds: 0 } }",
    "ageSeconds is known to CloudWatch only, and minutes later: say `lag: 3m`",
  ],
])("refuses what can never be measured, at its place: %s", (probe, words) => {
  expect(problemsOf(probe)).toMatch(/^e\.yaml:9:\d+: /);
  expect(problemsOf(probe)).toContain(words);
});

test("takes for an example what each type has as one", () => {
  for (const { type, example } of builtinProbes) {
    const expected = example.expect === undefined ? {} : { expect: example.expect };
    const probe = { name: "a", type, mode: "Continuous", [type]: example.settings, ...expected };
    expect(problemsOf(JSON.stringify(probe)), type).toBe("");
  }
});
