import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startSandbox, zipOf } from "@unplug/sandbox";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { examplesIn } from "../support/doc-examples.ts";

const ROOT = join(import.meta.dirname, "../..");
const action = z
  .object({
    inputs: z.record(z.string(), z.object({ default: z.string().optional() })),
    runs: z.object({
      steps: z.array(
        z.object({
          name: z.string(),
          if: z.string().optional(),
          env: z.record(z.string(), z.string()).default({}),
          run: z.string().optional(),
        }),
      ),
    }),
  })
  .parse(parse(await readFile(join(ROOT, "action.yml"), "utf8")));

const experiment = (answer: string) => `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders-waits }
spec:
  steps:
    - fault: lambda-toggle-event-mapping-state
      name: orders-off
      tunables: { FUNCTION_NAME: orders, EVENT_UUIDS: all, REGION: us-east-1, TOTAL_CHAOS_DURATION: 60, DRAIN_TIMEOUT: 0 }
  probes:
    - name: answers
      type: command
      mode: EOT
      command: { argv: [node, --print, "\${WORD}"] }
      expect: { exitCode: 0, stdout: { contains: "${answer}" } }
`;

let folder: string;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-action-test-"));
  sandbox = await startSandbox({ timing: "none" });
  const call = (name: string, input: Readonly<Record<string, unknown>>) =>
    sandbox.cloud.call(name, input, { region: "us-east-1" });
  await call("sqs:CreateQueue", { QueueName: "orders" });
  await call("lambda:CreateFunction", {
    FunctionName: "orders",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/orders",
    Code: { ZipFile: await zipOf({ "index.mjs": "export const handler = async () => {};" }) },
  });
  await call("lambda:CreateEventSourceMapping", {
    FunctionName: "orders",
    EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:orders",
  });
  // What the step before them puts there.
  await mkdir(join(folder, "bin"));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${inject("command").bin}' "$@"\n`;
  await writeFile(join(folder, "bin/unplug"), program);
  await chmod(join(folder, "bin/unplug"), 0o755);
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

/** All shell steps after the installation, as a runner does: after one that failed only those that run always. */
async function runAction(
  name: string,
  given: Readonly<Record<string, string>>,
  /** Once it has said this, the step is interrupted as a runner does when a job is cancelled. */
  cancelAt: string | null = null,
) {
  const job = join(folder, name);
  await mkdir(job);
  for (const file of ["output", "summary"]) await writeFile(join(job, file), "");
  const inputs: Record<string, string> = {};
  for (const [key, { default: otherwise }] of Object.entries(action.inputs))
    inputs[key] = given[key] ?? otherwise ?? "";
  const codes: Record<string, number | null> = {};
  let said = "";
  for (const step of action.runs.steps) {
    if (step.run === undefined || step.name === "Install") continue;
    const isDone = Object.values(codes).some((code) => code !== 0);
    if (isDone && step.if?.startsWith("always()") !== true) continue;
    const env = Object.entries(step.env).map(([key, text]) => [
      key,
      text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => inputs[input] ?? ""),
    ]);
    const script = join(job, "step.sh");
    await writeFile(script, step.run);
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: job,
      env: {
        ...sandbox.exports,
        PATH: `${join(folder, "bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`,
        HOME: job,
        UNPLUG_HOME: join(job, "home"),
        GITHUB_OUTPUT: join(job, "output"),
        GITHUB_STEP_SUMMARY: join(job, "summary"),
        ...Object.fromEntries(env),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let isCancelled = false;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (isCancelled || cancelAt === null || step.name !== "Run" || !said.includes(cancelAt)) return;
        isCancelled = true;
        child.kill("SIGINT");
      });
    const [code] = await once(child, "close");
    codes[step.name] = code;
  }
  const read = (file: string) => readFile(join(job, file), "utf8");
  return {
    codes,
    said,
    output: await read("output"),
    summary: await read("summary"),
    results: await readdir(join(job, "unplug-results")).catch(() => []),
    read,
  };
}

test("the action plans, runs, restores and reports; a probe that fails is red in all of it", async () => {
  const file = join(folder, "orders.yaml");
  await writeFile(file, experiment("yes"));
  const set = "orders-off.TOTAL_CHAOS_DURATION=1\n";

  const { codes, said, output, summary, results, read } = await runAction("failed", {
    experiment: file,
    set,
    var: "WORD='no: $(exit 1) `x`'\n",
  });

  expect(codes, said).toEqual({ Plan: 0, Run: 1, "Restore what a run that died has left": 0, Report: 0 });
  expect(said).toContain('probe "answers" (EOT) failed: stdout is "no: $(exit 1) `x`"');
  expect(output).toMatch(/^run=r-[\w-]+\nverdict=failed\nresilience-score=0\n$/);
  expect(summary).toContain("## ❌ orders-waits: failed");
  expect(results).toEqual(
    expect.arrayContaining(["report.html", "report.json", "junit.xml", "report.md", "metrics.prom"]),
  );
  expect(await read("unplug-results/junit.xml")).toContain("<failure ");
});

test("a job that is cancelled has put everything back, and says so", async () => {
  const file = join(folder, "orders.yaml");
  await writeFile(file, experiment("yes"));

  const { codes, said, output } = await runAction(
    "cancelled",
    { experiment: file, var: "WORD=1" },
    "held until",
  );

  expect(codes, said).toEqual({ Plan: 0, Run: 130, "Restore what a run that died has left": 0, Report: 0 });
  expect(output).toContain("verdict=aborted");
  expect(sandbox.cloud.mappings.enabledSqs()).toHaveLength(1);
});

test("an experiment that cannot be planned never runs, and leaves a word", async () => {
  const { codes, said } = await runAction("refused", { experiment: join(folder, "none.yaml") });

  expect(codes).toEqual({ Plan: 2, "Restore what a run that died has left": 0, Report: 0 });
  expect(said).toContain("There was no run.");
});

test("the workflow of the page gives the action only inputs that it has", async () => {
  const page = await readFile(join(ROOT, "docs/ci.md"), "utf8");
  const [workflow] = examplesIn(page).filter(({ language }) => language === "yaml");
  const { jobs } = z
    .object({
      jobs: z.object({
        orders: z.object({
          steps: z.array(z.object({ uses: z.string(), with: z.record(z.string(), z.json()).default({}) })),
        }),
      }),
    })
    .parse(parse(workflow?.text ?? ""));
  const ours = jobs.orders.steps.find(({ uses }) => uses === "./");
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(ours?.with ?? {})));
  expect(Object.keys(ours?.with ?? {})).toContain("experiment");
});
