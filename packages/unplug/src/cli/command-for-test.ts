import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox, zipOf } from "@unplug/sandbox";
import { inject } from "vitest";

export const FAULT = "lambda-toggle-event-mapping-state";

export interface Ended {
  /** Exit code, or the signal that killed it. */
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves once its standard output holds `text`; rejects when it ends before. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** A function fed by a queue in a sandbox of its own, a state folder, and the real command as a child process. */
export async function commandLab() {
  const folder = await mkdtemp(join(tmpdir(), "unplug-cli-test-"));
  const sandbox = await startSandbox({ timing: "none" });
  const call = (action: string, input: Readonly<Record<string, unknown>>) =>
    sandbox.cloud.call(action, input, { region: "us-east-1" });
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
  const children = new Set<ChildProcess>();
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    UNPLUG_HOME: join(folder, "home"),
    ...sandbox.exports,
  };
  return {
    folder,
    endpoint: sandbox.exports["AWS_ENDPOINT_URL"] ?? "",
    start: (...args: readonly string[]) => start(args, env, children),
    run: (...args: readonly string[]) => start(args, env, children).ended,
    /** As `run`, with other variables beside the sandbox's. */
    runWith: (more: NodeJS.ProcessEnv, ...args: readonly string[]) =>
      start(args, { ...env, ...more }, children).ended,
    /** One call of the cloud, as its administrator. */
    call,
    /** How many mappings deliver, by the sandbox's own account. */
    delivering: () => sandbox.cloud.mappings.enabledSqs().length,
    async close() {
      for (const child of children) child.kill("SIGKILL");
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The real command, in a process of its own. */
function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  children: Set<ChildProcess> = new Set(),
): Running {
  const { bin, cache } = inject("command");
  const child = spawn(process.execPath, [bin, ...args], {
    env: { XDG_CACHE_HOME: cache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      children.delete(child);
      resolve({ code: code ?? String(signal), out, err });
    });
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (out.includes(text)) resolve();
      };
      child.stdout.on("data", look);
      child.once("close", () => reject(new Error(`It ended without saying "${text}":\n${out}\n${err}`)));
      look();
    });
  return { child, says, ended };
}
