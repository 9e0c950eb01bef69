import { describe, expect, it } from "vitest";
import { ApiError } from "../api-error.ts";
import { startOfTest, type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import type { InvokeAnswer, InvokeRequest } from "../runtime-port.ts";
import { timings } from "../timing.ts";

const throttled = new ApiError(429, "TooManyRequestsException", "Rate Exceeded.");
const queueArn = "arn:aws:sqs:us-east-1:000000000000:results";

/** A cloud whose functions answer as they are told, and when they were called. */
function cloudWith(answer: (run: number) => "ok" | "fails" | "throttled"): {
  virtual: VirtualCloud;
  runs: { atMs: number; request: InvokeRequest }[];
} {
  const runs: { atMs: number; request: InvokeRequest }[] = [];
  const virtual: VirtualCloud = virtualCloud({
    timing: timings.aws,
    invoke: async (request): Promise<InvokeAnswer> => {
      runs.push({ atMs: virtual.cloud.clock.now() - startOfTest, request });
      const how = answer(runs.length);
      if (how === "throttled") throw throttled;
      const failed = how === "fails";
      return {
        payload: Buffer.from(failed ? '{"errorMessage":"no","errorType":"Oops"}' : '"yes"'),
        functionError: failed ? "Unhandled" : null,
        logTail: null,
        executedVersion: request.image.version,
      };
    },
  });
  return { virtual, runs };
}

async function prepare(virtual: VirtualCloud, config: Record<string, unknown> = {}): Promise<void> {
  await withFunction(virtual, "f");
  virtual.pass(5000);
  await virtual.call("sqs:CreateQueue", { QueueName: "results" });
  const Destination = queueArn;
  await virtual.call("lambda:PutFunctionEventInvokeConfig", {
    FunctionName: "f",
    DestinationConfig: { OnSuccess: { Destination }, OnFailure: { Destination } },
    ...config,
  });
}

function send(virtual: VirtualCloud): Promise<Record<string, unknown>> {
  return virtual.call("lambda:Invoke", {
    FunctionName: "f",
    InvocationType: "Event",
    Payload: Buffer.from('{"order":7}'),
  });
}

/** The one message that arrives; waits for it. */
async function message(virtual: VirtualCloud): Promise<Record<string, unknown>> {
  const url = "http://127.0.0.1/000000000000/results";
  for (;;) {
    const answer = await virtual.call("sqs:ReceiveMessage", {
      QueueUrl: url,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    const [first] = Array.isArray(answer["Messages"]) ? answer["Messages"] : [];
    if (first !== undefined) return Object(first);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("an event", () => {
  it("is tried twice more, after one and two minutes, under the same request id", async () => {
    const { virtual, runs } = cloudWith(() => "fails");
    await prepare(virtual);
    await send(virtual);
    const body = JSON.parse(String((await message(virtual))["Body"]));
    const first = runs[0]?.atMs ?? 0;
    expect(runs.map(({ atMs }) => atMs - first)).toEqual([0, 60_000, 180_000]);
    const requestId = runs[0]?.request.requestId;
    expect(new Set(runs.map(({ request }) => request.requestId))).toEqual(new Set([requestId]));
    expect(body).toEqual({
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      requestContext: {
        requestId,
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: { order: 7 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorMessage: "no", errorType: "Oops" },
    });
  });

  it("tells its destination of the success of a later attempt, with a trace header", async () => {
    const { virtual } = cloudWith((run) => (run === 1 ? "fails" : "ok"));
    await prepare(virtual);
    await send(virtual);
    const { Body, Attributes } = await message(virtual);
    expect(JSON.parse(String(Body))).toMatchObject({
      requestContext: { condition: "Success", approximateInvokeCount: 2 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST" },
      responsePayload: "yes",
    });
    expect(Object(Attributes).AWSTraceHeader).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=/);
  });

  it("is given up when a retry would come after its greatest age", async () => {
    const { virtual, runs } = cloudWith(() => "fails");
    await prepare(virtual, { MaximumEventAgeInSeconds: 100 });
    await send(virtual);
    const { requestContext } = JSON.parse(String((await message(virtual))["Body"]));
    expect(requestContext).toMatchObject({ condition: "EventAgeExceeded", approximateInvokeCount: 2 });
    expect(runs).toHaveLength(2);
  });

  it("waits longer each time that it is throttled, which is no attempt", async () => {
    const { virtual, runs } = cloudWith((run) => (run < 4 ? "throttled" : "ok"));
    await prepare(virtual, { MaximumRetryAttempts: 0 });
    await send(virtual);
    const { requestContext } = JSON.parse(String((await message(virtual))["Body"]));
    expect(requestContext).toMatchObject({ condition: "Success", approximateInvokeCount: 1 });
    const first = runs[0]?.atMs ?? 0;
    expect(runs.map(({ atMs }) => atMs - first)).toEqual([0, 1000, 3000, 7000]);
  });

  it("is not run at all while no concurrency is left for its function", async () => {
    const { virtual, runs } = cloudWith(() => "ok");
    await prepare(virtual);
    await virtual.call("lambda:PutFunctionConcurrency", {
      FunctionName: "f",
      ReservedConcurrentExecutions: 0,
    });
    expect(await send(virtual)).toMatchObject({ StatusCode: 202 });
    const body = JSON.parse(String((await message(virtual))["Body"]));
    expect(body.requestContext).toMatchObject({
      condition: "ZeroReservedConcurrency",
      approximateInvokeCount: 0,
    });
    expect(body).not.toHaveProperty("responsePayload");
    expect(runs).toHaveLength(0);
  });

  it("ends in the dead letter queue of its function when all attempts failed", async () => {
    const { virtual, runs } = cloudWith(() => "fails");
    await virtual.call("sqs:CreateQueue", { QueueName: "results" });
    await withFunction(virtual, "f", { DeadLetterConfig: { TargetArn: queueArn } });
    virtual.pass(5000);
    await send(virtual);
    const letter = await message(virtual);
    expect(letter["Body"]).toBe('{"order":7}');
    expect(letter["MessageAttributes"]).toMatchObject({
      RequestID: { DataType: "String", StringValue: runs[0]?.request.requestId },
      ErrorCode: { DataType: "Number", StringValue: "200" },
      ErrorMessage: { DataType: "String", StringValue: "no" },
    });
    expect(runs).toHaveLength(3);
  });

  it("goes on to the function that is its destination", async () => {
    const { virtual, runs } = cloudWith(() => "ok");
    await withFunction(virtual, "f");
    await withFunction(virtual, "next");
    virtual.pass(5000);
    await virtual.call("lambda:PutFunctionEventInvokeConfig", {
      FunctionName: "f",
      DestinationConfig: {
        OnSuccess: { Destination: "arn:aws:lambda:us-east-1:000000000000:function:next" },
      },
    });
    await send(virtual);
    while (runs.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const [one, two] = runs.map(({ request }) => request);
    expect(two?.image.functionName).toBe("next");
    expect(two?.requestId).not.toBe(one?.requestId);
    expect(JSON.parse(String(two?.payload))).toMatchObject({ requestContext: { condition: "Success" } });
  });
});
