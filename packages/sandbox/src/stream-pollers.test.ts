import { afterEach, expect, it, vi } from "vitest";
import { type Cloud, createCloud } from "./cloud.ts";
import { smallestZip } from "./cloud-for-test.ts";
import type { Pollers } from "./pollers.ts";
import type { InvokeAnswer } from "./runtime-port.ts";
import { startStreamPollers } from "./stream-pollers.ts";
import { timings } from "./timing.ts";

const region = "us-east-1";
const StreamName = "clicks";
const EventSourceArn = `arn:aws:kinesis:${region}:000000000000:stream/${StreamName}`;
const FunctionName = "worker";

interface Running {
  readonly cloud: Cloud;
  /** The data of the records of each invocation. */
  readonly seen: string[][];
  call(action: string, input?: object): Promise<Record<string, unknown>>;
  put(...data: string[]): Promise<unknown>;
}

let pollers: Pollers | null = null;
afterEach(async () => {
  await pollers?.close();
  pollers = null;
});

/** A cloud with a stream, a function that fails for records "bad", and pollers. */
async function running(): Promise<Running> {
  const seen: string[][] = [];
  const cloud = createCloud({ clock: { now: () => Date.now() }, timing: timings.none });
  pollers = startStreamPollers({
    cloud,
    invoke: async ({ payload }): Promise<InvokeAnswer> => {
      const { Records } = JSON.parse(String(payload));
      const data = Records.map((one: { kinesis: { data: string } }) =>
        Buffer.from(one.kinesis.data, "base64").toString(),
      );
      seen.push(data);
      const functionError = data.includes("bad") ? "Unhandled" : null;
      return { payload: Buffer.from("null"), functionError, logTail: null, executedVersion: "$LATEST" };
    },
    problem: (_mapping, error) => {
      throw error;
    },
  });
  const call: Running["call"] = async (action, input = {}) =>
    Object(await cloud.call(action, { ...input }, { region }));
  await call("lambda:CreateFunction", {
    FunctionName,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/worker",
    Code: { ZipFile: smallestZip() },
  });
  await call("kinesis:CreateStream", { StreamName, ShardCount: 1 });
  return {
    cloud,
    seen,
    call,
    put: (...data) =>
      call("kinesis:PutRecords", {
        StreamName,
        Records: data.map((one) => ({ PartitionKey: "k", Data: Buffer.from(one) })),
      }),
  };
}

function mapping(more: object = {}): object {
  return { FunctionName, EventSourceArn, StartingPosition: "TRIM_HORIZON", ...more };
}

it("hands records over in order, from where the mapping starts, and goes on there after a pause", async () => {
  const { seen, call, put } = await running();
  await put("a", "b", "c");
  const { UUID } = await call("lambda:CreateEventSourceMapping", mapping({ BatchSize: 2 }));
  await vi.waitFor(() => expect(seen).toEqual([["a", "b"], ["c"]]), 10_000);
  expect(await call("lambda:GetEventSourceMapping", { UUID })).toMatchObject({ LastProcessingResult: "OK" });
  await call("lambda:UpdateEventSourceMapping", { UUID, Enabled: false });
  await expect
    .poll(async () => (await call("lambda:GetEventSourceMapping", { UUID }))["State"])
    .toBe("Disabled");
  await put("d");
  await call("lambda:UpdateEventSourceMapping", { UUID, Enabled: true });
  await vi.waitFor(() => expect(seen.flat()).toEqual(["a", "b", "c", "d"]), 10_000);
});

it("gives only what passes the filter", async () => {
  const { seen, call, put } = await running();
  const Filters = [{ Pattern: JSON.stringify({ data: { kind: ["order"] } }) }];
  await call("lambda:CreateEventSourceMapping", mapping({ FilterCriteria: { Filters } }));
  await put('{"kind":"visit"}', "no JSON", '{"kind":"order"}');
  await vi.waitFor(() => expect(seen).toEqual([['{"kind":"order"}']]), 10_000);
});

it("tells a queue of a batch that was given up, and goes on", async () => {
  const { seen, call, put } = await running();
  const { QueueUrl } = await call("sqs:CreateQueue", { QueueName: "failures" });
  const Destination = `arn:aws:sqs:${region}:000000000000:failures`;
  const DestinationConfig = { OnFailure: { Destination } };
  const limits = { BatchSize: 1, MaximumRetryAttempts: 0 };
  await call("lambda:CreateEventSourceMapping", mapping({ ...limits, DestinationConfig }));
  await put("bad", "good");
  await vi.waitFor(() => expect(seen).toEqual([["bad"], ["good"]]), 10_000);
  const { Messages } = await call("sqs:ReceiveMessage", { QueueUrl });
  expect(JSON.parse(Object(Messages)[0].Body)).toMatchObject({
    version: "1.0",
    requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 1 },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    KinesisBatchInfo: { shardId: "shardId-000000000000", batchSize: 1, streamArn: EventSourceArn },
  });
});

it("leaves what was given up in a bucket, with the records", async () => {
  const { seen, call, put } = await running();
  const Bucket = "failures";
  await call("s3:CreateBucket", { Bucket });
  const DestinationConfig = { OnFailure: { Destination: `arn:aws:s3:::${Bucket}` } };
  await call("lambda:CreateEventSourceMapping", mapping({ MaximumRetryAttempts: 0, DestinationConfig }));
  await put("bad");
  await vi.waitFor(
    async () => expect((await call("s3:ListObjectsV2", { Bucket }))["KeyCount"]).toBe(1),
    10_000,
  );
  const { Contents } = await call("s3:ListObjectsV2", { Bucket });
  const { Key } = Object(Contents)[0];
  expect(Key).toMatch(
    /^aws\/lambda\/[0-9a-f-]{36}\/shardId-000000000000\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-/,
  );
  const { Body } = await call("s3:GetObject", { Bucket, Key });
  const { Records } = JSON.parse(JSON.parse(String(Body)).payload);
  expect(Records).toMatchObject([
    { eventName: "aws:kinesis:record", invokeIdentityArn: "arn:aws:iam::000000000000:role/worker" },
  ]);
  expect(seen).toEqual([["bad"]]);
});

it("notes how old the records are that are read, and nothing while nobody reads", async () => {
  const { cloud, seen, call, put } = await running();
  const age = (namespace: string, name: string, dimensions: Record<string, string>) =>
    cloud.metrics.points({ region, namespace, name, dimensions }, 0, Number.MAX_SAFE_INTEGER);
  const ofStream = () => age("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", { StreamName });
  await put("a");
  expect(ofStream()).toEqual([]);
  await call("lambda:CreateEventSourceMapping", mapping());
  await vi.waitFor(() => expect(seen).toEqual([["a"]]), 10_000);
  expect(ofStream()).not.toEqual([]);
  const [point] = age("AWS/Lambda", "IteratorAge", { FunctionName });
  expect(point).toMatchObject({ count: 1 });
  expect(point?.maximum).toBeGreaterThanOrEqual(0);
});
