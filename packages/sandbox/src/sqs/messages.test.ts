import { describe, expect, it } from "vitest";
import type { VirtualCloud } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";
import { counts, withQueue } from "./queues-for-test.ts";

async function receive(
  virtual: VirtualCloud,
  url: string,
  more: Record<string, unknown> = {},
): Promise<Record<string, unknown>[]> {
  const input = { QueueUrl: url, MaxNumberOfMessages: 10, AttributeNames: ["All"], ...more };
  const { Messages } = await virtual.call("sqs:ReceiveMessage", input);
  return Array.isArray(Messages) ? Messages.filter(isRecord) : [];
}

describe("messages in a queue", () => {
  it("are hidden once received and come back after the visibility timeout", async () => {
    const { virtual, url } = await withQueue({ VisibilityTimeout: "5" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    const [first] = await receive(virtual, url);
    expect(first).toMatchObject({ Body: "a", Attributes: { ApproximateReceiveCount: "1" } });
    expect(await counts(virtual, url)).toEqual([0, 1, 0]);
    expect(await receive(virtual, url)).toEqual([]);
    virtual.pass(5000);
    const [second] = await receive(virtual, url);
    expect(second).toMatchObject({ Body: "a", Attributes: { ApproximateReceiveCount: "2" } });
  });

  it("are gone once deleted", async () => {
    const { virtual, url } = await withQueue();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    const [message] = await receive(virtual, url);
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: message?.["ReceiptHandle"] });
    virtual.pass(60_000);
    expect(await counts(virtual, url)).toEqual([0, 0, 0]);
  });

  it("are not deleted by the receipt of a former receive", async () => {
    const { virtual, url } = await withQueue({ VisibilityTimeout: "5" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    const [first] = await receive(virtual, url);
    virtual.pass(5000);
    await receive(virtual, url);
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: first?.["ReceiptHandle"] });
    expect(await counts(virtual, url)).toEqual([0, 1, 0]);
  });

  it("can be delayed, by themselves or by the queue", async () => {
    const { virtual, url } = await withQueue({ DelaySeconds: "10" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "queue" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "own", DelaySeconds: 3 });
    expect(await counts(virtual, url)).toEqual([0, 0, 2]);
    virtual.pass(3000);
    expect(await receive(virtual, url)).toMatchObject([{ Body: "own" }]);
    virtual.pass(7000);
    expect(await receive(virtual, url)).toMatchObject([{ Body: "queue" }]);
  });

  it("expire after the retention period", async () => {
    const { virtual, url } = await withQueue({ MessageRetentionPeriod: "60" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    virtual.pass(30_000);
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "b" });
    virtual.pass(30_000);
    expect(await receive(virtual, url)).toMatchObject([{ Body: "b" }]);
  });

  it("move to the dead letter queue when they were received too often", async () => {
    const { virtual, url } = await withQueue({ VisibilityTimeout: "1" });
    const dead = await virtual.call("sqs:CreateQueue", { QueueName: "dead" });
    const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:dead";
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    await virtual.call("sqs:SetQueueAttributes", { QueueUrl: url, Attributes: { RedrivePolicy } });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    for (let n = 0; n < 2; n++) {
      expect(await receive(virtual, url)).toHaveLength(1);
      virtual.pass(1000);
    }
    expect(await receive(virtual, url)).toEqual([]);
    expect(await receive(virtual, String(dead["QueueUrl"]))).toMatchObject([
      { Body: "a", Attributes: { DeadLetterQueueSourceArn: "arn:aws:sqs:us-east-1:000000000000:q" } },
    ]);
  });

  it("cost no more to send when many are waiting", async () => {
    const { virtual, url } = await withQueue();
    const from = process.cpuUsage();
    for (let n = 0; n < 20_000; n++) {
      await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    }
    const { user, system } = process.cpuUsage(from);
    // In microseconds; tens of seconds when each of them looks at all the others.
    expect(user + system).toBeLessThan(10_000_000);
  });

  it("are counted as what they are while time goes by", async () => {
    const { virtual, url } = await withQueue({ VisibilityTimeout: "10" });
    const counts = async (): Promise<unknown[]> => {
      const names = ["", "NotVisible", "Delayed"].map((end) => `ApproximateNumberOfMessages${end}`);
      const { Attributes } = await virtual.call("sqs:GetQueueAttributes", {
        QueueUrl: url,
        AttributeNames: names,
      });
      return names.map((name) => Number(Object(Attributes)[name]));
    };
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "now" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "later", DelaySeconds: 5 });
    expect(await counts()).toEqual([1, 0, 1]);
    const [message] = await receive(virtual, url);
    expect(await counts()).toEqual([0, 1, 1]);
    virtual.pass(5000);
    expect(await counts()).toEqual([1, 1, 0]);
    virtual.pass(5000);
    expect(await counts()).toEqual([2, 0, 0]);
    const again = await receive(virtual, url);
    expect(again.map(({ Body }) => Body)).toContain("now");
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: message?.["ReceiptHandle"] });
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: again[0]?.["ReceiptHandle"] });
    virtual.pass(10_000);
    expect(await counts()).toEqual([1, 0, 0]);
  });

  it("stay in a queue that is its own dead letter queue", async () => {
    const { virtual, url } = await withQueue({ VisibilityTimeout: "1" });
    const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:q";
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
    await virtual.call("sqs:SetQueueAttributes", { QueueUrl: url, Attributes: { RedrivePolicy } });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    for (let n = 0; n < 3; n++) {
      expect(await receive(virtual, url)).toHaveLength(1);
      virtual.pass(1000);
    }
  });

  it("come back at once when their visibility is set to zero", async () => {
    const { virtual, url } = await withQueue();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    const [message] = await receive(virtual, url);
    const change = { QueueUrl: url, ReceiptHandle: message?.["ReceiptHandle"], VisibilityTimeout: 0 };
    await virtual.call("sqs:ChangeMessageVisibility", change);
    expect(await receive(virtual, url)).toHaveLength(1);
  });

  it("are all gone after a purge, which is refused twice a minute", async () => {
    const { virtual, url } = await withQueue();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    await virtual.call("sqs:PurgeQueue", { QueueUrl: url });
    expect(await counts(virtual, url)).toEqual([0, 0, 0]);
    await expect(virtual.call("sqs:PurgeQueue", { QueueUrl: url })).rejects.toMatchObject({
      code: "PurgeQueueInProgress",
    });
    virtual.pass(60_000);
    await virtual.call("sqs:PurgeQueue", { QueueUrl: url });
  });
});

describe("what a message brings with it", () => {
  it("is its group, and the trace that it was sent in", async () => {
    const { virtual, url } = await withQueue();
    const trace = "Root=1-67a00000-000000000000000000000001";
    const input = { QueueUrl: url, MessageBody: "a", MessageGroupId: "g" };
    await virtual.cloud.call("sqs:SendMessage", input, { region: "us-east-1", traceHeader: trace });
    const AWSTraceHeader = { DataType: "String", StringValue: "own" };
    const own = { ...input, MessageSystemAttributes: { AWSTraceHeader } };
    expect(await virtual.call("sqs:SendMessage", own)).toHaveProperty("MD5OfMessageSystemAttributes");
    expect(await receive(virtual, url)).toMatchObject([
      { Attributes: { MessageGroupId: "g", AWSTraceHeader: trace } },
      { Attributes: { AWSTraceHeader: "own" } },
    ]);
  });

  it.each([
    [["*"], ["Hello", "Help.Me", "Other"]],
    [["Hel.*"], ["Hello", "Help.Me"]],
    [["Help"], []],
    [["Other", "None"], ["Other"]],
  ])("is shown by the names %j", async (MessageAttributeNames, expected) => {
    const { virtual, url } = await withQueue();
    const value = { DataType: "String", StringValue: "x" };
    const MessageAttributes = { Hello: value, "Help.Me": value, Other: value };
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a", MessageAttributes });
    const [message] = await receive(virtual, url, { MessageAttributeNames });
    expect(Object.keys(Object(message?.["MessageAttributes"]))).toEqual(expected);
  });
});

describe("the visibility of a message", () => {
  it("can be changed by a former receipt, and after its time is over", async () => {
    const { virtual, url } = await withQueue({ VisibilityTimeout: "1" });
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    const [first] = await receive(virtual, url);
    virtual.pass(1000);
    const change = { QueueUrl: url, ReceiptHandle: first?.["ReceiptHandle"], VisibilityTimeout: 9 };
    await virtual.call("sqs:ChangeMessageVisibility", change);
    expect(await receive(virtual, url)).toEqual([]);
    await virtual.call("sqs:ChangeMessageVisibility", { ...change, VisibilityTimeout: 0 });
    expect(await receive(virtual, url)).toHaveLength(1);
  });

  it("cannot be changed once it is deleted", async () => {
    const { virtual, url } = await withQueue();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    const [message] = await receive(virtual, url);
    const handle = { QueueUrl: url, ReceiptHandle: message?.["ReceiptHandle"] };
    await virtual.call("sqs:DeleteMessage", handle);
    const change = virtual.call("sqs:ChangeMessageVisibility", { ...handle, VisibilityTimeout: 1 });
    await expect(change).rejects.toThrow(
      /Reason: Message does not exist or is not available for visibility timeout change\.$/,
    );
  });
});

describe("a long poll", () => {
  it("ends at once when a message arrives", async () => {
    const { virtual, url } = await withQueue();
    const polled = receive(virtual, url, { WaitTimeSeconds: 20 });
    const from = virtual.cloud.clock.now();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    expect(await polled).toMatchObject([{ Body: "a" }]);
    expect(virtual.cloud.clock.now()).toBe(from);
  });

  it("waits no longer than it was told to", async () => {
    const { virtual, url } = await withQueue();
    const from = virtual.cloud.clock.now();
    expect(await receive(virtual, url, { WaitTimeSeconds: 7 })).toEqual([]);
    expect(virtual.cloud.clock.now() - from).toBe(7000);
  });

  it("finds a message that becomes visible while it waits", async () => {
    const { virtual, url } = await withQueue();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a", DelaySeconds: 4 });
    const from = virtual.cloud.clock.now();
    expect(await receive(virtual, url, { WaitTimeSeconds: 20 })).toHaveLength(1);
    expect(virtual.cloud.clock.now() - from).toBe(4000);
  });

  it("takes no message when its caller has gone", async () => {
    const { virtual, url } = await withQueue();
    const gone = new AbortController();
    const polled = virtual.cloud.call(
      "sqs:ReceiveMessage",
      { QueueUrl: url, WaitTimeSeconds: 20 },
      { region: "us-east-1", signal: gone.signal },
    );
    gone.abort();
    await virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody: "a" });
    expect(await polled).toEqual({});
    expect(await counts(virtual, url)).toEqual([1, 0, 0]);
  });

  it("ends when the cloud is closed", async () => {
    const { virtual, url } = await withQueue();
    const polled = receive(virtual, url, { WaitTimeSeconds: 20 });
    virtual.cloud.close();
    expect(await polled).toEqual([]);
  });
});
