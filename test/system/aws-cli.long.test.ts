import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { Lab, REGION, waitFor } from "../support/lab.ts";
import { needs } from "../support/needs.ts";
import { killInHold, NAME } from "../support/toggled.ts";
import { CONSUMER, handlesAll, produce } from "../support/workload.ts";

const cli = needs("aws-cli");
const PATIENCE_MS = 240_000;

describe.concurrent("the stock AWS CLI, with the commands of the fault's page", () => {
  cli.test(
    "sees the mapping disabled and enabled again, the backlog grow and drain, the invocations drop and return",
    async (path) => {
      await using lab = await Lab.open();
      await lab.addFunction(NAME, { source: CONSUMER });
      const [uuid = ""] = await lab.addMappings(NAME, 1);
      const producer = produce(lab, `${NAME}-0`, 20);
      const aws = (words: string) => ask(lab, path, words);
      const mapping = `lambda get-event-source-mapping --uuid ${uuid} --region ${REGION}`;
      const { QueueUrl: url } = await lab.call("sqs:GetQueueUrl", { QueueName: `${NAME}-0` });
      const depth = async () => {
        const words = `sqs get-queue-attributes --region ${REGION} --queue-url ${String(url)} --attribute-names ApproximateNumberOfMessages`;
        return Number(Object((await aws(words))["Attributes"]).ApproximateNumberOfMessages);
      };
      const depthNow = async () => {
        const input = { QueueUrl: String(url), AttributeNames: ["ApproximateNumberOfMessages"] };
        const { Attributes } = await lab.call("sqs:GetQueueAttributes", input);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return Number(Object(Attributes).ApproximateNumberOfMessages);
      };
      await handlesAll(lab, NAME, ["order-40"]);
      const start = Date.now();
      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 40 });
      const { until } = await run.event("hold.started");
      const held = Date.now();

      // The command takes many seconds on a busy machine: that the backlog grows is not left to it.
      const [{ State: during }, first, second] = await Promise.all([
        aws(mapping),
        above(depth, 0),
        above(depthNow, 0).then((once) => above(depthNow, once)),
      ]);
      await run.event("run.finished");
      const after = (await aws(mapping))["State"];
      await producer.stop();
      await handlesAll(lab, NAME, producer.sent);
      const last = await depth();
      const { code } = await run.ended;

      expect({ code, during, after, last }, run.said).toEqual({
        code: 0,
        during: "Disabled",
        after: "Enabled",
        last: 0,
      });
      expect(first).toBeGreaterThan(0);
      expect(second).toBeGreaterThan(1);
      const invocations = async (from: number, to: number, period: number) => {
        const words =
          `cloudwatch get-metric-statistics --region ${REGION} --namespace AWS/Lambda --metric-name Invocations ` +
          `--dimensions Name=FunctionName,Value=${NAME} --start-time ${iso(from)} --end-time ${iso(to)} --period ${period} --statistics Sum`;
        const points: unknown = (await aws(words))["Datapoints"];
        if (!Array.isArray(points)) throw new Error(`No datapoints for: ${words}`);
        return points.reduce((sum, point) => sum + Number(Object(point).Sum), 0);
      };
      // Whole seconds inside the windows: the page's period of 60 s would hide so short a hold.
      expect(await invocations(floor(start) - 1_000, floor(start), 1)).toBeGreaterThan(0);
      expect(await invocations(floor(held) + 1_000, floor(until), 1)).toBe(0);
      expect(await invocations(floor(until), Date.now() + 1_000, 1)).toBeGreaterThan(0);
      expect(await invocations(start - 120_000, Date.now() + 60_000, 60)).toBeGreaterThan(0);
      expect(run.stderr).toContain("confirmed, effect seen");
    },
    PATIENCE_MS,
  );

  cli.test(
    "disables and enables a mapping as Unplug's lines say, from the plan that was printed before the first write",
    async (path) => {
      await using lab = await Lab.open();
      const uuids = await lab.addFed(NAME, 2);
      const run = await killInHold(lab);
      const lines = run.stderr
        .split("\n")
        .flatMap((line) => /aws lambda update-event-source-mapping .*/.exec(line)?.[0] ?? []);

      expect(lines).toHaveLength(2);
      for (const line of lines) await shell(lab, path, ["-c", line]);

      await Promise.all(uuids.map((uuid) => lab.reaches(uuid, "Enabled")));
    },
    PATIENCE_MS,
  );

  cli.test(
    "puts everything back by the script of unplug show --as aws-cli",
    async (path) => {
      await using lab = await Lab.open();
      const uuids = await lab.addFed(NAME, 2);
      const before = await lab.snapshot(NAME, uuids);
      const run = await killInHold(lab);
      const script = join(lab.folder, "restore.sh");

      const shown = await lab.unplug(["show", await run.run(), "--as", "aws-cli", "-o", script]);
      expect(shown.code, shown.stderr).toBe(0);
      await shell(lab, path, [script]);

      await Promise.all(uuids.map((uuid) => lab.reaches(uuid, "Enabled")));
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
      // Unplug itself, mended, agrees.
      const restore = await lab.unplug(["restore", await run.run()]);
      expect(restore.code, restore.stdout).toBe(0);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
    },
    PATIENCE_MS,
  );

  for (const [fault, tunable] of [
    ["lambda-update-function-memory", "MEMORY_IN_MEGABYTES=256"],
    ["lambda-throttle", "RESERVED_CONCURRENCY=0"],
  ] as const) {
    cli.test(
      `puts a function back by the script of ${fault}`,
      async (path) => {
        await using lab = await Lab.open();
        await lab.addFunction(NAME);
        const before = await lab.snapshot(NAME, []);
        const run = lab.start([
          "fault",
          fault,
          `FUNCTION_NAME=${NAME}`,
          `REGION=${REGION}`,
          tunable,
          "TOTAL_CHAOS_DURATION=600",
          "--format",
          "ndjson",
        ]);
        await run.event("hold.started");
        run.kill("SIGKILL");
        await run.ended;

        const shown = await lab.unplug(["show", await run.run(), "--as", "aws-cli"]);
        const script = join(lab.folder, "restore.sh");
        await writeFile(script, shown.stdout);
        await shell(lab, path, [script]);

        await waitFor(async () => (await lab.configuration(NAME))["LastUpdateStatus"] === "Successful");
        expect(await lab.snapshot(NAME, [])).toEqual(before);
      },
      PATIENCE_MS,
    );
  }
});

async function ask(lab: Lab, path: string, words: string): Promise<Readonly<Record<string, unknown>>> {
  const args = [...words.split(" "), "--output", "json", "--endpoint-url", lab.sandbox.url];
  const { stdout } = await promisify(execFile)(path, args, { env: lab.env });
  return Object(JSON.parse(stdout));
}

/** Runs `sh` where `aws` is the CLI that is tried; fails when a line does. */
async function shell(lab: Lab, path: string, args: readonly string[]): Promise<void> {
  const folder = join(lab.folder, "path");
  await mkdir(folder, { recursive: true });
  await symlink(path, join(folder, "aws")).catch(() => undefined);
  const PATH = `${folder}${delimiter}${process.env["PATH"]}`;
  await promisify(execFile)("sh", [...args], { env: { ...lab.env, PATH, AWS_PAGER: "" } });
}

function floor(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Asks until the answer is above `floor`, at most ten times: each time a program is started. */
async function above(ask: () => Promise<number>, floor: number): Promise<number> {
  for (let times = 1; times < 10; times++) {
    const answer = await ask();
    if (answer > floor) return answer;
  }
  return ask();
}
