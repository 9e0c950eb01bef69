import { beforeEach, describe, expect, test } from "vitest";
import { type ProbedWorld, probedWorld } from "../../../../test/support/probed-world.ts";
import { ACCOUNT, PLACE, REGION } from "../../../../test/support/world.ts";
import { backlogProbe } from "./backlog.ts";

const keys = {
  sent: { logGroup: "/shop", pattern: "queued (\\w+)" },
  received: { logGroup: "/aws/lambda/orders", pattern: "done (\\w+)" },
};
const after = { phase: "after", timeoutMs: 5_000 } as const;

let world: ProbedWorld;
let QueueUrl: unknown;

beforeEach(async () => {
  world = await probedWorld();
  ({ QueueUrl } = await world.call("sqs:CreateQueue", { QueueName: "orders" }));
});

async function send(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await world.call("sqs:SendMessage", { QueueUrl, MessageBody: "m" });
}

function log(group: string, line: string): void {
  world.cloud.logs.append({ region: REGION, group, stream: "s" }, world.clock.now(), line);
}

function figure(namespace: string, name: string, dimensions: Record<string, string>, value: number): void {
  world.cloud.metrics.add({ region: REGION, namespace, name, dimensions }, value, world.clock.now());
}

describe("a queue", () => {
  test.each([
    ["orders"],
    [`https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/orders`],
    [`arn:aws:sqs:${REGION}:${ACCOUNT}:orders`],
  ])("named %s shows what waits and what is worked on", async (queue) => {
    await send(3);
    await world.call("sqs:ReceiveMessage", { QueueUrl, VisibilityTimeout: 60 });

    const { measures } = await world.ask(backlogProbe, { queue });

    expect(measures).toEqual({ depth: 2, inFlight: 1, ageSeconds: null, lost: null, duplicates: null });
  });

  test("with a lag shows what CloudWatch has of that time, its age too", async () => {
    await send(2);
    world.clock.jump(180_000);
    await world.call("sqs:PurgeQueue", { QueueUrl });
    world.clock.jump(60_000);

    const { measures } = await world.ask(backlogProbe, { queue: "orders" }, { lagMs: 120_000 });

    expect(measures).toMatchObject({ depth: 2, inFlight: 0 });
    expect(measures["ageSeconds"]).toBeGreaterThanOrEqual(60);
  });

  test("that is not there is an error", async () => {
    await expect(world.ask(backlogProbe, { queue: "order" })).rejects.toThrow(/queue/);
  });
});

describe("keys in logs", () => {
  const ask = (more: object = {}, settings: object = {}) =>
    world.ask(backlogProbe, { queue: "orders", keys, ...settings }, { ...after, ...more });

  test("tell what was lost and what came twice, once the fault is out", async () => {
    const since = world.clock.now();
    for (const key of ["a", "b", "c", "d"]) log("/shop", `queued ${key}`);
    for (const key of ["a", "b", "b", "b"]) log("/aws/lambda/orders", `order done ${key}`);
    await send(1);

    expect((await ask({ since })).measures).toMatchObject({ depth: 1, lost: 1, duplicates: 2 });
    expect(await ask({ since, phase: "fault" })).toMatchObject({
      measures: { depth: 1, lost: null, duplicates: null },
      missing: expect.stringContaining("asked once the fault is out"),
    });
  });

  test("are waited for where the log comes late", async () => {
    const since = world.clock.now();
    log("/shop", "queued a");
    log("/aws/lambda/orders", "done other");
    const late = world.clock.sleep(2_000).then(() => log("/aws/lambda/orders", "done a"));

    expect((await ask({ since })).measures).toMatchObject({ lost: 0, duplicates: 0 });
    await late;
  });

  test("count from when the experiment began, and only those sent before the check", async () => {
    log("/shop", "queued old");
    world.clock.jump(1_000);
    log("/shop", "queued a, queued b");
    log("/aws/lambda/orders", "done a, done b");

    expect((await ask({ since: world.clock.now() })).measures).toMatchObject({ lost: 0, duplicates: 0 });
  });

  test("of a stream are lost where a later one was read", async () => {
    const since = world.clock.now();
    for (const key of ["a", "b", "c"]) {
      log("/shop", `queued ${key}`);
      world.clock.jump(100);
    }
    log("/aws/lambda/orders", "done b");

    const { measures } = await ask({ since }, { queue: undefined, stream: "clicks" });

    expect(measures).toMatchObject({ depth: null, lost: 1, duplicates: 0 });
  });

  test("in a log that is not there are an error", async () => {
    await expect(ask()).rejects.toThrow();
  });
});

test("the queue's own metrics tell what was lost and what came twice", async () => {
  const since = world.clock.now();
  await send(4);
  const receive = async () => {
    const { Messages } = await world.call("sqs:ReceiveMessage", { QueueUrl, VisibilityTimeout: 1 });
    return Object(Messages)[0]?.ReceiptHandle;
  };
  await receive();
  world.clock.jump(2_000);
  await world.call("sqs:DeleteMessage", { QueueUrl, ReceiptHandle: await receive() });
  world.clock.jump(2_000);
  // Whatever purges a queue deletes nothing, as its metrics have it.
  await world.call("sqs:PurgeQueue", { QueueUrl });
  world.clock.jump(200_000);
  const settings = { queue: "orders", metrics: true };

  const { measures } = await world.ask(backlogProbe, settings, { ...after, since, lagMs: 60_000 });

  expect(measures).toMatchObject({ depth: 0, lost: 3, duplicates: 1 });
});

describe("a stream", () => {
  test("of Kinesis has the age of what was read, and nothing while nobody reads", async () => {
    world.clock.jump(60_000 - (world.clock.now() % 60_000));
    const StreamName = "clicks";
    figure("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", { StreamName }, 4_500);
    world.clock.jump(70_000);
    const stream = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/clicks`;

    expect((await world.ask(backlogProbe, { stream }, { lagMs: 60_000 })).measures).toMatchObject({
      depth: null,
      ageSeconds: 4.5,
    });
    world.clock.jump(120_000);
    expect(await world.ask(backlogProbe, { stream: StreamName }, { lagMs: 60_000 })).toMatchObject({
      measures: { ageSeconds: null },
      missing: expect.stringContaining("nobody read the stream"),
    });
  });

  test("of a table has the age that its functions are given", async () => {
    const { TableDescription } = await world.call("dynamodb:CreateTable", {
      TableName: "carts",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    });
    const stream = Object(TableDescription).LatestStreamArn;
    const made = { FunctionName: "orders", EventSourceArn: stream, StartingPosition: "LATEST" };
    const { UUID: mapping } = await world.call("lambda:CreateEventSourceMapping", made);
    world.clock.jump(60_000 - (world.clock.now() % 60_000));
    figure("AWS/Lambda", "IteratorAge", { FunctionName: "orders" }, 2_000);
    world.clock.jump(70_000);

    for (const settings of [{ stream }, { mapping }])
      expect((await world.ask(backlogProbe, settings, { lagMs: 60_000 })).measures).toMatchObject({
        ageSeconds: 2,
      });
  });
});

test("a mapping leads to its queue", async () => {
  await send(2);
  const EventSourceArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`;
  const { UUID: mapping } = await world.call("lambda:CreateEventSourceMapping", {
    FunctionName: "orders",
    EventSourceArn,
    Enabled: false,
  });

  expect((await world.ask(backlogProbe, { mapping })).measures).toMatchObject({ depth: 2 });
});

test.each([
  [{}, /one of queue, stream and mapping/],
  [{ queue: "a", stream: "b" }, /one of queue, stream and mapping/],
  [{ mapping: "m" }, /UUID/],
  [{ queue: "a", keys, metrics: true }, /either keys or metrics/],
  [{ stream: "a", metrics: true }, /a stream has none/],
  [{ queue: "a", keys: { ...keys, sent: { logGroup: "g", pattern: "no group" } } }, /one group/],
  [{ queue: "a", keys: { ...keys, sent: { logGroup: "g", pattern: "(" } } }, /one group/],
])("the settings %j are refused", (settings, words) => {
  const parsed = backlogProbe.settings.safeParse(settings);
  expect(parsed.error?.issues.map(({ message }) => message).join("; ")).toMatch(words);
});

test.each([
  [{ queue: "a" }, 0, ["ageSeconds", "duplicates", "lost"]],
  [{ queue: "a", keys }, 0, ["ageSeconds"]],
  [{ queue: "a", metrics: true }, 0, ["ageSeconds", "duplicates", "lost"]],
  [{ queue: "a", metrics: true }, 180_000, []],
  [{ stream: "a" }, 180_000, ["depth", "duplicates", "inFlight", "lost"]],
])("the settings %j with a lag of %d ms leave %j without a value", (settings, lagMs, expected) => {
  const without = backlogProbe.unmeasured?.(backlogProbe.settings.parse(settings), { lagMs });
  expect(Object.keys(without ?? {}).sort()).toEqual(expected);
});

test("permissions are for the very queue, logs and mapping", () => {
  const of = (settings: object) =>
    backlogProbe
      .permissions?.(backlogProbe.settings.parse(settings), PLACE)
      .map(({ action, resource }) => `${action} ${resource}`);

  const queue = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`;
  expect(of({ queue: "orders", keys })).toEqual([
    `sqs:GetQueueUrl ${queue}`,
    `sqs:GetQueueAttributes ${queue}`,
    "cloudwatch:GetMetricData *",
    `logs:FilterLogEvents arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/shop:*`,
    `logs:FilterLogEvents arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/orders:*`,
  ]);
  expect(of({ stream: "clicks" })).toEqual(["cloudwatch:GetMetricData *"]);
  const uuid = "0a1b2c3d-0000-4000-8000-000000000000";
  expect(of({ mapping: uuid })).toContain(
    `lambda:GetEventSourceMapping arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${uuid}`,
  );
});
