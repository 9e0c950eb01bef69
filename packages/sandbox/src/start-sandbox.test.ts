import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isRecord } from "./input.ts";
import { type Sandbox, startSandbox } from "./start-sandbox.ts";
import { zipOf } from "./zip-of.ts";

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 20 });
const region = "us-east-1";
const role = "arn:aws:iam::000000000000:role/any";
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ timing: "none" });
});
afterAll(async () => {
  await sandbox.close();
});

async function call(action: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await sandbox.cloud.call(action, input, { region });
  return isRecord(answer) ? answer : {};
}

async function create(name: string, source: string, members: Record<string, unknown> = {}): Promise<void> {
  await call("lambda:CreateFunction", {
    FunctionName: name,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: role,
    Timeout: 10,
    Code: { ZipFile: await zipOf({ "index.mjs": source }) },
    ...members,
  });
}

async function invoke(name: string, payload: unknown = {}): Promise<unknown> {
  const { Payload } = await call("lambda:Invoke", {
    FunctionName: name,
    Payload: Buffer.from(JSON.stringify(payload)),
  });
  return JSON.parse(String(Payload));
}

/** A function that sends what it is given to a queue, over HTTP as an SDK does. */
const sender = `export const handler = async (event) => {
  const url = process.env.AWS_ENDPOINT_URL;
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage",
    authorization: "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ QueueUrl: process.env.TARGET, MessageBody: JSON.stringify(event) }) });
  return { status: answer.status, text: await answer.text() };
};`;

test("may be closed twice, and then answers nobody", async () => {
  const other = await startSandbox();
  await other.close();
  await other.close();
  await expect(fetch(other.url)).rejects.toThrow();
});

test("lets a function use the sandbox's own services", async () => {
  const { QueueUrl } = await call("sqs:CreateQueue", { QueueName: "results" });
  await create("sender", sender, { Environment: { Variables: { TARGET: QueueUrl } } });
  expect(await invoke("sender", { a: 1 })).toMatchObject({ status: 200 });
  const { Messages } = await call("sqs:ReceiveMessage", { QueueUrl });
  expect(Messages).toMatchObject([{ Body: '{"a":1}' }]);
  expect(sandbox.exports).toEqual({
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  });
});

test("runs a function on the messages of a queue, with logs and metrics", async () => {
  await call("sqs:CreateQueue", { QueueName: "orders" });
  await create(
    "worker",
    `export const handler = async ({ Records }) => { for (const { body } of Records) console.log("did", body); };`,
  );
  await call("lambda:CreateEventSourceMapping", {
    FunctionName: "worker",
    EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:orders",
  });
  const { QueueUrl } = await call("sqs:GetQueueUrl", { QueueName: "orders" });
  for (const body of ["x", "y"]) await call("sqs:SendMessage", { QueueUrl, MessageBody: body });
  const lines = () =>
    sandbox.cloud.logs.find(region, "/aws/lambda/worker")?.events.map((event) => event.message) ?? [];
  await eventually(() => lines().filter((line) => /\tdid [xy]\n?$/.test(line)).length).toBe(2);
  await eventually(() => lines().some((line) => line.startsWith("REPORT RequestId: "))).toBe(true);
  const points = (name: string) => {
    const series = { region, namespace: "AWS/Lambda", name, dimensions: { FunctionName: "worker" } };
    return sandbox.cloud.metrics.points(series, 0, 9e15);
  };
  await eventually(() => points("Invocations").length).toBeGreaterThan(0);
  expect(points("Errors").reduce((sum, point) => sum + point.sum, 0)).toBe(0);
});

test("gives invocations after an update the new environment, and ends the old process", async () => {
  await create(
    "moody",
    "export const handler = async () => ({ pid: process.pid, mood: process.env.MOOD ?? null });",
  );
  const before = Object(await invoke("moody"));
  expect(before.mood).toBeNull();
  await call("lambda:UpdateFunctionConfiguration", {
    FunctionName: "moody",
    Environment: { Variables: { MOOD: "new" } },
  });
  await eventually(() => alive(before.pid)).toBe(false);
  expect(Object(await invoke("moody")).mood).toBe("new");
  await call("lambda:UpdateFunctionConfiguration", { FunctionName: "moody", Environment: { Variables: {} } });
  expect(Object(await invoke("moody")).mood).toBeNull();
});

test("runs versions and aliases with their own code and configuration, by weight", async () => {
  const source = (said: string): string => `export const handler = async (_event, context) =>
    ({ said: "${said}", mood: process.env.MOOD, arn: context.invokedFunctionArn, version: context.functionVersion });`;
  await create("moving", source("first"), { Environment: { Variables: { MOOD: "calm" } } });
  await call("lambda:PublishVersion", { FunctionName: "moving" });
  const ZipFile = await zipOf({ "index.mjs": source("second") });
  await call("lambda:UpdateFunctionCode", { FunctionName: "moving", ZipFile, Publish: true });
  await call("lambda:UpdateFunctionConfiguration", {
    FunctionName: "moving",
    Environment: { Variables: { MOOD: "wild" } },
  });
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:moving";
  const first = { said: "first", mood: "calm", version: "1" };
  const second = { said: "second", mood: "calm", version: "2" };
  expect(await invoke("moving:1")).toEqual({ ...first, arn: `${arn}:1` });
  expect(await invoke("moving")).toEqual({ said: "second", mood: "wild", version: "$LATEST", arn });
  const live = { FunctionName: "moving", Name: "live", FunctionVersion: "1" };
  await call("lambda:CreateAlias", live);
  expect(await invoke("moving:live")).toEqual({ ...first, arn: `${arn}:live` });
  const RoutingConfig = { AdditionalVersionWeights: { "2": 1 } };
  await call("lambda:UpdateAlias", { ...live, RoutingConfig });
  expect(await invoke("moving:live")).toEqual({ ...second, arn: `${arn}:live` });
});

test("tells in the log of a function why a mapping cannot invoke it", async () => {
  await call("sqs:CreateQueue", { QueueName: "hopeless" });
  await create("hopeless", "", { Runtime: "java21" });
  await call("lambda:CreateEventSourceMapping", {
    FunctionName: "hopeless",
    EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:hopeless",
  });
  const { QueueUrl } = await call("sqs:GetQueueUrl", { QueueName: "hopeless" });
  await call("sqs:SendMessage", { QueueUrl, MessageBody: "x" });
  const lines = () =>
    sandbox.cloud.logs.find(region, "/aws/lambda/hopeless")?.events.map((event) => event.message) ?? [];
  await eventually(() => lines().join("")).toMatch(/cannot run function hopeless: its runtime "java21"/);
});

test("leaves neither processes nor files behind when it is closed", async () => {
  // Without mounts the function sees where its folder is.
  const own = await startSandbox({ timing: "none", mounts: "none" });
  expect(own.withoutMounts).toBe("the sandbox was started without them");
  const input = { FunctionName: "f", Runtime: "nodejs22.x", Handler: "index.handler", Role: role };
  const zip = await zipOf({
    "index.mjs": "export const handler = async () => ({ pid: process.pid, folder: process.cwd() });",
  });
  await own.cloud.call("lambda:CreateFunction", { ...input, Code: { ZipFile: zip } }, { region });
  const answer = await own.cloud.call("lambda:Invoke", { FunctionName: "f" }, { region });
  const { pid, folder } = JSON.parse(String(Object(answer).Payload));
  expect(alive(pid)).toBe(true);
  expect(existsSync(dirname(folder))).toBe(true);
  await own.close();
  expect(alive(pid)).toBe(false);
  expect(groupMembers(pid)).toEqual([]);
  expect(existsSync(dirname(folder))).toBe(false);
});

test("leaves no function process behind when it is killed, and the next sandbox removes its files", async () => {
  const file = fileURLToPath(new URL("./sandbox-for-test.ts", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "unplug-kill-test-"));
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"], env });
  let pids: readonly number[] = [];
  try {
    pids = await printedPids(child);
    expect(pids).toHaveLength(5);
    expect(pids.map(alive)).toEqual([true, true, true, true, true]);
    const groups = [pids[0], pids[3]].map(Number);
    if (existsSync("/proc/self/stat"))
      expect(groups.flatMap(groupMembers).length).toBeGreaterThan(groups.length);
    child.kill("SIGKILL");
    await eventually(() => pids.map(alive)).toEqual([false, false, false, false, false]);
    await eventually(() => groups.flatMap(groupMembers)).toEqual([]);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^unplug-sandbox-/)]);
    vi.stubEnv("TMPDIR", folder);
    const next = await startSandbox();
    expect(readdirSync(folder)).toHaveLength(1);
    await next.close();
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    for (const pid of pids.filter(alive)) process.kill(pid, "SIGKILL");
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  }
});

async function printedPids(child: ChildProcess): Promise<number[]> {
  if (child.stdout === null) throw new Error("The child has no standard output.");
  for await (const line of createInterface({ input: child.stdout })) {
    const read: unknown = JSON.parse(line);
    if (Array.isArray(read)) return read.map(Number);
  }
  throw new Error("The child ended without printing process ids.");
}

function statOf(pid: number | string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** Whether it runs: what has ended and only waits for its parent to notice does not. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return statOf(pid)[0] !== "Z";
}

function groupMembers(group: number): number[] {
  if (!existsSync("/proc")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => statOf(pid)[2] === String(group) && statOf(pid)[0] !== "Z").map(Number);
}

test("lets an environment serve on after an update for as long as the switch says", async () => {
  const own = await startSandbox({ timing: "none" });
  try {
    const call = (action: string, input: object) =>
      own.cloud.call(`lambda:${action}`, { FunctionName: "f", ...input }, { region });
    const source = "export const handler = async () => process.env.MARK;";
    const Code = { ZipFile: await zipOf({ "index.mjs": source }) };
    const Environment = (MARK: string) => ({ Environment: { Variables: { MARK } } });
    const setUp = { Runtime: "nodejs22.x", Handler: "index.handler", Role: role, Code };
    await call("CreateFunction", { ...setUp, ...Environment("old") });
    const invoke = async (): Promise<unknown> => JSON.parse(String(Object(await call("Invoke", {})).Payload));
    expect(await invoke()).toBe("old");
    own.cloud.switches.set({ overlapMs: 60_000 });
    await call("UpdateFunctionConfiguration", Environment("new"));
    expect(await call("GetFunctionConfiguration", {})).toMatchObject({ LastUpdateStatus: "Successful" });
    expect(await invoke()).toBe("old");
    own.cloud.switches.set({ overlapMs: 0 });
    expect(await invoke()).toBe("new");
  } finally {
    await own.close();
  }
});
