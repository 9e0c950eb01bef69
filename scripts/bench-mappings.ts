import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox, zipOf } from "../packages/sandbox/src/index.ts";
import { lacking } from "./bench-program.ts";
import { buildCommand } from "./build-package.ts";
import { type Measured, median } from "./measured.ts";
import { root, runCommand } from "./run-command.ts";

/** Of the control plane of an account in a region. Source: gettingstarted-limits. */
const perSecond = 15;
const holdSeconds = 1;

/** Off and on again, everything proved, with `count` mappings and no more than 15 requests a second. */
export async function benchLimited(count: number): Promise<Measured> {
  return withMappings(count, async (ground) => {
    ground.sandbox.cloud.record.clear();
    ground.sandbox.cloud.switches.set({ throttle: { ratePerSecond: perSecond, burst: perSecond } });
    const taken = takeCalls(ground.sandbox);
    const { seconds, peakBytes } = await toggle(ground);
    const calls = taken.end();
    const done = calls.filter(({ outcome }) => outcome === "ok");
    const writes = done.filter(({ action }) => /:(Update|Tag|Untag)/.test(action)).length;
    const allowed = writes / perSecond;
    const bare = await runMeasured(["-e", "0"], {}, ground.home);
    return {
      says: [
        `${seconds.toFixed(1)} s, of them ${holdSeconds} s held; ${writes} writes and ${done.length - writes} reads, ` +
          `${calls.length - done.length} calls refused and tried again`,
      ],
      figures: {
        // Of a few writes, which take no time, the start of a process is the most.
        ...(count < 100
          ? { "s beyond what the writes need": seconds - holdSeconds - allowed }
          : { "of what the writes need": (seconds - holdSeconds) / allowed }),
        "peak memory over bare Node.js, MB": (peakBytes - bare.peakBytes) / 1e6,
      },
    };
  });
}

interface Call {
  readonly action: string;
  readonly outcome: string | null;
}

/** Takes down the calls of Lambda as they come: the record forgets old ones, and samples of a thousand queues are many. */
function takeCalls({ cloud: { record } }: Sandbox): { end(): readonly Call[] } {
  const taken = new Map<number, Call>();
  const take = () => {
    for (const { id, action, outcome } of record.of("lambda:*")) taken.set(id, { action, outcome });
  };
  const timer = setInterval(take, 1000);
  return {
    end() {
      clearInterval(timer);
      take();
      return [...taken.values()];
    },
  };
}

/** Beside what a user would write by hand: ten threads, each update polled until it is in force. */
export async function benchByHand(count: number, pairs: number): Promise<Measured> {
  const name = "of the script by hand";
  const lacks = await lacking("python3", "python3");
  const boto3 = await runCommand("python3", ["-c", "import boto3"]);
  if (lacks !== null || boto3.code !== 0)
    return { says: [], figures: { [name]: "boto3 is not installed (apt-get install python3-boto3)" } };
  return withMappings(count, async (ground) => {
    const found: { ours: number; theirs: number }[] = [];
    for (let index = -1; index < pairs; index += 1) {
      const theirs = await timed(() => byHand(ground));
      const { seconds } = await toggle(ground, { UNPLUG_REQUESTS_PER_SECOND: "0" });
      if (index >= 0) found.push({ ours: seconds, theirs });
    }
    const ours = median(found.map((pair) => pair.ours)).toFixed(2);
    const theirs = median(found.map((pair) => pair.theirs)).toFixed(2);
    return {
      says: [`${ours} s against ${theirs} s (bench/toggle_by_hand.py), both held for ${holdSeconds} s`],
      figures: { [name]: median(found.map((pair) => pair.ours / pair.theirs)) },
    };
  });
}

interface Ground {
  readonly sandbox: Sandbox;
  readonly home: string;
}

async function withMappings(
  count: number,
  measure: (ground: Ground) => Promise<Measured>,
): Promise<Measured> {
  const home = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  const sandbox = await startSandbox({ timing: "none" });
  try {
    await buildCommand({ from: root, to: join(home, "package") });
    writeFileSync(join(home, "package/package.json"), '{ "type": "module" }');
    await makeMappings(sandbox, count);
    return await measure({ sandbox, home });
  } finally {
    await sandbox.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function byHand({ sandbox }: Ground): Promise<void> {
  const { code, output } = await runCommand(
    "python3",
    [join(root, "bench/toggle_by_hand.py"), "orders", String(holdSeconds)],
    { env: { ...process.env, ...sandbox.exports } },
  );
  if (code !== 0) throw new Error(`bench/toggle_by_hand.py ended with ${code}:\n${output}`);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

interface Toggled {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** One whole run of ours; throws unless everything was proved. */
async function toggle(
  { sandbox, home }: Ground,
  env: Readonly<Record<string, string>> = {},
): Promise<Toggled> {
  const words = ["FUNCTION_NAME=orders", "EVENT_UUIDS=all", `TOTAL_CHAOS_DURATION=${holdSeconds}`];
  return runMeasured(
    [join(home, "package/bin/unplug.js"), "fault", "lambda-toggle-event-mapping-state", ...words],
    { ...sandbox.exports, UNPLUG_HOME: home, ...env },
    home,
  );
}

/** Runs Node.js, which itself says in the end how much it ever held. */
async function runMeasured(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<Toggled> {
  const file = join(folder, "peak");
  const hook = `process.on("exit",()=>process.getBuiltinModule("fs").writeFileSync(${JSON.stringify(file)},String(process.resourceUsage().maxRSS)))`;
  const { code, output, ms } = await runCommand(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, ...args],
    { env: { ...process.env, ...env } },
  );
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}:\n${output}`);
  return { seconds: ms / 1000, peakBytes: Number(readFileSync(file, "utf8")) * 1024 };
}

/** A function with so many queues that feed it. */
export async function makeMappings({ cloud }: Sandbox, count: number): Promise<void> {
  const region = "us-east-1";
  await cloud.call(
    "lambda:CreateFunction",
    {
      FunctionName: "orders",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::000000000000:role/orders",
      Handler: "index.handler",
      Code: { ZipFile: await zipOf({ "index.mjs": "export const handler = async () => 0;" }) },
    },
    { region },
  );
  for (let i = 0; i < count; i += 1) {
    await cloud.call("sqs:CreateQueue", { QueueName: `orders-${i}` }, { region });
    const EventSourceArn = `arn:aws:sqs:${region}:000000000000:orders-${i}`;
    await cloud.call(
      "lambda:CreateEventSourceMapping",
      { FunctionName: "orders", EventSourceArn },
      { region },
    );
  }
}
