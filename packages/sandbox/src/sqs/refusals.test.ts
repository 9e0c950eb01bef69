import { describe, expect, it } from "vitest";
import { counts, withQueue } from "./queues-for-test.ts";

describe("what SQS refuses", () => {
  it.each([
    ["sqs:SendMessage", { QueueUrl: "/000000000000/none", MessageBody: "a" }, "QueueDoesNotExist"],
    ["sqs:SendMessage", {}, "MissingRequiredParameterException"],
    ["sqs:SendMessage", { MessageBody: "x".repeat(1_048_577) }, "InvalidParameterValueException"],
    ["sqs:ReceiveMessage", { MaxNumberOfMessages: 11 }, "InvalidParameterValueException"],
    ["sqs:ReceiveMessage", { WaitTimeSeconds: 21 }, "InvalidParameterValueException"],
    ["sqs:DeleteMessage", { ReceiptHandle: "made up" }, "ReceiptHandleIsInvalid"],
    ["sqs:GetQueueAttributes", { AttributeNames: ["Depth"] }, "InvalidAttributeName"],
    ["sqs:SetQueueAttributes", { Attributes: { VisibilityTimeout: "43201" } }, "InvalidAttributeValue"],
    ["sqs:SendMessageBatch", { Entries: [] }, "EmptyBatchRequest"],
    ["sqs:SendMessageBatch", { Entries: [{ Id: "a" }, { Id: "a" }] }, "BatchEntryIdsNotDistinct"],
    ["sqs:CreateQueue", { QueueName: "q", Attributes: { VisibilityTimeout: "9" } }, "QueueNameExists"],
    ["sqs:CreateQueue", { QueueName: "q.fifo" }, "InvalidParameterValueException"],
  ])("answers %s %j with %s", async (action, input, code) => {
    const { virtual, url } = await withQueue();
    await expect(virtual.call(action, { QueueUrl: url, ...input })).rejects.toMatchObject({
      code,
      status: 400,
    });
  });

  const attribute = (name: string, DataType: string, StringValue: string) => ({
    MessageBody: "a",
    MessageAttributes: { [name]: { DataType, StringValue } },
  });
  it.each([
    [
      "an empty value",
      attribute("a", "String", ""),
      /^Message \(user\) attribute 'a' must contain a non-empty value of type 'String'\.$/,
    ],
    [
      "a type that is none",
      attribute("a", "Text", "x"),
      /^The type of message \(user\) attribute 'a' is invalid\./,
    ],
    ["a name of AWS", attribute("aws.a", "String", "x"), /attribute name 'aws\.a'/],
    ["a name with a blank", attribute("a b", "String", "x"), /attribute name 'a b'/],
    ["a value that XML cannot carry", attribute("a", "String", "\b"), /^Invalid characters/],
    ["a body that XML cannot carry", { MessageBody: "\u0001" }, /^Invalid characters found/],
    [
      "a group with a blank",
      { MessageBody: "a", MessageGroupId: "a b" },
      /^Value a b for parameter MessageGroupId is invalid\. Reason: MessageGroupId can only include alphanumeric/,
    ],
    [
      "attributes that make it too long",
      { ...attribute("k", "String", "x"), MessageBody: "x".repeat(1_048_569) },
      /^One or more parameters are invalid\. Reason: Message must be shorter than 1048576 bytes\.$/,
    ],
  ])("refuses a message with %s", async (_what, input, words) => {
    const { virtual, url } = await withQueue();
    await expect(virtual.call("sqs:SendMessage", { QueueUrl: url, ...input })).rejects.toThrow(words);
  });

  it("refuses a batch that is too long as a whole, and one message of it in words of its own", async () => {
    const { virtual, url } = await withQueue({ MaximumMessageSize: "1024" });
    const batch = (...bodies: string[]): Promise<Record<string, unknown>> => {
      const Entries = bodies.map((MessageBody, at) => ({ Id: String(at), MessageBody }));
      return virtual.call("sqs:SendMessageBatch", { QueueUrl: url, Entries });
    };
    await expect(batch("x".repeat(1_048_576), "y")).rejects.toThrow(
      "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
    );
    expect(await batch("x".repeat(1025), "y")).toMatchObject({
      Failed: [
        {
          Code: "InvalidParameterValue",
          Message:
            "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
        },
      ],
      Successful: [{ Id: "1" }],
    });
  });

  it("does the good entries of a batch and lists the bad ones", async () => {
    const { virtual, url } = await withQueue();
    const Entries = [{ Id: "good", MessageBody: "a" }, { Id: "bad" }];
    expect(await virtual.call("sqs:SendMessageBatch", { QueueUrl: url, Entries })).toMatchObject({
      Successful: [{ Id: "good" }],
      Failed: [{ Id: "bad", SenderFault: true, Code: "MissingParameter" }],
    });
    expect(await counts(virtual, url)).toEqual([1, 0, 0]);
  });
});
