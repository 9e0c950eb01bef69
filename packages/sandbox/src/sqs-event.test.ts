import { expect, test } from "vitest";
import { failedItems, messagesIn, recordOf } from "./sqs-event.ts";

const wire = {
  MessageId: "m1",
  ReceiptHandle: "r1",
  Body: "hello",
  MD5OfBody: "5d41",
  MD5OfMessageAttributes: "abcd",
  Attributes: { ApproximateReceiveCount: "1", SenderId: "AIDA", SentTimestamp: "1" },
  MessageAttributes: {
    kind: { DataType: "String", StringValue: "order" },
    raw: { DataType: "Binary", BinaryValue: Buffer.from("hi") },
  },
};

const source = { queueArn: "arn:aws:sqs:eu-west-1:000000000000:q", region: "eu-west-1", windowSeconds: 0 };

test.each([
  ["nothing without a batching window", 0, {}],
  ["null with one", 5, { md5OfMessageAttributes: null }],
])("says of a message without attributes %s", (_what, windowSeconds, expected) => {
  const { MessageAttributes: _own, MD5OfMessageAttributes: _digest, ...bare } = wire;
  const [message] = messagesIn({ Messages: [bare] });
  if (message === undefined) throw new Error("no message was read");
  const { md5OfMessageAttributes, ...others } = recordOf(message, { ...source, windowSeconds });
  expect("md5OfMessageAttributes" in recordOf(message, { ...source, windowSeconds })).toBe(windowSeconds > 0);
  expect(md5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes }).toEqual(expected);
  expect(others).toMatchObject({ messageAttributes: {}, body: "hello" });
});

test("makes the record that Lambda makes of a message", () => {
  const [message] = messagesIn({ Messages: [wire] });
  if (message === undefined) throw new Error("no message was read");
  expect(recordOf(message, source)).toEqual({
    messageId: "m1",
    receiptHandle: "r1",
    body: "hello",
    attributes: wire.Attributes,
    messageAttributes: {
      kind: { stringValue: "order", stringListValues: [], binaryListValues: [], dataType: "String" },
      raw: { binaryValue: "aGk=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
    },
    md5OfMessageAttributes: "abcd",
    md5OfBody: "5d41",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:q",
    awsRegion: "eu-west-1",
  });
});

test("refuses a message without a receipt handle", () => {
  expect(() => messagesIn({ Messages: [{ MessageId: "m", Body: "b" }] })).toThrow(
    /without MessageId, ReceiptHandle or Body/,
  );
  expect(messagesIn({})).toEqual([]);
});

test.each([
  ["null", []],
  ["", []],
  ["{}", []],
  ['{"batchItemFailures":null}', []],
  ['{"batchItemFailures":[]}', []],
  ['{"batchItemFailures":[{"itemIdentifier":"a"}]}', ["a"]],
  ["not json", null],
  ['{"batchItemFailures":"a"}', null],
  ['{"batchItemFailures":[{"itemIdentifier":""}]}', null],
  ['{"batchItemFailures":[{"itemIdentifier":null}]}', null],
  ['{"batchItemFailures":[{"id":"a"}]}', null],
  ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"other"}]}', null],
])("reads the failures in the answer %s", (answer, expected) => {
  const failed = failedItems(Buffer.from(answer), new Set(["a", "b"]));
  expect(failed === null ? null : [...failed]).toEqual(expected);
});
