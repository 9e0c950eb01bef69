import type { StreamMapping } from "./lambda/stream-mappings.ts";
import type { InvokeAnswer } from "./runtime-port.ts";
import type { StreamEvent, StreamReader } from "./stream-reader.ts";

/** A batch that a mapping has given up. */
export interface DiscardedBatch {
  readonly events: readonly StreamEvent[];
  readonly shardId: string;
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  /** How often the function was invoked with it. */
  readonly attempts: number;
  readonly requestId: string;
  /** Of the last invocation; null: it never ran. */
  readonly answer: InvokeAnswer | null;
}

/** What a destination is told of a batch. Source: recorded messages of Lambda. */
export function failureRecord(
  mapping: StreamMapping,
  reader: StreamReader,
  batch: DiscardedBatch,
  now: number,
): Record<string, unknown> {
  const { events, answer, condition } = batch;
  const [first, last] = [events[0], events.at(-1)];
  return {
    requestContext: {
      requestId: batch.requestId,
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: Math.max(1, batch.attempts),
    },
    ...(answer === null || condition === "RecordAgeExceeded"
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: answer.executedVersion,
            functionError: answer.functionError,
          },
        }),
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    [reader.batchInfo]: {
      shardId: batch.shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: reader.time(first?.arrivalMs ?? now),
      approximateArrivalOfLastRecord: reader.time(last?.arrivalMs ?? now),
      batchSize: events.length,
      streamArn: mapping.streamArn,
    },
  };
}

/** The key of a record in a bucket. Source: Lambda, retaining records for a Kinesis data stream in Amazon S3. */
export function failureKey(mapping: StreamMapping, batch: DiscardedBatch, now: number, id: string): string {
  const time = new Date(now).toISOString().slice(0, 19);
  const folder = time.slice(0, 10).replaceAll("-", "/");
  return `aws/lambda/${mapping.uuid}/${batch.shardId}/${folder}/${time.replaceAll(":", ".")}-${id}`;
}

/** Times are never whole numbers in JSON, as languages tell these from others. No other key of these has a number. */
const wholeTimes = /("(?:ApproximateCreationDateTime|approximateArrivalTimestamp)":\d+)(?=[,}])/g;

/** The payload that the function was given. */
export function eventPayload(events: readonly StreamEvent[]): Buffer {
  const text = JSON.stringify({ Records: events.map(({ record }) => record) });
  return Buffer.from(text.replace(wholeTimes, "$1.0"));
}
