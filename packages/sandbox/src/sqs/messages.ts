import type { CallContext, Handlers } from "../caller.ts";
import type { After, Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { type Input, isRecord, numeric, record, text, texts } from "../input.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import { eachEntry } from "./batches.ts";
import { md5, md5OfAttributes } from "./message-digest.ts";
import type { Message, Queue } from "./queue.ts";
import { redriveOf } from "./queue-attributes.ts";
import { type QueueStore, queueSeries } from "./queue-store.ts";
import { queueOf } from "./queues.ts";
import { badReceipt, badValue, missing, sqsError } from "./sqs-errors.ts";

export interface MessageParts {
  readonly queues: QueueStore;
  readonly metrics: MetricStore;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly after: After;
  /** True once the cloud is closed: long polls end then. */
  readonly closed: () => boolean;
}

function count(parts: MessageParts, queue: Queue, name: string, value: number): void {
  parts.metrics.add(queueSeries(queue, name), value, parts.clock.now());
}

function between(input: Input, name: string, low: number, high: number): number | undefined {
  const value = numeric(input, name);
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw badValue(value, name, `Must be >= ${low} and <= ${high}, if provided.`);
}

function send(
  parts: MessageParts,
  queue: Queue,
  input: Input,
  context: CallContext,
): Record<string, unknown> {
  const body = text(input, "MessageBody");
  if (body === undefined) throw missing("MessageBody");
  const attributes = record(input, "MessageAttributes") ?? {};
  const size = Buffer.byteLength(body);
  if (size === 0) throw missing("MessageBody");
  if (size > queue.setting("MaximumMessageSize")) {
    throw sqsError(
      "InvalidParameterValue",
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.setting("MaximumMessageSize")} bytes.`,
    );
  }
  const delay = between(input, "DelaySeconds", 0, 900) ?? queue.setting("DelaySeconds");
  const message: Message = {
    id: parts.ids.uuid(),
    body,
    attributes,
    sentAt: context.now,
    sender: context.identityArn,
    visibleAt: context.now + delay * 1000,
    receiveCount: 0,
    firstReceivedAt: null,
    receipt: null,
    fromQueueArn: null,
  };
  queue.put(message);
  count(parts, queue, "NumberOfMessagesSent", 1);
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(body),
    ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
  };
}

/** Moves a message that was received too often; false: it stays and can be delivered. */
function redriven(parts: MessageParts, queue: Queue, message: Message, now: number): boolean {
  const redrive = redriveOf(queue.attributes.get("RedrivePolicy"));
  if (redrive === null || message.receiveCount < redrive.maxReceives) return false;
  const target = parts.queues.byArn(redrive.deadLetterArn);
  // A queue that is its own dead letter queue would hand the message to itself for ever.
  if (target === undefined || target === queue) return false;
  queue.remove(message);
  target.put({ ...message, receipt: null, visibleAt: now, fromQueueArn: queue.arn });
  parts.queues.touch(target);
  return true;
}

interface ReceiveWishes {
  readonly most: number;
  readonly hideMs: number;
  readonly attributes: readonly string[];
  readonly messageAttributes: readonly string[];
}

function wants(names: readonly string[], name: string): boolean {
  return names.some(
    (n) => n === "All" || n === name || (n.endsWith(".*") && name.startsWith(n.slice(0, -1))) || n === ".*",
  );
}

function shown(message: Message, receipt: string, wishes: ReceiveWishes): Record<string, unknown> {
  const system: Record<string, string> = {
    SenderId: message.sender,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...(message.fromQueueArn === null ? {} : { DeadLetterQueueSourceArn: message.fromQueueArn }),
  };
  const picked = Object.entries(system).filter(([name]) => wants(wishes.attributes, name));
  const own = Object.entries(message.attributes).filter(([name]) => wants(wishes.messageAttributes, name));
  const digest = md5OfAttributes(Object.fromEntries(own));
  return {
    MessageId: message.id,
    ReceiptHandle: receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(picked.length === 0 ? {} : { Attributes: Object.fromEntries(picked) }),
    ...(own.length === 0
      ? {}
      : { MessageAttributes: Object.fromEntries(own), MD5OfMessageAttributes: digest }),
  };
}

function take(parts: MessageParts, queue: Queue, wishes: ReceiveWishes): Record<string, unknown>[] {
  const now = parts.clock.now();
  queue.expire(now);
  const taken: Record<string, unknown>[] = [];
  for (const message of queue.visible(now)) {
    if (taken.length === wishes.most) break;
    if (redriven(parts, queue, message, now)) continue;
    // Hidden first: the receiver sees the count with its own receive in it.
    const receipt = queue.hide(message, now, wishes.hideMs, parts.ids);
    taken.push(shown(message, receipt, wishes));
  }
  return taken;
}

/** Waits for an arrival, for hidden messages to come back, or for the time to be up; true: it is up. */
async function arrival(
  parts: MessageParts,
  queue: Queue,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const next = queue.nextVisibleAt(parts.clock.now());
  const wait = next === null ? ms : Math.min(ms, Math.max(1, next - parts.clock.now()));
  return new Promise<boolean>((resolve) => {
    const done = (timeIsUp: boolean): void => {
      stopTimer();
      stopWaiting();
      signal?.removeEventListener("abort", woken);
      resolve(timeIsUp);
    };
    const woken = (): void => done(false);
    const stopWaiting = queue.onArrival(woken);
    signal?.addEventListener("abort", woken);
    const stopTimer = parts.after(wait, () => done(wait >= ms));
  });
}

async function receive(parts: MessageParts, input: Input, context: CallContext): Promise<unknown> {
  const queue = queueOf(parts, input, context);
  const wishes: ReceiveWishes = {
    most: between(input, "MaxNumberOfMessages", 1, 10) ?? 1,
    hideMs: (between(input, "VisibilityTimeout", 0, 43_200) ?? queue.setting("VisibilityTimeout")) * 1000,
    attributes: [
      ...(texts(input, "AttributeNames") ?? []),
      ...(texts(input, "MessageSystemAttributeNames") ?? []),
    ],
    messageAttributes: texts(input, "MessageAttributeNames") ?? [],
  };
  const waitSeconds =
    between(input, "WaitTimeSeconds", 0, 20) ?? queue.setting("ReceiveMessageWaitTimeSeconds");
  const deadline = parts.clock.now() + waitSeconds * 1000;
  const { signal } = context.caller;
  let taken = signal?.aborted ? [] : take(parts, queue, wishes);
  while (taken.length === 0 && parts.clock.now() < deadline && !parts.closed() && !signal?.aborted) {
    const timeIsUp = await arrival(parts, queue, deadline - parts.clock.now(), signal);
    if (parts.closed() || signal?.aborted || !parts.queues.exists(queue.arn)) break;
    taken = take(parts, queue, wishes);
    // A virtual clock may stand still: the wait itself counts.
    if (timeIsUp) break;
  }
  if (taken.length === 0) count(parts, queue, "NumberOfEmptyReceives", 1);
  else count(parts, queue, "NumberOfMessagesReceived", taken.length);
  parts.queues.touch(queue);
  return taken.length === 0 ? {} : { Messages: taken };
}

function receiptOf(input: Input): string {
  const handle = text(input, "ReceiptHandle");
  if (handle === undefined || handle === "") throw missing("ReceiptHandle");
  return handle;
}

/** Whether this cloud can have made a handle: one that is outdated is no error in a deletion, a made-up one is. */
function wellFormed(handle: string): boolean {
  return /^[0-9a-f-]{36} [0-9a-f-]{36}$/.test(Buffer.from(handle, "base64").toString());
}

function remove(parts: MessageParts, queue: Queue, input: Input): Record<string, unknown> {
  const handle = receiptOf(input);
  const message = queue.byReceipt(handle);
  if (message === undefined && !wellFormed(handle)) throw badReceipt(handle);
  if (message !== undefined) {
    queue.remove(message);
    count(parts, queue, "NumberOfMessagesDeleted", 1);
  }
  return {};
}

function changeVisibility(queue: Queue, input: Input, context: CallContext): Record<string, unknown> {
  const handle = receiptOf(input);
  const seconds = between(input, "VisibilityTimeout", 0, 43_200);
  if (seconds === undefined) throw missing("VisibilityTimeout");
  const message = queue.byReceipt(handle);
  if (message === undefined && !wellFormed(handle)) throw badReceipt(handle);
  if (message === undefined || message.visibleAt <= context.now) {
    throw sqsError(
      "MessageNotInflight",
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      "AWS.SimpleQueueService.MessageNotInflight",
    );
  }
  queue.showAt(message, context.now + seconds * 1000);
  return {};
}

type OnQueue = (queue: Queue, input: Input, context: CallContext) => Record<string, unknown>;

/** SQS's operations on messages. */
export function messageHandlers(parts: MessageParts): Handlers {
  const single = (work: OnQueue) => (input: Input, context: CallContext) => {
    const queue = queueOf(parts, input, context);
    const answer = work(queue, input, context);
    parts.queues.touch(queue);
    return answer;
  };
  const batch = (work: OnQueue) =>
    single((queue, input, context) => {
      const answer = eachEntry(input, (entry) => work(queue, entry, context));
      return isRecord(answer) ? answer : {};
    });
  const sendOne: OnQueue = (queue, input, context) => send(parts, queue, input, context);
  const removeOne: OnQueue = (queue, input) => remove(parts, queue, input);
  return {
    SendMessage: single(sendOne),
    SendMessageBatch: batch(sendOne),
    ReceiveMessage: (input, context) => receive(parts, input, context),
    DeleteMessage: single(removeOne),
    DeleteMessageBatch: batch(removeOne),
    ChangeMessageVisibility: single(changeVisibility),
    ChangeMessageVisibilityBatch: batch(changeVisibility),
  };
}
