import { createHash } from "node:crypto";
import type { CallContext } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, isRecord, numeric, record, text } from "../input.ts";
import { checkBody, checkMessageAttributes, messageSize, messageToken } from "./message-checks.ts";
import { md5, md5OfAttributes } from "./message-digest.ts";
import type { Message, Queue } from "./queue.ts";
import { badParameter, badValue, missing, prefixedError } from "./sqs-errors.ts";

/** Bytes that all messages of a batch may have together. */
const largestBatch = 1_048_576;

/** A number within a range, or undefined; throws InvalidParameterValue. */
export function between(input: Input, name: string, low: number, high: number): number | undefined {
  const value = numeric(input, name);
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw badValue(value, name, `Must be >= ${low} and <= ${high}, if provided.`);
}

const notForThisQueue = "The request include parameter that is not valid for this queue type.";

function delayOf(queue: Queue, input: Input): number {
  const delay = between(input, "DelaySeconds", 0, 900);
  if (!queue.isFifo) return delay ?? queue.setting("DelaySeconds");
  if (delay !== undefined && delay > 0) throw badValue(delay, "DelaySeconds", notForThisQueue);
  return queue.setting("DelaySeconds");
}

interface FifoPart {
  readonly key: string;
  readonly system: Readonly<Record<string, string>>;
}

/** What a FIFO queue needs to know of a message: its group and what it is a duplicate by. */
function fifoPart(queue: Queue, input: Input, body: string): FifoPart {
  const group = messageToken(input, "MessageGroupId");
  if (group === undefined) throw missing("MessageGroupId");
  const given = messageToken(input, "MessageDeduplicationId");
  if (given === undefined && queue.attributes.get("ContentBasedDeduplication") !== "true") {
    throw badParameter(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  const id = given ?? createHash("sha256").update(body).digest("hex");
  const key = queue.deduplicatesByGroup ? `${group} ${id}` : id;
  return { key, system: { MessageGroupId: group, MessageDeduplicationId: id } };
}

/** Standard queues take a group too (fair queues), but no deduplication id. */
function standardPart(input: Input): Readonly<Record<string, string>> {
  const group = messageToken(input, "MessageGroupId");
  const id = text(input, "MessageDeduplicationId");
  if (id !== undefined) throw badValue(id, "MessageDeduplicationId", notForThisQueue);
  return group === undefined ? {} : { MessageGroupId: group };
}

function traceHeader(system: Input, context: CallContext): Readonly<Record<string, string>> {
  const given = system["AWSTraceHeader"];
  const value = isRecord(given) ? text(given, "StringValue") : context.caller.traceHeader;
  return value === undefined ? {} : { AWSTraceHeader: value };
}

/** Puts one message into a queue and answers as SendMessage does. */
export function sendMessage(
  queue: Queue,
  input: Input,
  context: CallContext,
  { ids, inBatch }: { readonly ids: Ids; readonly inBatch: boolean },
): { readonly answer: Record<string, unknown>; readonly isNew: boolean } {
  const body = text(input, "MessageBody") ?? "";
  if (body === "") throw missing("MessageBody");
  const attributes = record(input, "MessageAttributes") ?? {};
  const systemAttributes = record(input, "MessageSystemAttributes") ?? {};
  checkBody(body);
  checkMessageAttributes(attributes);
  const most = queue.setting("MaximumMessageSize");
  if (messageSize(body, attributes) > most) {
    const what = inBatch ? "cannot be validated" : "are invalid";
    throw badParameter(`One or more parameters ${what}. Reason: Message must be shorter than ${most} bytes.`);
  }
  const delay = delayOf(queue, input);
  const fifo = queue.isFifo ? fifoPart(queue, input, body) : null;
  const before = fifo === null ? undefined : queue.deduplication?.find(fifo.key, context.now);
  const messageId = before?.messageId ?? ids.uuid();
  const sequenceNumber = before?.sequenceNumber ?? (fifo === null ? null : queue.nextSequence());
  const system = {
    ...(fifo === null ? standardPart(input) : fifo.system),
    ...(sequenceNumber === null ? {} : { SequenceNumber: sequenceNumber }),
    ...traceHeader(systemAttributes, context),
  };
  if (before === undefined) {
    if (fifo !== null && sequenceNumber !== null) {
      queue.deduplication?.add(fifo.key, { messageId, sequenceNumber }, context.now);
    }
    queue.put(newMessage(messageId, body, { attributes, system, delay }, context));
  }
  return {
    answer: answerOf(body, messageId, { attributes, systemAttributes, sequenceNumber }),
    isNew: !before,
  };
}

function newMessage(
  id: string,
  body: string,
  more: { attributes: Input; system: Readonly<Record<string, string>>; delay: number },
  context: CallContext,
): Message {
  return {
    id,
    body,
    attributes: more.attributes,
    system: more.system,
    sentAt: context.now,
    sender: context.identityArn,
    visibleAt: context.now + more.delay * 1000,
    receiveCount: 0,
    firstReceivedAt: null,
    receipt: null,
    fromQueueArn: null,
  };
}

function answerOf(
  body: string,
  messageId: string,
  more: { attributes: Input; systemAttributes: Input; sequenceNumber: string | null },
): Record<string, unknown> {
  const digest = md5OfAttributes(more.attributes);
  const systemDigest = md5OfAttributes(more.systemAttributes);
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(body),
    ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
    ...(systemDigest === undefined ? {} : { MD5OfMessageSystemAttributes: systemDigest }),
    ...(more.sequenceNumber === null ? {} : { SequenceNumber: more.sequenceNumber }),
  };
}

/** Refuses a batch as a whole: for its size, and for entries that a FIFO queue cannot order. */
export function checkSendBatch(queue: Queue, entries: readonly Input[]): void {
  const sizes = entries.map((entry) =>
    messageSize(text(entry, "MessageBody") ?? "", record(entry, "MessageAttributes") ?? {}),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > largestBatch) {
    throw prefixedError(
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${largestBatch} bytes. You have sent ${total} bytes.`,
    );
  }
  if (!queue.isFifo) return;
  for (const entry of entries) {
    if (text(entry, "MessageGroupId") === undefined) {
      throw badParameter("The request must contain the parameter MessageGroupId.");
    }
    fifoPart(queue, entry, "");
  }
}
