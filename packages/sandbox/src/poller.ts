import { eventFilter } from "./event-filter.ts";
import { isRecord } from "./input.ts";
import type { PollingMapping } from "./lambda/mapping-store.ts";
import { type Poller, type PollerState, pause, runningPoller } from "./running-poller.ts";
import type { InvokeAnswer } from "./runtime-port.ts";
import { failedItems, messagesIn, type ReceivedMessage, recordOf } from "./sqs-event.ts";
import { unlessThrottled } from "./unless-throttled.ts";

/** What pollers need from the cloud. */
export interface PollerPorts {
  /** An operation of SQS as the cloud itself calls it; the signal ends a long poll. */
  readonly call: (
    action: "sqs:GetQueueUrl" | "sqs:ReceiveMessage" | "sqs:DeleteMessageBatch",
    input: Readonly<Record<string, unknown>>,
    region: string,
    signal?: AbortSignal,
  ) => Promise<unknown>;
  readonly invoke: (mapping: PollingMapping, payload: Buffer) => Promise<InvokeAnswer>;
  /** A batch could not be invoked, or the queue could not be read; throttles are not told. */
  readonly problem: (mapping: PollingMapping, error: unknown) => void;
  /** A steady time in ms. */
  readonly elapsed: () => number;
}

/** Batches that are processed at a time without ScalingConfig. Source: Lambda with SQS, scaling: it begins with five. */
const batchesAtATime = 5;
const largestEvent = 6_291_456;
const longestPollSeconds = 20;

interface State extends PollerState<PollingMapping> {
  readonly ports: PollerPorts;
  readonly batches: Set<Promise<void>>;
  url: string | null;
  /** Receives that failed since the last good one. */
  failures: number;
  /** Throttled invocations since the last good one. */
  throttles: number;
}

export function startPoller(mapping: PollingMapping, ports: PollerPorts): Poller<PollingMapping> {
  const state: State = {
    mapping,
    ports,
    stopped: new AbortController(),
    batches: new Set(),
    url: null,
    failures: 0,
    throttles: 0,
  };
  return runningPoller(state, poll);
}

async function poll(state: State): Promise<void> {
  const { signal } = state.stopped;
  while (!signal.aborted) {
    const most = Math.min(batchesAtATime, state.mapping.maximumConcurrency ?? batchesAtATime);
    if (state.batches.size >= most) {
      await Promise.race(state.batches);
      continue;
    }
    const setbacks = Math.max(state.failures, state.throttles);
    if (setbacks > 0) await pause(Math.min(10_000, 100 * 2 ** setbacks), signal);
    if (signal.aborted) break;
    let { mapping } = state;
    try {
      let passes = eventFilter(mapping.filters);
      const messages = await collect(state, mapping);
      if (state.mapping !== mapping) {
        // What a long poll brings goes by the mapping of now; the batch itself is not touched by later changes.
        mapping = state.mapping;
        passes = eventFilter(mapping.filters);
      }
      const wanted = messages.filter((message) => passes(recordOf(message, mapping)));
      for (const part of inParts(wanted, mapping)) dispatch(state, mapping, part);
      // As on AWS, what does not pass the filter is gone.
      await remove(
        state,
        mapping,
        messages.filter((message) => !wanted.includes(message)),
      );
    } catch (error) {
      state.failures += 1;
      state.url = null;
      if (state.failures === 1) state.ports.problem(mapping, error);
    }
  }
  await Promise.all(state.batches);
}

/** One batch; empty when a long poll found nothing. Takes more for as long as the batching window is open. */
async function collect(state: State, mapping: PollingMapping): Promise<readonly ReceivedMessage[]> {
  const { ports, stopped } = state;
  const url = await queueUrl(state, mapping);
  const messages: ReceivedMessage[] = [];
  let closesAt: number | null = null;
  while (messages.length < mapping.batchSize && !stopped.signal.aborted) {
    const left: number = closesAt === null ? longestPollSeconds * 1000 : closesAt - ports.elapsed();
    if (left <= 0) break;
    // The API takes whole seconds; the signal ends the last of them at the end of the window.
    const window = closesAt === null ? null : AbortSignal.timeout(Math.ceil(left));
    const input = {
      QueueUrl: url,
      MaxNumberOfMessages: Math.min(10, mapping.batchSize - messages.length),
      WaitTimeSeconds: Math.min(longestPollSeconds, Math.ceil(left / 1000)),
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    };
    const signal = window === null ? stopped.signal : AbortSignal.any([stopped.signal, window]);
    let received: readonly ReceivedMessage[];
    try {
      received = messagesIn(await ports.call("sqs:ReceiveMessage", input, mapping.region, signal));
    } catch (error) {
      // What was taken already is processed all the same; the next poll meets the error again.
      if (messages.length > 0) break;
      throw error;
    }
    state.failures = 0;
    messages.push(...received);
    if (messages.length === 0 || mapping.windowSeconds === 0) break;
    closesAt ??= ports.elapsed() + mapping.windowSeconds * 1000;
  }
  return messages;
}

async function queueUrl(state: State, mapping: PollingMapping): Promise<string> {
  if (state.url !== null) return state.url;
  const [, , , , account, name] = mapping.queueArn.split(":");
  const input = { QueueName: name, QueueOwnerAWSAccountId: account };
  const answer = await state.ports.call("sqs:GetQueueUrl", input, mapping.region);
  const url = isRecord(answer) ? answer["QueueUrl"] : undefined;
  if (typeof url !== "string") throw new Error(`GetQueueUrl gave no URL for ${mapping.queueArn}.`);
  state.url = url;
  return url;
}

interface Part {
  readonly messages: readonly ReceivedMessage[];
  readonly payload: Buffer;
}

/** The events of a batch: one, or several when one would be larger than an invocation may be. */
function* inParts(messages: readonly ReceivedMessage[], mapping: PollingMapping): Generator<Part> {
  let taken: ReceivedMessage[] = [];
  let records: string[] = [];
  let bytes = 0;
  const part = (): Part => ({ messages: taken, payload: Buffer.from(`{"Records":[${records.join(",")}]}`) });
  for (const message of messages) {
    const record = JSON.stringify(recordOf(message, mapping));
    const size = Buffer.byteLength(record) + 1;
    if (taken.length > 0 && bytes + size + 16 > largestEvent) {
      yield part();
      [taken, records, bytes] = [[], [], 0];
    }
    taken.push(message);
    records.push(record);
    bytes += size;
  }
  if (taken.length > 0) yield part();
}

function dispatch(state: State, mapping: PollingMapping, part: Part): void {
  const batch = handOver(state, mapping, part)
    .catch((error: unknown) => state.ports.problem(mapping, error))
    .finally(() => state.batches.delete(batch));
  state.batches.add(batch);
}

/** Invokes the function and deletes what it has done; everything else comes back after the visibility timeout. */
async function handOver(state: State, mapping: PollingMapping, part: Part): Promise<void> {
  const answer = await unlessThrottled(state.ports.invoke(mapping, part.payload));
  if (answer === null) {
    state.throttles += 1;
    return;
  }
  state.throttles = 0;
  if (answer.functionError !== null) return;
  const partial = mapping.responseTypes.includes("ReportBatchItemFailures");
  const ids = new Set(part.messages.map((message) => message.id));
  const failed = partial ? failedItems(answer.payload, ids) : new Set<string>();
  if (failed === null) return;
  const done = part.messages.filter((message) => !failed.has(message.id));
  await remove(state, mapping, done);
}

async function remove(
  state: State,
  mapping: PollingMapping,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const url = await queueUrl(state, mapping);
  for (let from = 0; from < messages.length; from += 10) {
    const entries = messages
      .slice(from, from + 10)
      .map((message, at) => ({ Id: String(at), ReceiptHandle: message.receiptHandle }));
    await state.ports.call("sqs:DeleteMessageBatch", { QueueUrl: url, Entries: entries }, mapping.region);
  }
}
