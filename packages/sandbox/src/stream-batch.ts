import type { StreamMapping } from "./lambda/stream-mappings.ts";
import type { InvokeAnswer } from "./runtime-port.ts";
import { failedItems } from "./sqs-event.ts";
import { type DiscardedBatch, eventPayload } from "./stream-failure.ts";
import type { StreamEvent } from "./stream-reader.ts";
import { unlessThrottled } from "./unless-throttled.ts";

/** What working on a batch needs. */
export interface BatchPorts {
  readonly invoke: (mapping: StreamMapping, payload: Buffer, requestId: string) => Promise<InvokeAnswer>;
  readonly discard: (mapping: StreamMapping, batch: DiscardedBatch) => Promise<void>;
  /** What the mapping shows of the last invocation. */
  readonly result: (mapping: StreamMapping, words: string) => void;
  readonly now: () => number;
  readonly newId: () => string;
  /** Resolves early when the poller is stopped. */
  readonly pause: (ms: number) => Promise<void>;
  readonly stopped: () => boolean;
}

/** Between two tries; each pause is twice as long as the one before. Source: tries in recorded messages. */
const shortestPauseMs = 250;
const longestPauseMs = 30_000;

interface Work {
  readonly mapping: StreamMapping;
  readonly shardId: string;
  readonly ports: BatchPorts;
}

/** The events that have to be given to the function again after an answer; none when all went well. */
function leftOver(
  mapping: StreamMapping,
  events: readonly StreamEvent[],
  answer: InvokeAnswer,
): readonly StreamEvent[] {
  if (answer.functionError !== null) return events;
  if (!mapping.responseTypes.includes("ReportBatchItemFailures")) return [];
  const failed = failedItems(answer.payload, new Set(events.map((event) => event.sequenceNumber)));
  if (failed === null) return events;
  const first = events.findIndex((event) => failed.has(event.sequenceNumber));
  // The failed record with the lowest number is the checkpoint: everything from there on comes again.
  return first < 0 ? [] : events.slice(first);
}

/** Discards the records at the front that are too old; gives the others. */
async function withoutExpired(
  { mapping, shardId, ports }: Work,
  events: readonly StreamEvent[],
  last: Pick<DiscardedBatch, "attempts" | "requestId" | "answer">,
): Promise<readonly StreamEvent[]> {
  const { maximumAgeMs } = mapping;
  if (maximumAgeMs === null) return events;
  const oldest = ports.now() - maximumAgeMs;
  const fresh = events.findIndex(({ arrivalMs }) => arrivalMs >= oldest);
  const expired = fresh < 0 ? events : events.slice(0, fresh);
  if (expired.length > 0) {
    await ports.discard(mapping, { ...last, events: expired, shardId, condition: "RecordAgeExceeded" });
  }
  return fresh < 0 ? [] : events.slice(fresh);
}

/**
 * Gives events to the function until it has done them, they are too old or there are no retries left; in halves, when the
 * mapping wants it so. True when they are done with, false when the poller was stopped before.
 * Source: Lambda, error handling for Kinesis and DynamoDB event source mappings.
 */
export async function processBatch(
  mapping: StreamMapping,
  shardId: string,
  events: readonly StreamEvent[],
  ports: BatchPorts,
): Promise<boolean> {
  const work = { mapping, shardId, ports };
  let left = events;
  let last: Pick<DiscardedBatch, "attempts" | "requestId" | "answer"> = {
    attempts: 0,
    requestId: ports.newId(),
    answer: null,
  };
  for (let pauses = 0; ; pauses += 1) {
    if (pauses > 0) await ports.pause(Math.min(longestPauseMs, shortestPauseMs * 2 ** (pauses - 1)));
    left = await withoutExpired(work, left, last);
    if (left.length === 0) return true;
    if (ports.stopped()) return false;
    const requestId = ports.newId();
    const answer = await unlessThrottled(ports.invoke(mapping, eventPayload(left), requestId));
    if (answer === null) continue;
    last = { attempts: last.attempts + 1, requestId, answer };
    const tried = left;
    left = leftOver(mapping, tried, answer);
    ports.result(mapping, left.length === 0 ? "OK" : "PROBLEM: Function call failed");
    if (left.length === 0) return true;
    // What is left of a batch that was done in part is a batch of its own.
    if (left.length < tried.length) last = { ...last, attempts: 0 };
    if (mapping.bisects && tried.length > 1) return await inHalves(work, tried, left);
    if (mapping.retries !== null && last.attempts > mapping.retries) {
      await ports.discard(mapping, { ...last, events: left, shardId, condition: "RetryAttemptsExhausted" });
      return true;
    }
  }
}

/** A batch that the function has not accepted is split in two; one that it did in part, where it said. */
async function inHalves(
  { mapping, shardId, ports }: Work,
  tried: readonly StreamEvent[],
  left: readonly StreamEvent[],
): Promise<boolean> {
  if (left.length < tried.length) return await processBatch(mapping, shardId, left, ports);
  const middle = Math.ceil(left.length / 2);
  return (
    (await processBatch(mapping, shardId, left.slice(0, middle), ports)) &&
    (await processBatch(mapping, shardId, left.slice(middle), ports))
  );
}
