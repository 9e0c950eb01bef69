import { describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

async function withFifo(more: Record<string, string> = {}): Promise<{ virtual: VirtualCloud; url: string }> {
  const virtual = virtualCloud();
  const Attributes = { FifoQueue: "true", ContentBasedDeduplication: "true", ...more };
  const { QueueUrl } = await virtual.call("sqs:CreateQueue", { QueueName: "q.fifo", Attributes });
  return { virtual, url: String(QueueUrl) };
}

function send(
  { virtual, url }: { virtual: VirtualCloud; url: string },
  MessageBody: string,
  MessageGroupId: string,
  more: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  return virtual.call("sqs:SendMessage", { QueueUrl: url, MessageBody, MessageGroupId, ...more });
}

async function receive(
  virtual: VirtualCloud,
  QueueUrl: string,
  MaxNumberOfMessages = 10,
): Promise<Record<string, unknown>[]> {
  const input = { QueueUrl, MaxNumberOfMessages, AttributeNames: ["All"] };
  const { Messages } = await virtual.call("sqs:ReceiveMessage", input);
  return Array.isArray(Messages) ? Messages.filter(isRecord) : [];
}

function bodies(messages: readonly Record<string, unknown>[]): unknown[] {
  return messages.map(({ Body }) => Body);
}

async function show(
  virtual: VirtualCloud,
  QueueUrl: string,
  message: unknown,
  seconds: number,
): Promise<void> {
  const ReceiptHandle = isRecord(message) ? message["ReceiptHandle"] : undefined;
  const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: seconds };
  await virtual.call("sqs:ChangeMessageVisibility", input);
}

describe("the messages of a group", () => {
  it("come in order and together, whatever came between them", async () => {
    const { virtual, url } = await withFifo();
    for (const [body, group] of [
      ["a1", "a"],
      ["b1", "b"],
      ["a2", "a"],
    ] as const) {
      await send({ virtual, url }, body, group);
    }
    expect(bodies(await receive(virtual, url))).toEqual(["a1", "a2", "b1"]);
  });

  it("wait until the one before them is deleted or shown again", async () => {
    const { virtual, url } = await withFifo();
    await send({ virtual, url }, "a1", "a");
    await send({ virtual, url }, "a2", "a");
    const [first] = await receive(virtual, url, 1);
    expect(await receive(virtual, url)).toEqual([]);
    await show(virtual, url, first, 0);
    const [again] = await receive(virtual, url, 1);
    expect(again).toMatchObject({ Body: "a1", Attributes: { ApproximateReceiveCount: "2" } });
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: again?.["ReceiptHandle"] });
    expect(bodies(await receive(virtual, url))).toEqual(["a2"]);
  });

  it("come up to the first that is still hidden", async () => {
    const { virtual, url } = await withFifo();
    for (const body of ["a1", "a2", "a3"]) await send({ virtual, url }, body, "a");
    const [first, , third] = await receive(virtual, url);
    await show(virtual, url, third, 0);
    expect(await receive(virtual, url)).toEqual([]);
    await show(virtual, url, first, 0);
    expect(bodies(await receive(virtual, url))).toEqual(["a1"]);
  });

  it("go behind groups that have waited longer", async () => {
    const { virtual, url } = await withFifo();
    await send({ virtual, url }, "a1", "a");
    await send({ virtual, url }, "b1", "b");
    const [first] = await receive(virtual, url, 1);
    virtual.pass(10);
    await show(virtual, url, first, 0);
    expect(bodies(await receive(virtual, url))).toEqual(["b1", "a1"]);
  });

  it("wake a long poll when they are let through", async () => {
    const { virtual, url } = await withFifo();
    await send({ virtual, url }, "a1", "a");
    await send({ virtual, url }, "a2", "a");
    const [first] = await receive(virtual, url, 1);
    const polled = virtual.call("sqs:ReceiveMessage", { QueueUrl: url, WaitTimeSeconds: 20 });
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: first?.["ReceiptHandle"] });
    expect((await polled)["Messages"]).toMatchObject([{ Body: "a2" }]);
  });
});

describe("a FIFO queue", () => {
  it("numbers its messages and says group, number and deduplication id", async () => {
    const { virtual, url } = await withFifo();
    const one = await send({ virtual, url }, "a1", "a", { MessageDeduplicationId: "d1" });
    const two = await send({ virtual, url }, "a2", "a", { MessageDeduplicationId: "d2" });
    const numbers = [one, two].map(({ SequenceNumber }) => BigInt(String(SequenceNumber)));
    expect(numbers.map(String).map(({ length }) => length)).toEqual([20, 20]);
    expect((numbers[1] ?? 0n) > (numbers[0] ?? 0n)).toBe(true);
    expect(await receive(virtual, url, 1)).toMatchObject([
      {
        Attributes: {
          MessageGroupId: "a",
          MessageDeduplicationId: "d1",
          SequenceNumber: one["SequenceNumber"],
        },
      },
    ]);
  });

  it.each([
    ["by content", {}],
    ["by id", { MessageDeduplicationId: "same" }],
  ])("takes a message once in five minutes %s, and answers as it did", async (_what, more) => {
    const { virtual, url } = await withFifo();
    const first = await send({ virtual, url }, "a", "one", more);
    const [taken] = await receive(virtual, url);
    await virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle: taken?.["ReceiptHandle"] });
    virtual.pass(299_999);
    expect(await send({ virtual, url }, "a", "two", more)).toEqual(first);
    expect(await receive(virtual, url)).toEqual([]);
    virtual.pass(1);
    await send({ virtual, url }, "a", "two", more);
    expect(await receive(virtual, url)).toHaveLength(1);
  });

  it("compares within a group only when it was made so", async () => {
    const { virtual, url } = await withFifo({
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
    });
    await send({ virtual, url }, "a", "one");
    await send({ virtual, url }, "a", "two");
    await send({ virtual, url }, "a", "two");
    expect(await receive(virtual, url)).toHaveLength(2);
  });

  it("forgets what it has seen when it is purged", async () => {
    const { virtual, url } = await withFifo();
    await send({ virtual, url }, "a", "one");
    await virtual.call("sqs:PurgeQueue", { QueueUrl: url });
    await send({ virtual, url }, "a", "one");
    expect(await receive(virtual, url)).toHaveLength(1);
  });

  it("refuses to delete by a receipt whose time is over", async () => {
    const { virtual, url } = await withFifo({ VisibilityTimeout: "5" });
    await send({ virtual, url }, "a", "one");
    const [message] = await receive(virtual, url);
    virtual.pass(5000);
    const ReceiptHandle = message?.["ReceiptHandle"];
    await expect(virtual.call("sqs:DeleteMessage", { QueueUrl: url, ReceiptHandle })).rejects.toThrow(
      /is invalid\. Reason: The receipt handle has expired\.$/,
    );
  });

  it("has attributes that a standard queue does not have", async () => {
    const { virtual, url } = await withFifo({ FifoQueue: "True", ContentBasedDeduplication: "False" });
    const input = { QueueUrl: url, AttributeNames: ["All"] };
    expect((await virtual.call("sqs:GetQueueAttributes", input))["Attributes"]).toMatchObject({
      FifoQueue: "true",
      ContentBasedDeduplication: "false",
      DeduplicationScope: "queue",
      FifoThroughputLimit: "perQueue",
    });
  });

  const missingGroup = "The request must contain the parameter MessageGroupId.";
  const missingId =
    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
  it.each([
    ["SendMessage", { MessageBody: "a" }, "MissingRequiredParameterException", missingGroup],
    ["SendMessage", { MessageBody: "a", MessageGroupId: "g" }, "InvalidParameterValueException", missingId],
    [
      "SendMessageBatch",
      { Entries: [{ Id: "1", MessageBody: "a" }] },
      "InvalidParameterValueException",
      missingGroup,
    ],
    [
      "SendMessageBatch",
      { Entries: [{ Id: "1", MessageBody: "a", MessageGroupId: "g" }] },
      "InvalidParameterValueException",
      missingId,
    ],
    [
      "SendMessage",
      { MessageBody: "a", MessageGroupId: "g", MessageDeduplicationId: "d", DelaySeconds: 3 },
      "InvalidParameterValueException",
      "Value 3 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
    ],
    [
      "SendMessage",
      { MessageBody: "a", MessageGroupId: "g", MessageDeduplicationId: "d d" },
      "InvalidParameterValueException",
      "Value d d for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    ],
    [
      "SetQueueAttributes",
      { Attributes: { FifoQueue: "false" } },
      "InvalidAttributeValue",
      "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
    ],
  ])("refuses %s of %j", async (operation, input, code, message) => {
    const { virtual, url } = await withFifo({ ContentBasedDeduplication: "false" });
    await expect(virtual.call(`sqs:${operation}`, { QueueUrl: url, ...input })).rejects.toMatchObject({
      code,
      message,
    });
  });

  it.each(["q", "q.fifo.fifo", "a b.fifo"])("cannot be named %s", async (QueueName) => {
    const refused = virtualCloud().call("sqs:CreateQueue", { QueueName, Attributes: { FifoQueue: "true" } });
    await expect(refused).rejects.toThrow(/must end with \.fifo suffix/);
  });
});
