import { afterEach, beforeEach, expect, test } from "vitest";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { type RuntimeApi, type RuntimeSignal, startRuntimeApi } from "./runtime-api.ts";

let api: RuntimeApi;
let signals: Mailbox<RuntimeSignal>;
beforeEach(async () => {
  signals = createMailbox<RuntimeSignal>();
  api = await startRuntimeApi((signal) => signals.put(signal));
});
afterEach(async () => {
  await api.close();
});

const delivery = {
  requestId: "id-1",
  deadlineMs: 1234,
  functionArn: "arn:f",
  traceId: "Root=1",
  payload: Buffer.from('{"a":1}'),
};

function at(path: string): string {
  return `http://${api.address}/2018-06-01/runtime/${path}`;
}

async function post(path: string, body: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(at(path), { method: "POST", body });
  return { status: answer.status, body: await answer.json() };
}

async function begin(): Promise<Response> {
  const next = fetch(at("invocation/next"));
  expect((await signals.take(5000))?.kind).toBe("next");
  api.deliver(delivery);
  return await next;
}

test("hands over an invocation with its headers and takes its answer once", async () => {
  const next = await begin();
  expect(Object.fromEntries(next.headers)).toMatchObject({
    "lambda-runtime-aws-request-id": "id-1",
    "lambda-runtime-deadline-ms": "1234",
    "lambda-runtime-invoked-function-arn": "arn:f",
    "lambda-runtime-trace-id": "Root=1",
    "content-type": "application/json",
  });
  expect(await next.json()).toEqual({ a: 1 });
  expect(await post("invocation/id-1/response", "42")).toEqual({ status: 202, body: { status: "OK" } });
  const signal = await signals.take(5000);
  expect(signal).toEqual({ kind: "answer", failed: false, body: Buffer.from("42") });
  expect(await post("invocation/id-1/response", "43")).toMatchObject({
    status: 403,
    body: { errorType: "InvalidStateTransition" },
  });
});

test("hands one invocation to a runtime that has asked twice, and tells of it once", async () => {
  const first = fetch(at("invocation/next"));
  expect((await signals.take(5000))?.kind).toBe("next");
  const second = fetch(at("invocation/next"));
  // Its end says that the second question has arrived.
  await expect(first).rejects.toThrow();
  api.deliver(delivery);
  expect(await (await second).json()).toEqual({ a: 1 });
  expect(await signals.take(0)).toBeNull();
});

test("refuses unknown request ids, calls out of turn and unknown paths", async () => {
  expect(await post("invocation/id-1/response", "1")).toMatchObject({
    status: 400,
    body: { errorType: "InvalidRequestID" },
  });
  await (await begin()).arrayBuffer();
  expect(await post("invocation/other/error", "{}")).toMatchObject({
    status: 400,
    body: { errorType: "InvalidRequestID" },
  });
  expect((await fetch(at("invocation/next"))).status).toBe(403);
  expect((await post("init/error", "{}")).status).toBe(403);
  expect((await post("elsewhere", "{}")).status).toBe(404);
});

test("takes errors of the initialisation and of an invocation", async () => {
  expect(await post("init/error", '{"errorType":"E"}')).toEqual({ status: 202, body: { status: "OK" } });
  expect(await signals.take(5000)).toEqual({ kind: "initError", body: Buffer.from('{"errorType":"E"}') });
  await (await begin()).arrayBuffer();
  expect((await post("invocation/id-1/error", "{}")).status).toBe(202);
  expect(await signals.take(5000)).toEqual({ kind: "answer", failed: true, body: Buffer.from("{}") });
});
