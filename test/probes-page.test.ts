import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkOperators, seriesOperators } from "../packages/unplug/src/contract/expectation.ts";
import { probeModes } from "../packages/unplug/src/contract/probe.ts";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { loadExperiment } from "../packages/unplug/src/load/load-experiment.ts";
import { probeShape } from "../packages/unplug/src/load/probe-schema.ts";
import { builtinProbes } from "../packages/unplug/src/probes/index.ts";
import { examplesIn } from "./support/doc-examples.ts";

const read = (path: string) => readFile(join(import.meta.dirname, "..", path), "utf8");
const page = await read("docs/probes.md");
const [readme = ""] = examplesIn(await read("README.md"))
  .filter(({ language }) => language === "yaml")
  .map(({ text }) => text);
const examples = examplesIn(page).map(({ text }) => text);

function load(text: string) {
  return loadExperiment({ file: "e.yaml", text, faults: builtinFaults, probes: builtinProbes, env: {} });
}

test.each(examples)("docs/probes.md has an example that is loaded: %s", (example) => {
  const { experiment } = load(`apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders }
spec:
  steps:
    - fault: lambda-throttle
      tunables: { FUNCTION_NAME: orders, REGION: us-east-1 }
${example.replaceAll(/^(?=.)/gm, "  ")}`);

  expect([...(experiment.probes ?? []), ...(experiment.stopConditions ?? [])]).toHaveLength(1);
});

test("README.md has an experiment that is loaded, with probes and a stop condition", () => {
  const { experiment } = load(readme);

  expect(experiment.probes).toHaveLength(2);
  expect(experiment.stopConditions).toHaveLength(1);
});

test("docs/probes.md has a section and an example for each type that does not ask AWS", () => {
  const types = builtinProbes.flatMap(({ type, permissions }) => (permissions === undefined ? [type] : []));

  expect(types).toEqual(["http", "prometheus", "command"]);
  for (const type of types) {
    expect(page).toContain(`\n## ${type}\n`);
    expect(examples.join("\n")).toContain(`type: ${type}`);
  }
});

test("docs/probes.md tells every mode, operator and timing", () => {
  const all = [
    ...probeModes,
    ...checkOperators,
    ...seriesOperators,
    ...Object.keys(probeShape.run.unwrap().shape),
  ];

  expect(all.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
});
