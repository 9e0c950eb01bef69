import type { CallContext } from "../caller.ts";
import { type Input, texts } from "../input.ts";
import { md5, md5OfAttributes } from "./message-digest.ts";
import type { MessageParts } from "./messages.ts";
import type { Message, Queue } from "./queue.ts";
import { redriveOf } from "./queue-attributes.ts";
import { queueOf } from "./queues.ts";
import { between } from "./send-message.ts";
import { badValue } from "./sqs-errors.ts";

const mostMessages = 10;

/** Moves a message that was received too often; false: it stays and can be delivered. */
function redriven(parts: MessageParts, queue: Queue, message: Message, now: number): boolean {
  const redrive = redriveOf(queue.attributes.get("RedrivePolicy"));
  if (redrive === null || message.receiveCount < redrive.maxReceives) return false;
  const target = parts.queues.byArn(redrive.deadLetterArn);
  // A queue that is its own dead letter queue would hand the message to itself for ever.
  if (target === undefined || target === queue) return false;
  queue.remove(message, now);
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
    (wish) =>
      wish === "All" ||
      wish === "*" ||
      wish === name ||
      (wish.endsWith(".*") && name.startsWith(wish.slice(0, -2))),
  );
}

function shown(message: Message, receipt: string, wishes: ReceiveWishes): Record<string, unknown> {
  const system: Record<string, string> = {
    SenderId: message.sender,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...message.system,
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

function mostWanted(input: Input): number {
  try {
    return between(input, "MaxNumberOfMessages", 1, mostMessages) ?? 1;
  } catch {
    const why = `Must be between 1 and ${mostMessages}, if provided.`;
    throw badValue(input["MaxNumberOfMessages"], "MaxNumberOfMessages", why);
  }
}

/** ReceiveMessage: what can be received now, or within the time that the caller waits. */
export async function receiveMessages(
  parts: MessageParts,
  input: Input,
  context: CallContext,
): Promise<{ readonly queue: Queue; readonly taken: readonly Record<string, unknown>[] }> {
  const queue = queueOf(parts, input, context);
  const wishes: ReceiveWishes = {
    most: mostWanted(input),
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
  return { queue, taken };
}
