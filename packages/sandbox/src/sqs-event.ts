import { isRecord } from "./input.ts";

/** A message as ReceiveMessage gives it, checked. */
export interface ReceivedMessage {
  readonly id: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly wire: Readonly<Record<string, unknown>>;
}

/** The messages in an answer of ReceiveMessage; an empty list when there is none. */
export function messagesIn(answer: unknown): readonly ReceivedMessage[] {
  const messages = isRecord(answer) && Array.isArray(answer["Messages"]) ? answer["Messages"] : [];
  return messages.map((wire: unknown) => {
    const { MessageId: id, ReceiptHandle: receiptHandle, Body: body } = isRecord(wire) ? wire : {};
    if (
      !isRecord(wire) ||
      typeof id !== "string" ||
      typeof receiptHandle !== "string" ||
      typeof body !== "string"
    ) {
      throw new Error("ReceiveMessage gave a message without MessageId, ReceiptHandle or Body.");
    }
    return { id, receiptHandle, body, wire };
  });
}

/** What the records of a mapping have in common. */
export interface RecordSource {
  readonly queueArn: string;
  readonly region: string;
  readonly windowSeconds: number;
}

/** One record of the event that Lambda makes of a message. Source: Lambda with SQS, example event. */
export function recordOf(
  message: ReceivedMessage,
  { queueArn, region, windowSeconds }: RecordSource,
): Record<string, unknown> {
  const { wire } = message;
  // Source: recorded events: without attributes it is null with a batching window, and left out without one.
  const digest = wire["MD5OfMessageAttributes"] ?? (windowSeconds > 0 ? null : undefined);
  const own = isRecord(wire["MessageAttributes"]) ? wire["MessageAttributes"] : {};
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: wire["Attributes"] ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name, attributeOf(value)]),
    ),
    ...(digest === undefined ? {} : { md5OfMessageAttributes: digest }),
    md5OfBody: wire["MD5OfBody"],
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function attributeOf(value: unknown): Record<string, unknown> {
  const given = isRecord(value) ? value : {};
  const binary = given["BinaryValue"];
  return {
    ...(given["StringValue"] === undefined ? {} : { stringValue: given["StringValue"] }),
    ...(binary === undefined
      ? {}
      : { binaryValue: binary instanceof Uint8Array ? Buffer.from(binary).toString("base64") : binary }),
    stringListValues: [],
    binaryListValues: [],
    dataType: given["DataType"],
  };
}

/**
 * Which messages of a batch a function with ReportBatchItemFailures has failed; null: all of them.
 * An answer without failures means that all went well; one that cannot be read, or names a message that is not of
 * the batch, fails all. Source: Lambda with SQS, handling errors (success and failure conditions).
 */
export function failedItems(payload: Buffer, ids: ReadonlySet<string>): ReadonlySet<string> | null {
  let answer: unknown;
  try {
    answer = payload.length === 0 ? null : JSON.parse(payload.toString());
  } catch {
    return null;
  }
  if (answer === null) return new Set();
  if (!isRecord(answer)) return new Set();
  const failures = answer["batchItemFailures"] ?? [];
  if (!Array.isArray(failures)) return null;
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = isRecord(failure) ? failure["itemIdentifier"] : undefined;
    if (typeof id !== "string" || !ids.has(id)) return null;
    failed.add(id);
  }
  return failed;
}
