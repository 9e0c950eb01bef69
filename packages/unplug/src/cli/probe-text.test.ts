import { expect, test } from "vitest";
import { parse } from "yaml";
import { testFault } from "../load/fault-for-test.ts";
import { loadExperiment } from "../load/load-experiment.ts";
import { builtinProbes } from "../probes/index.ts";
import { columns } from "../report/wrap.ts";
import { runCommandLine } from "./command-line.ts";
import { exampleLines, probeText } from "./probe-text.ts";

async function run(args: readonly string[], width = 100) {
  let [out, err] = ["", ""];
  const code = await runCommandLine(["probes", ...args], {
    env: {},
    stdout: { write: (text) => (out += text), isTTY: true, columns: width },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(""),
  });
  return { code, out, err };
}

test("lists the types, each with what it is for", async () => {
  const { code, out } = await run([]);

  expect(code).toBe(0);
  for (const { type } of builtinProbes) expect(out.split("\n")).toContain(type);
  expect(out).toContain("unplug probes TYPE tells its settings, measures and an example.");
});

test("tells a type with its settings, measures, defaults and an example", async () => {
  const { code, out } = await run(["prometheus"]);

  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}endpoint +required +text +URL of Prometheus/m);
  expect(out).toMatch(/^ {2}value +number +The value of the only sample/m);
  expect(out).toContain("`expect:` is required.");
  expect(out).toContain("No answer in time is an error: nobody could be asked.");
  expect(out).toContain("query: sum(aws_lambda_errors_sum");
  expect((await run(["command"])).out).toContain("Where `expect:` is left out, it expects: exitCode is 0.");
});

test("an unknown type is refused, with the nearest", async () => {
  expect(await run(["promethus"])).toMatchObject({
    code: 2,
    err: expect.stringContaining(
      'unknown type of probe "promethus" (did you mean "prometheus"?): `unplug probes` lists them',
    ),
  });
});

test.each(builtinProbes)("every setting and measure of $type says what it is", (probe) => {
  const [, ...lines] = probeText(probe, 400).split("\n");

  const rows = lines.filter((line) => /^ {2}[a-z][\w.*]* {2}/i.test(line) && !line.startsWith("  NAME"));
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect(row.trim().split(/ {2,}/).length, row).toBeGreaterThan(2);
});

test.each(builtinProbes)("the example of $type can be loaded", (probe) => {
  const document = {
    apiVersion: "unplug.dev/v1",
    kind: "Experiment",
    metadata: { name: "e" },
    spec: {
      steps: [{ fault: "pull-plug", tunables: { FUNCTION_NAME: "f", EVENT_UUIDS: "all" } }],
      probes: parse(exampleLines(probe).join("\n")),
    },
  };
  const faults = [testFault("pull-plug")];
  const env = { AWS_REGION: "us-east-1" };
  const text = JSON.stringify(document);

  const { experiment } = loadExperiment({ file: "e", text, faults, probes: builtinProbes, env });

  expect(experiment.probes).toHaveLength(1);
});

test.each([40, 60, 80, 120])("no sentence is longer than a terminal of %i columns", (width) => {
  for (const probe of builtinProbes) {
    const [told = ""] = probeText(probe, width).split("\nExample");
    // A word that is longer stands whole.
    for (const line of told.split("\n"))
      if (line.trim().includes(" ") && !line.includes(":`"))
        expect(columns(line), line).toBeLessThanOrEqual(width);
  }
});
