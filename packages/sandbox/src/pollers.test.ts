import { expect, test } from "vitest";
import { ApiError } from "./api-error.ts";
import { type Cloud, createCloud } from "./cloud.ts";
import { isRecord } from "./input.ts";
import type { PollingMapping } from "./lambda/mapping-store.ts";
import { type Pollers, startPollers } from "./pollers.ts";
import type { InvokeAnswer } from "./runtime-port.ts";
import { timings } from "./timing.ts";
import { zipOf } from "./zip-of.ts";

/** Waits for a condition, with patience for a busy machine. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 20 });

const region = "us-east-1";
const caller = { region };
const ok = { payload: Buffer.from("null"), functionError: null, logTail: null, executedVersion: "$LATEST" };
const broken: InvokeAnswer = { ...ok, functionError: "Unhandled" };

interface Event {
  readonly bodies: readonly string[];
  readonly ids: readonly string[];
  readonly text: string;
}

interface Bench {
  readonly cloud: Cloud;
  readonly pollers: Pollers;
  readonly problems: unknown[];
  readonly events: Event[];
  send(...bodies: string[]): Promise<void>;
  call(action: string, input: Record<string, unknown>): Promise<Record<string, unknown>>;
  queued(name?: string): Promise<number>;
  map(members?: Record<string, unknown>): Promise<string>;
}

function eventOf(payload: Buffer): Event {
  const text = payload.toString();
  const { Records: records } = JSON.parse(text);
  return {
    text,
    bodies: records.map((record: { body: string }) => record.body),
    ids: records.map((record: { messageId: string }) => record.messageId),
  };
}

/** A cloud with a queue "work", its dead letter queue "dead" and a function whose answers the test gives. */
async function bench(
  answer: (event: Event, mapping: PollingMapping) => InvokeAnswer | Promise<InvokeAnswer>,
  visibilitySeconds = 30,
): Promise<Bench & AsyncDisposable> {
  const cloud = createCloud({ clock: { now: () => Date.now() }, timing: timings.none });
  const problems: unknown[] = [];
  const events: Event[] = [];
  const call: Bench["call"] = async (action, input) => {
    const answered = await cloud.call(action, input, caller);
    return isRecord(answered) ? answered : {};
  };
  await call("sqs:CreateQueue", { QueueName: "dead" });
  const redrive = JSON.stringify({
    deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
    maxReceiveCount: 2,
  });
  const attributes = { VisibilityTimeout: String(visibilitySeconds), RedrivePolicy: redrive };
  const { QueueUrl: url } = await call("sqs:CreateQueue", { QueueName: "work", Attributes: attributes });
  await call("lambda:CreateFunction", {
    FunctionName: "orders",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/any",
    Timeout: 1,
    Code: { ZipFile: await zipOf({ "index.js": "" }) },
  });
  const pollers = startPollers({
    mappings: () => cloud.mappings.enabledSqs(),
    call: (action, input, where, signal) =>
      cloud.call(action, input, {
        region: where,
        internal: true,
        ...(signal === undefined ? {} : { signal }),
      }),
    invoke: async (mapping, payload) => {
      const event = eventOf(payload);
      events.push(event);
      return await answer(event, mapping);
    },
    problem: (_mapping, error) => problems.push(error),
    elapsed: () => performance.now(),
  });
  return {
    cloud,
    pollers,
    problems,
    events,
    call,
    async send(...bodies) {
      for (const body of bodies) await call("sqs:SendMessage", { QueueUrl: url, MessageBody: body });
    },
    async queued(name = "work") {
      const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
      const { QueueUrl } = await call("sqs:GetQueueUrl", { QueueName: name });
      const { Attributes: read } = await call("sqs:GetQueueAttributes", { QueueUrl, AttributeNames: names });
      return isRecord(read) ? names.reduce((sum, each) => sum + Number(read[each]), 0) : Number.NaN;
    },
    async map(members = {}) {
      const input = {
        FunctionName: "orders",
        EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:work",
        ...members,
      };
      return String((await call("lambda:CreateEventSourceMapping", input))["UUID"]);
    },
    async [Symbol.asyncDispose]() {
      cloud.close();
      await pollers.close();
    },
  };
}

function bodies(events: readonly Event[]): string[] {
  return events.flatMap((event) => event.bodies).sort();
}

test("hands messages to the function and deletes them", async () => {
  await using it = await bench(() => ok);
  await it.map();
  await it.send("a", "b", "c");
  await eventually(() => bodies(it.events)).toEqual(["a", "b", "c"]);
  await eventually(() => it.queued()).toBe(0);
  expect(JSON.parse(it.events[0]?.text ?? "").Records[0]).toMatchObject({
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:work",
    awsRegion: region,
    attributes: { ApproximateReceiveCount: "1" },
  });
  expect(it.problems).toEqual([]);
});

test("takes no message while the mapping is disabled, and goes on when it is enabled again", async () => {
  await using it = await bench(() => ok);
  const uuid = await it.map();
  await it.send("before");
  await eventually(() => bodies(it.events)).toEqual(["before"]);
  await it.call("lambda:UpdateEventSourceMapping", { UUID: uuid, Enabled: false });
  await eventually(() => it.cloud.mappings.enabledSqs()).toEqual([]);
  const dimensions = { QueueName: "work" };
  const series = { region, namespace: "AWS/SQS", name: "NumberOfEmptyReceives", dimensions };
  const empty = () => it.cloud.metrics.points(series, 0, 9e15).length;
  // The long poll that was open ends without a message: from then on nobody reads.
  await eventually(empty).toBeGreaterThan(0);
  await it.send("meanwhile");
  await eventually(() => it.queued()).toBe(1);
  expect(bodies(it.events)).toEqual(["before"]);
  await it.call("lambda:UpdateEventSourceMapping", { UUID: uuid, Enabled: true });
  await eventually(() => bodies(it.events)).toEqual(["before", "meanwhile"]);
  await eventually(() => it.queued()).toBe(0);
});

test("finishes the batch that it has taken when the mapping is disabled", async () => {
  const gate = Promise.withResolvers<InvokeAnswer>();
  await using it = await bench(() => gate.promise);
  const uuid = await it.map();
  await it.send("slow");
  await eventually(() => it.events.length).toBe(1);
  await it.call("lambda:UpdateEventSourceMapping", { UUID: uuid, Enabled: false });
  await eventually(() => it.cloud.mappings.enabledSqs()).toEqual([]);
  expect(await it.queued()).toBe(1);
  gate.resolve(ok);
  await eventually(() => it.queued()).toBe(0);
});

test("leaves a failed batch to its visibility timeout, and so to the dead letter queue", async () => {
  await using it = await bench(() => broken, 1);
  await it.map();
  await it.send("poison");
  await eventually(() => it.queued("dead")).toBe(1);
  expect(bodies(it.events)).toEqual(["poison", "poison"]);
  expect(await it.queued()).toBe(0);
});

test("deletes only what ReportBatchItemFailures does not name", async () => {
  await using it = await bench((event) => {
    const failed = event.bodies.flatMap((body, at) =>
      body === "bad" ? [{ itemIdentifier: event.ids[at] }] : [],
    );
    return { ...ok, payload: Buffer.from(JSON.stringify({ batchItemFailures: failed })) };
  });
  await it.send("good", "bad", "fine");
  await it.map({ FunctionResponseTypes: ["ReportBatchItemFailures"] });
  await eventually(() => bodies(it.events).length).toBe(3);
  await eventually(() => it.queued()).toBe(1);
});

test("gathers a batch for as long as its window is open, and no longer than until it is full", async () => {
  await using it = await bench(() => ok);
  await it.map({ BatchSize: 12, MaximumBatchingWindowInSeconds: 1 });
  const begun = performance.now();
  await it.send(...Array.from({ length: 13 }, (_, at) => `m${at}`));
  await eventually(() => bodies(it.events).length).toBe(13);
  expect(it.events.map((event) => event.bodies.length)).toEqual([12, 1]);
  expect(performance.now() - begun).toBeGreaterThan(900);
  await eventually(() => it.queued()).toBe(0);
});

test("processes no more batches at a time than MaximumConcurrency", async () => {
  let running = 0;
  let most = 0;
  const gates: (() => void)[] = [];
  await using it = await bench(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => gates.push(resolve));
    running -= 1;
    return ok;
  });
  await it.map({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
  await it.send("1", "2", "3", "4", "5", "6");
  await eventually(() => gates.length).toBe(2);
  for (let at = 0; at < 6; at++) {
    await eventually(() => gates.length).toBeGreaterThan(at);
    gates[at]?.();
  }
  await eventually(() => it.queued()).toBe(0);
  expect(most).toBe(2);
});

test("leaves a throttled batch in the queue and tries again later", async () => {
  let throttles = 2;
  await using it = await bench(() => {
    if (throttles === 0) return ok;
    throttles -= 1;
    throw new ApiError(429, "TooManyRequestsException", "Rate Exceeded.");
  }, 1);
  await it.call("sqs:SetQueueAttributes", {
    QueueUrl: (await it.call("sqs:GetQueueUrl", { QueueName: "work" }))["QueueUrl"],
    Attributes: { RedrivePolicy: "" },
  });
  await it.map();
  await it.send("later");
  await eventually(() => it.queued()).toBe(0);
  expect(bodies(it.events)).toEqual(["later", "later", "later"]);
  expect(it.problems).toEqual([]);
});

test("tells once that the queue is gone, and works when it is back", async () => {
  await using it = await bench(() => ok);
  await it.map();
  const { QueueUrl } = await it.call("sqs:GetQueueUrl", { QueueName: "work" });
  await it.call("sqs:DeleteQueue", { QueueUrl });
  await eventually(() => it.problems.length).toBe(1);
  await it.call("sqs:CreateQueue", { QueueName: "work" });
  await it.send("again");
  await eventually(() => bodies(it.events)).toEqual(["again"]);
  expect(it.problems).toHaveLength(1);
});

test("hands over what passes the filter criteria and deletes the rest", async () => {
  await using it = await bench(() => ok);
  await it.send('{"kind":"order"}', '{"kind":"invoice"}', "text", '{"kind":"order","n":2}');
  await it.map({ FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] } });
  await eventually(() => it.queued()).toBe(0);
  await eventually(() => bodies(it.events)).toEqual(['{"kind":"order","n":2}', '{"kind":"order"}']);
  expect(it.problems).toEqual([]);
});
