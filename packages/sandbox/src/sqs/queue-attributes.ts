import { type Input, isRecord } from "../input.ts";
import type { Queue } from "./queue.ts";
import { sqsError } from "./sqs-errors.ts";

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};

const free = [
  "Policy",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
];

/** Attributes of a new standard queue. Source: SQS API reference, CreateQueue. */
export function initialAttributes(): Map<string, string> {
  return new Map([
    ["VisibilityTimeout", "30"],
    ["MaximumMessageSize", "1048576"],
    ["MessageRetentionPeriod", "345600"],
    ["DelaySeconds", "0"],
    ["ReceiveMessageWaitTimeSeconds", "0"],
    ["SqsManagedSseEnabled", "true"],
  ]);
}

function badAttribute(name: string): Error {
  return sqsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}

/** The redrive policy of a queue; null: it has none. Throws InvalidAttributeValue for text that is none. */
export function redriveOf(value: string | undefined): { deadLetterArn: string; maxReceives: number } | null {
  if (value === undefined || value === "") return null;
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    throw badAttribute("RedrivePolicy");
  }
  if (!isRecord(read) || typeof read["deadLetterTargetArn"] !== "string") throw badAttribute("RedrivePolicy");
  const maxReceives = Number(read["maxReceiveCount"]);
  if (!Number.isInteger(maxReceives) || maxReceives < 1 || maxReceives > 1000)
    throw badAttribute("RedrivePolicy");
  return { deadLetterArn: read["deadLetterTargetArn"], maxReceives };
}

/** Checks attributes as CreateQueue and SetQueueAttributes do. */
export function checkAttributes(
  given: Readonly<Record<string, string>>,
  queueExists: (arn: string) => boolean,
): void {
  for (const [name, value] of Object.entries(given)) {
    const range = ranges[name];
    if (range !== undefined) {
      if (!/^\d+$/.test(value) || Number(value) < range[0] || Number(value) > range[1])
        throw badAttribute(name);
    } else if (
      name.startsWith("Fifo") ||
      name.startsWith("ContentBased") ||
      name.startsWith("Deduplication")
    ) {
      throw sqsError(
        "InvalidAttributeName",
        `Unknown Attribute ${name}: this cloud has standard queues only.`,
      );
    } else if (!free.includes(name)) {
      throw sqsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
    }
  }
  const redrive = redriveOf(given["RedrivePolicy"]);
  if (redrive !== null && !queueExists(redrive.deadLetterArn)) {
    throw sqsError(
      "InvalidParameterValue",
      `Value ${given["RedrivePolicy"] ?? ""} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    );
  }
}

/** All attributes of a queue, as GetQueueAttributes names them. */
export function allAttributes(queue: Queue, now: number): Record<string, string> {
  const counts = queue.counts(now);
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ...Object.fromEntries(queue.attributes),
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
  ...free,
]);

/** Picks the attributes that were asked for; throws InvalidAttributeName. */
export function pickAttributes(all: Record<string, string>, names: readonly string[]): Input {
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw sqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  if (names.includes("All")) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
