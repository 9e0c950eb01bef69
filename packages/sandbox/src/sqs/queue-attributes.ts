import type { ApiError } from "../api-error.ts";
import { type Input, isRecord } from "../input.ts";
import type { Queue } from "./queue.ts";
import { badValue, sqsError } from "./sqs-errors.ts";

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};

const free = ["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "SqsManagedSseEnabled"];

/** Attributes that FIFO queues have, and what they may be. */
const fifoValues: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ["true", "false"],
  ContentBasedDeduplication: ["true", "false"],
  DeduplicationScope: ["queue", "messageGroup"],
  FifoThroughputLimit: ["perQueue", "perMessageGroupId"],
};

/** Attributes of a new queue. Source: SQS API reference, CreateQueue. */
export function initialAttributes(isFifo: boolean): Map<string, string> {
  const attributes = new Map([
    ["VisibilityTimeout", "30"],
    ["MaximumMessageSize", "1048576"],
    ["MessageRetentionPeriod", "345600"],
    ["DelaySeconds", "0"],
    ["ReceiveMessageWaitTimeSeconds", "0"],
    ["SqsManagedSseEnabled", "true"],
  ]);
  if (isFifo) {
    attributes.set("FifoQueue", "true");
    attributes.set("ContentBasedDeduplication", "false");
    attributes.set("DeduplicationScope", "queue");
    attributes.set("FifoThroughputLimit", "perQueue");
  }
  return attributes;
}

function badAttribute(name: string, why = ""): ApiError {
  return sqsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.${why}`);
}

function unknownAttribute(name: string): ApiError {
  return sqsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
}

/** The redrive policy of a queue; null: it has none. Throws InvalidParameterValue for text that is none. */
export function redriveOf(value: string | undefined): { deadLetterArn: string; maxReceives: number } | null {
  if (value === undefined || value === "") return null;
  const bad = (why: string): ApiError => badValue(value, "RedrivePolicy", why);
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    throw bad("Redrive policy is not a valid JSON map.");
  }
  const { deadLetterTargetArn: arn, maxReceiveCount: given } = isRecord(read) ? read : {};
  for (const [name, member] of Object.entries({ maxReceiveCount: given, deadLetterTargetArn: arn })) {
    if (member === undefined) throw bad(`Redrive policy does not contain mandatory attribute: ${name}.`);
  }
  const maxReceives = Number(given);
  if (!Number.isInteger(maxReceives) || maxReceives < 1 || maxReceives > 1000) {
    throw bad(
      `Invalid value for maxReceiveCount: ${String(given)}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  if (typeof arn !== "string" || !/^arn:aws[a-zA-Z-]*:sqs:[a-z0-9-]+:\d{12}:.+$/.test(arn)) {
    throw bad("Invalid value for deadLetterTargetArn.");
  }
  return { deadLetterArn: arn, maxReceives };
}

function checkFifoAttribute(name: string, value: string, isFifo: boolean): void {
  if (!isFifo) {
    const scoped = name === "DeduplicationScope" || name === "FifoThroughputLimit";
    if (!scoped) throw unknownAttribute(name);
    throw sqsError("InvalidAttributeName", `You can specify the ${name} only when FifoQueue is set to true.`);
  }
  if (fifoValues[name]?.includes(value) !== true) throw badAttribute(name);
  if (name === "FifoQueue" && value !== "true") {
    throw badAttribute(name, " Reason: Modifying queue type is not supported.");
  }
}

function checkAttribute(name: string, value: string, isFifo: boolean): void {
  const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
  if (range !== undefined) {
    if (!/^\d+$/.test(value) || Number(value) < range[0] || Number(value) > range[1])
      throw badAttribute(name);
  } else if (Object.hasOwn(fifoValues, name)) {
    checkFifoAttribute(name, value, isFifo);
  } else if (!free.includes(name)) {
    throw unknownAttribute(name);
  }
}

/** Attributes as they are kept: truth values in lower case. */
export function normalised(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(given).map(([name, value]): [string, string] => [
    name,
    /^(?:true|false)$/i.test(value) ? value.toLowerCase() : value,
  ]);
  return Object.fromEntries(entries);
}

/** Checks normalised attributes as CreateQueue and SetQueueAttributes do. */
export function checkAttributes(
  given: Readonly<Record<string, string>>,
  { isFifo, queueExists }: { readonly isFifo: boolean; readonly queueExists: (arn: string) => boolean },
): void {
  for (const [name, value] of Object.entries(given)) checkAttribute(name, value, isFifo);
  if ((given["KmsMasterKeyId"] ?? "") !== "" && given["SqsManagedSseEnabled"] === "true") {
    throw sqsError(
      "InvalidAttributeName",
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    );
  }
  const redrive = redriveOf(given["RedrivePolicy"]);
  if (redrive !== null && !queueExists(redrive.deadLetterArn)) {
    throw badValue(given["RedrivePolicy"], "RedrivePolicy", "Dead letter target does not exist.");
  }
}

/** Sets normalised, checked attributes; empty text removes one, and a key of KMS ends SQS's own encryption. */
export function applyAttributes(
  attributes: Map<string, string>,
  given: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === "") attributes.delete(name);
    else attributes.set(name, value);
  }
  if ((given["KmsMasterKeyId"] ?? "") !== "") attributes.set("SqsManagedSseEnabled", "false");
  if (given["SqsManagedSseEnabled"] === "true") attributes.delete("KmsMasterKeyId");
}

/** All attributes of a queue, as GetQueueAttributes names them. */
export function allAttributes(queue: Queue, now: number): Record<string, string> {
  const counts = queue.counts(now);
  const own = Object.fromEntries(queue.attributes);
  // How long a key is used says nothing without a key.
  if (own["KmsMasterKeyId"] === undefined) delete own["KmsDataKeyReusePeriodSeconds"];
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ...own,
  };
}

const known = new Set([
  "All",
  "QueueArn",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  ...Object.keys(ranges),
  ...Object.keys(fifoValues),
  ...free,
]);

/** Picks the attributes that were asked for; throws InvalidAttributeName. */
export function pickAttributes(all: Record<string, string>, names: readonly string[]): Input {
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  if (names.includes("All")) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
