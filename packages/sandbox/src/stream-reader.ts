import type { ItemChange } from "./dynamodb/item-changes.ts";
import * as changes from "./dynamodb/item-changes.ts";
import type { StoredTable } from "./dynamodb/table-store.ts";
import type { KinesisRecord } from "./kinesis/stream-records.ts";
import * as kinesis from "./kinesis/stream-records.ts";
import type { StoredStream } from "./kinesis/stream-store.ts";
import { recordsFrom } from "./record-log.ts";

/** A record as a mapping hands it to a function. */
export interface StreamEvent {
  readonly position: number;
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
  /** One of the `Records` of the event. */
  readonly record: Readonly<Record<string, unknown>>;
  /** What filters look at. */
  readonly filtered: Readonly<Record<string, unknown>>;
}

/** A stream as mappings read it. */
export interface StreamReader {
  readonly shards: readonly string[];
  /** The position of the first record that arrived at that time or later; of the next one when there is none. */
  positionAt(ms: number): number;
  read(shardId: string, position: number, most: number): readonly StreamEvent[];
  /** The member of a message for a destination that describes the batch. */
  readonly batchInfo: "KinesisBatchInfo" | "DDBStreamBatchInfo";
  /** A time as it is written there. */
  time(ms: number): string;
}

/** JSON that is an object is compared by members, everything else as text. */
function readData(data: Buffer): unknown {
  const text = data.toString("utf8");
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? read : text;
  } catch {
    return text;
  }
}

function kinesisEvent(stream: StoredStream, one: KinesisRecord, identityArn: string): StreamEvent {
  const sequenceNumber = kinesis.sequenceNumberOf(stream, one.position);
  const content = {
    kinesisSchemaVersion: "1.0",
    partitionKey: one.partitionKey,
    sequenceNumber,
    approximateArrivalTimestamp: one.arrivalMs / 1000,
  };
  return {
    position: one.position,
    sequenceNumber,
    arrivalMs: one.arrivalMs,
    record: {
      kinesis: { ...content, data: one.data.toString("base64") },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${one.shardId}:${sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: identityArn,
      awsRegion: stream.arn.split(":")[3],
      eventSourceARN: stream.arn,
    },
    filtered: { ...content, data: readData(one.data) },
  };
}

/** `identityArn` is the role of the function that is invoked. Source: Lambda with Kinesis, example event. */
export function kinesisReader(stream: StoredStream, identityArn: string): StreamReader {
  return {
    shards: Array.from({ length: stream.shards }, (_, index) => kinesis.shardIdOf(index)),
    positionAt: (ms) =>
      stream.log.records.find(({ arrivalMs }) => arrivalMs >= ms)?.position ?? stream.log.next,
    read: (shardId, position, most) =>
      recordsFrom(stream.log, shardId, position, most).map((one) => kinesisEvent(stream, one, identityArn)),
    batchInfo: "KinesisBatchInfo",
    time: (ms) => new Date(ms).toISOString(),
  };
}

function tableEvent(table: StoredTable, arn: string, viewType: string, one: ItemChange): StreamEvent {
  const sequenceNumber = changes.sequenceNumberOf(one.position);
  const record = {
    eventID: `${table.id.replaceAll("-", "")}${one.position.toString(16)}`.slice(-32),
    eventName: one.eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: table.arn.split(":")[3],
    dynamodb: {
      // Whole seconds. Source: recorded events of Lambda.
      ApproximateCreationDateTime: Math.floor(one.arrivalMs / 1000),
      Keys: one.keys,
      ...(one.after === null ? {} : { NewImage: one.after }),
      ...(one.before === null ? {} : { OldImage: one.before }),
      SequenceNumber: sequenceNumber,
      SizeBytes: one.sizeBytes,
      StreamViewType: viewType,
    },
    eventSourceARN: arn,
  };
  return { position: one.position, sequenceNumber, arrivalMs: one.arrivalMs, record, filtered: record };
}

/** The newest stream of a table; null when there never was one. Source: Lambda with DynamoDB, example event. */
export function tableReader(table: StoredTable): StreamReader | null {
  const { stream } = table;
  if (stream === null) return null;
  const { log, arn, viewType } = stream;
  return {
    shards: [changes.shardIdOf(table)],
    positionAt: (ms) => log.records.find(({ arrivalMs }) => arrivalMs >= ms)?.position ?? log.next,
    read: (shardId, position, most) =>
      recordsFrom(log, shardId, position, most).map((one) => tableEvent(table, arn, viewType, one)),
    batchInfo: "DDBStreamBatchInfo",
    time: (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`,
  };
}
