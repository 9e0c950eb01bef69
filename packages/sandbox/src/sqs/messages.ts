import type { CallContext, Handlers } from "../caller.ts";
import type { After, Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { type Input, text } from "../input.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import { eachEntry } from "./batches.ts";
import { messageIdIn, type Queue } from "./queue.ts";
import { type QueueStore, queueSeries } from "./queue-store.ts";
import { queueOf } from "./queues.ts";
import { receiveMessages } from "./receive-message.ts";
import { between, checkSendBatch, sendMessage } from "./send-message.ts";
import { badReceipt, badValue, missing } from "./sqs-errors.ts";

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

type OnQueue = (queue: Queue, input: Input, context: CallContext) => Record<string, unknown>;

function sending(parts: MessageParts, inBatch: boolean): OnQueue {
  return (queue, input, context) => {
    const { answer, isNew } = sendMessage(queue, input, context, { ids: parts.ids, inBatch });
    if (isNew) count(parts, queue, "NumberOfMessagesSent", 1);
    return answer;
  };
}

async function receive(parts: MessageParts, input: Input, context: CallContext): Promise<unknown> {
  const { queue, taken } = await receiveMessages(parts, input, context);
  if (taken.length === 0) count(parts, queue, "NumberOfEmptyReceives", 1);
  else count(parts, queue, "NumberOfMessagesReceived", taken.length);
  parts.queues.touch(queue);
  return taken.length === 0 ? {} : { Messages: taken };
}

function receiptOf(input: Input): string {
  const handle = text(input, "ReceiptHandle");
  if (handle === undefined || handle === "") throw missing("ReceiptHandle");
  // One that is outdated is no error in a deletion, a made-up one is.
  if (messageIdIn(handle) === null) throw badReceipt(handle);
  return handle;
}

function remove(parts: MessageParts, queue: Queue, input: Input, now: number): Record<string, unknown> {
  const handle = receiptOf(input);
  const message = queue.byReceipt(handle);
  if (message === undefined) return {};
  const expired = message.receipt !== handle || message.visibleAt <= now;
  if (queue.isFifo && expired) throw badValue(handle, "ReceiptHandle", "The receipt handle has expired.");
  if (message.receipt !== handle) return {};
  queue.remove(message, now);
  count(parts, queue, "NumberOfMessagesDeleted", 1);
  return {};
}

function changeVisibility(queue: Queue, input: Input, context: CallContext): Record<string, unknown> {
  const handle = receiptOf(input);
  const seconds = between(input, "VisibilityTimeout", 0, 43_200);
  if (seconds === undefined) throw missing("VisibilityTimeout");
  const message = queue.byReceipt(handle);
  if (message === undefined) {
    throw badValue(
      handle,
      "ReceiptHandle",
      "Message does not exist or is not available for visibility timeout change.",
    );
  }
  queue.showAt(message, context.now + seconds * 1000);
  return {};
}

interface Batch {
  readonly operation: string;
  readonly each: OnQueue;
  readonly checkAll?: (queue: Queue, entries: readonly Input[]) => void;
}

/** SQS's operations on messages. */
export function messageHandlers(parts: MessageParts): Handlers {
  const single = (work: OnQueue) => (input: Input, context: CallContext) => {
    const queue = queueOf(parts, input, context);
    const answer = work(queue, input, context);
    parts.queues.touch(queue);
    return answer;
  };
  const batch = ({ operation, each, checkAll }: Batch) =>
    single((queue, input, context) =>
      eachEntry(input, {
        operation,
        each: (entry) => each(queue, entry, context),
        checkAll: (entries) => checkAll?.(queue, entries),
      }),
    );
  const removeOne: OnQueue = (queue, input, { now }) => remove(parts, queue, input, now);
  return {
    SendMessage: single(sending(parts, false)),
    SendMessageBatch: batch({
      operation: "SendMessageBatch",
      each: sending(parts, true),
      checkAll: checkSendBatch,
    }),
    ReceiveMessage: (input, context) => receive(parts, input, context),
    DeleteMessage: single(removeOne),
    DeleteMessageBatch: batch({ operation: "DeleteMessageBatch", each: removeOne }),
    ChangeMessageVisibility: single(changeVisibility),
    ChangeMessageVisibilityBatch: batch({
      operation: "ChangeMessageVisibilityBatch",
      each: changeVisibility,
    }),
  };
}
