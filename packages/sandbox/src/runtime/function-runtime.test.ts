import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FunctionImage } from "../runtime-port.ts";
import { imageOf, type RuntimeForTest, runtimeForTest } from "./runtime-for-test.ts";

/** Waits for a condition, with patience for a busy machine. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 20 });

let shared: RuntimeForTest;
beforeAll(async () => {
  shared = await runtimeForTest();
});
afterAll(async () => {
  await shared.close();
});

const counting = `let n = 0; exports.handler = async (event) => ({ pid: process.pid, n: ++n, mood: process.env.MOOD ?? null, event });`;

async function node(source: string, changes: Partial<FunctionImage> = {}): Promise<FunctionImage> {
  return await imageOf({ "index.js": source }, changes);
}

test("serves the next invocation with the same process", async () => {
  const image = await node(counting, { functionName: "warm" });
  const first = await shared.call(image, { a: 1 });
  const second = await shared.call(image);
  expect(first.value).toMatchObject({ n: 1, event: { a: 1 } });
  expect(second.value).toMatchObject({ n: 2, pid: Object(first.value).pid });
});

test("serves a new revision with a new environment and ends the idle one of the old", async () => {
  const image = await node(counting, { functionName: "updated" });
  const before = await shared.call(image);
  const after = await shared.call({ ...image, revision: "2", environment: { MOOD: "new" } });
  expect(before.value).toMatchObject({ n: 1, mood: null });
  expect(after.value).toMatchObject({ n: 1, mood: "new" });
  await eventually(() => alive(Object(before.value).pid)).toBe(false);
  expect(alive(Object(after.value).pid)).toBe(true);
});

test("ends idle environments of a function that is gone or of another revision", async () => {
  const own = await runtimeForTest();
  try {
    await own.call(await node(counting, { functionName: "kept" }));
    await own.call(await node(counting, { functionName: "updated" }));
    await own.call(await node(counting, { functionName: "gone" }));
    own.runtime.refresh(({ functionName }) =>
      functionName === "gone" ? null : functionName === "updated" ? "2" : "1",
    );
    expect(own.runtime.environments()).toBe(1);
    expect((await own.call(await node(counting, { functionName: "kept" }))).value).toMatchObject({ n: 2 });
  } finally {
    await own.close();
  }
});

test("lets an idle environment of the old revision serve during the overlap only", async () => {
  let now = 0;
  const own = await runtimeForTest({ overlapMs: () => 60_000, elapsed: () => now });
  try {
    const image = await node(counting);
    const update = { ...image, revision: "2", environment: { MOOD: "new" } };
    await own.call(image);
    expect((await own.call(update)).value).toMatchObject({ n: 2, mood: null });
    now = 60_001;
    expect((await own.call(update)).value).toMatchObject({ n: 1, mood: "new" });
  } finally {
    await own.close();
  }
});

test("kills a function that runs longer than its timeout, with all its processes", async () => {
  const source = `const { spawn } = require("node:child_process");
    exports.handler = async () => { const child = spawn("sleep", ["600"]); console.log("child", child.pid);
      const far = spawn("sleep", ["600"], { detached: true }); console.log("child", far.pid); await new Promise(() => setInterval(() => {}, 1000)); };`;
  const image = await node(source, { functionName: "slow", timeoutSeconds: 1 });
  const answer = await shared.call(image);
  expect(answer.functionError).toBe("Unhandled");
  expect(Object(answer.value)).toMatchObject({
    errorType: "Sandbox.Timedout",
    errorMessage: expect.stringMatching(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/,
    ),
  });
  expect(answer.tail).toMatch(/\n\d{4}-\S+Z [0-9a-f-]{36} Task timed out after 1\.00 seconds\nEND /);
  expect(answer.tail).toMatch(/REPORT .*Duration: 1000\.00 ms.*Status: timeout/);
  const children = [...answer.tail.matchAll(/child (\d+)/g)].map((match) => Number(match[1]));
  expect(children).toHaveLength(2);
  for (const pid of children) expect(alive(pid)).toBe(false);
});

test("reports a process that ends in the middle of an invocation", async () => {
  const image = await node(
    `exports.handler = async (event) => { if (event.kill) process.kill(process.pid, "SIGKILL"); process.exit(event.status); };`,
    {
      functionName: "crash",
    },
  );
  const one = Object((await shared.call(image, { status: 1 })).value);
  expect(one.errorType).toBe("Runtime.ExitError");
  expect(one.errorMessage).toMatch(
    /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 1$/,
  );
  const zero = Object((await shared.call(image, { status: 0 })).value);
  expect(zero.errorMessage).toMatch(/Error: Runtime exited without providing a reason$/);
  const killed = Object((await shared.call(image, { kill: true })).value);
  expect(killed.errorMessage).toMatch(/Error: Runtime exited with error: signal: killed$/);
});

test("starts a slow initialisation once more, and then under the function's timeout", async () => {
  const own = await runtimeForTest({ initLimitMs: 300 });
  try {
    const image = await node(
      `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600); exports.handler = async () => "late";`,
    );
    const answer = await own.call(image);
    expect(answer.value).toBe("late");
    expect(answer.tail).toMatch(/INIT_REPORT Init Duration: .* ms\tPhase: init\tStatus: timeout\n/);
    const never = { ...image, revision: "2", timeoutSeconds: 0.4 };
    expect((await own.call(never)).value).toMatchObject({ errorType: "Sandbox.Timedout" });
  } finally {
    await own.close();
  }
});

test("logs to the group that the function was given", async () => {
  const source = `exports.handler = async () => { console.log("here"); return process.env.AWS_LAMBDA_LOG_GROUP_NAME; };`;
  const { value } = await shared.call(await node(source, { logGroup: "/shop/carts" }));
  expect(value).toBe("/shop/carts");
  const mine = shared.lines.filter(({ group }) => group === "/shop/carts").map(({ line }) => line);
  expect(mine).toContainEqual(expect.stringMatching(/\tINFO\there$/));
});

test("writes the records of Lambda into the log and the last of them into the tail", async () => {
  const source = `console.log("starting"); exports.handler = async () => { console.error("two\\nlines", { a: 1 }); process.stdout.write("raw\\n"); return 1; };`;
  const image = await node(source, { functionName: "logging" });
  const answer = await shared.call(image);
  const mine = shared.lines.filter((line) => line.group === "/aws/lambda/logging").map((line) => line.line);
  expect(mine).toEqual([
    expect.stringMatching(
      /^INIT_START Runtime Version: nodejs:22\.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/,
    ),
    expect.stringMatching(/^\d{4}-.*Z\tundefined\tINFO\tstarting$/),
    expect.stringMatching(/^START RequestId: [0-9a-f-]{36} Version: \$LATEST$/),
    expect.stringMatching(/^\d{4}-.*Z\t[0-9a-f-]{36}\tERROR\ttwo\nlines \{ a: 1 \}$/),
    "raw",
    expect.stringMatching(/^END RequestId: [0-9a-f-]{36}$/),
    expect.stringMatching(
      /^REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t$/,
    ),
  ]);
  expect(answer.tail).toBe(`${mine.slice(1).join("\n")}\n`);
  expect((await shared.call(image)).tail).not.toMatch(/starting|Init Duration/);
});

test("counts invocations, errors and durations", async () => {
  const own = await runtimeForTest();
  try {
    const image = await node(
      `exports.handler = async (event) => { if (event.bad) throw new Error("bad"); };`,
    );
    expect((await own.call(image)).value).toBeNull();
    await own.call(image, { bad: true });
    const of = (name: string) =>
      own.figures.filter((figure) => figure.name === name).map((figure) => figure.value);
    expect(of("Invocations")).toEqual([1, 1]);
    expect(of("Errors")).toEqual([0, 1]);
    expect(of("Duration")).toHaveLength(2);
    expect(of("ConcurrentExecutions")).toEqual([1, 1]);
    expect(of("Throttles")).toEqual([]);
  } finally {
    await own.close();
  }
});

test("throttles beyond the reserved concurrency and beyond the number of environments", async () => {
  const own = await runtimeForTest({ maxEnvironments: 2 });
  try {
    const slow = `exports.handler = async () => { await new Promise((r) => setTimeout(r, 400)); return "done"; };`;
    const one = await node(slow, { functionName: "one", reservedConcurrency: 1 });
    const first = own.call(one);
    await expect(own.call(one)).rejects.toMatchObject({
      code: "TooManyRequestsException",
      status: 429,
      body: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" },
    });
    const two = await node(slow, { functionName: "two" });
    const second = own.call(two);
    await expect(own.call(two)).rejects.toMatchObject({
      body: { Reason: "ConcurrentInvocationLimitExceeded" },
    });
    expect((await first).value).toBe("done");
    expect((await second).value).toBe("done");
    expect(own.figures.filter((figure) => figure.name === "Throttles")).toHaveLength(2);
    const three = await node(slow, { functionName: "three" });
    expect((await own.call(three)).value).toBe("done");
  } finally {
    await own.close();
  }
});

test("refuses an answer of more than 6 MB and goes on with the same process", async () => {
  const image = await node(`exports.handler = async (event) => "x".repeat(event.size);`, {
    functionName: "large",
  });
  expect((await shared.call(image, { size: 6_291_554 })).functionError).toBeNull();
  const large = await shared.call(image, { size: 6_291_555 });
  expect(large).toMatchObject({
    functionError: "Unhandled",
    value: {
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    },
  });
});

test("ends environments that were idle for long enough", async () => {
  const own = await runtimeForTest({ idleMs: 50 });
  try {
    await own.call(await node(counting));
    await eventually(() => own.runtime.environments()).toBe(0);
  } finally {
    await own.close();
  }
});

test("leaves no process behind when it is closed, not even in the middle of invocations", async () => {
  const own = await runtimeForTest();
  const idle = Object((await own.call(await node(counting, { functionName: "idle" }))).value).pid;
  const slow = await node(`const { spawn } = require("node:child_process"); exports.handler = async () => {
      for (const detached of [true, false]) console.log("pid", spawn("sleep", ["600"], { detached }).pid);
      console.log("pid", process.pid); await new Promise((r) => setTimeout(r, 60000)); };`);
  const cut = own.call(slow);
  const pids = () => own.lines.flatMap(({ line }) => /pid (\d+)/.exec(line)?.[1] ?? []).map(Number);
  await eventually(() => pids().length).toBe(3);
  const all = [idle, ...pids()];
  expect(all.map(alive)).toEqual([true, true, true, true]);
  await own.close();
  expect(all.map(alive)).toEqual([false, false, false, false]);
  expect((await cut).value).toMatchObject({ errorType: "Runtime.ExitError" });
  await expect(own.call(slow)).rejects.toThrow(/closed/);
});

test("is closed at once while an environment is being started", async () => {
  let closing: Promise<void> | null = null;
  const own = await runtimeForTest({
    endpoint: () => {
      closing = own.runtime.close();
      return null;
    },
  });
  const hanging = await node("exports.handler = () => new Promise((r) => setTimeout(r, 60000));", {
    timeoutSeconds: 60,
  });
  await expect(own.call(hanging)).rejects.toThrow(/closed/);
  expect(closing).not.toBeNull();
  await own.close();
});

test("starts no second process when it is closed during a start-up that took too long", async () => {
  const held = await node(
    `console.log("pid", process.pid); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);`,
    { timeoutSeconds: 60 },
  );
  const own = await runtimeForTest({
    initLimitMs: 300,
    log: (place, _at, line) => {
      own.lines.push({ ...place, line });
      if (line.startsWith("INIT_REPORT")) void own.runtime.close();
    },
  });
  const cut = own.call(held);
  expect((await cut).value).toMatchObject({ errorType: "Sandbox.Timedout" });
  await own.close();
  expect(own.lines.filter(({ line }) => line.startsWith("INIT_REPORT"))).toHaveLength(1);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !zombie(pid);
}

function zombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}
