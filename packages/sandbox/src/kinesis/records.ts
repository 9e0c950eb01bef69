import { ApiError, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { blob, type Input, instant, needText, numeric, records, text } from "../input.ts";
import { recordsFrom } from "../record-log.ts";
import { positionOf, putRecord, sequenceNumberOf, shardIdOf, shardOfKey } from "./stream-records.ts";
import type { StoredStream, StreamStore } from "./stream-store.ts";
import { streamOf } from "./streams.ts";

interface Parts {
  readonly streams: StreamStore;
}

const largestData = 1_048_576;
const mostAtOnce = 500;
const largestPage = 10_000;

function refused(code: string, message: string): ApiError {
  return new ApiError(400, code, message, { type: null });
}

function put(stream: StoredStream, input: Input, now: number): Record<string, unknown> {
  const partitionKey = needText(input, "PartitionKey");
  const data = blob(input, "Data") ?? Buffer.alloc(0);
  if (partitionKey.length > 256) {
    throw validationError(partitionKey, "partitionKey", "Member must have length less than or equal to 256");
  }
  if (data.length > largestData) {
    throw validationError(
      `${data.length} bytes`,
      "data",
      `Member must have length less than or equal to ${largestData}`,
    );
  }
  const explicit = text(input, "ExplicitHashKey");
  if (explicit !== undefined && !/^(0|[1-9]\d{0,38})$/.test(explicit)) {
    throw refused(
      "InvalidArgumentException",
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicit}`,
    );
  }
  const shardId = shardOfKey(stream, partitionKey, explicit);
  const { position } = putRecord(stream, { partitionKey, data, shardId }, now);
  return { ShardId: shardId, SequenceNumber: sequenceNumberOf(stream, position) };
}

function putAll(stream: StoredStream, input: Input, now: number): unknown {
  const all = records(input, "Records") ?? [];
  if (all.length === 0 || all.length > mostAtOnce) {
    throw validationError(
      `${all.length} records`,
      "records",
      `Member must have length between 1 and ${mostAtOnce}`,
    );
  }
  return { FailedRecordCount: 0, Records: all.map((one) => put(stream, one, now)), EncryptionType: "NONE" };
}

/** Where an iterator starts. */
function startOf(stream: StoredStream, input: Input, now: number): number {
  const type = needText(input, "ShardIteratorType");
  const number = text(input, "StartingSequenceNumber") ?? "";
  switch (type) {
    case "TRIM_HORIZON":
      return 0;
    case "LATEST":
      return stream.log.next;
    case "AT_SEQUENCE_NUMBER":
      return positionOf(number);
    case "AFTER_SEQUENCE_NUMBER":
      return positionOf(number) + 1;
    case "AT_TIMESTAMP": {
      const from = instant(input, "Timestamp") ?? now;
      return stream.log.records.find((one) => one.arrivalMs >= from)?.position ?? stream.log.next;
    }
    default:
      throw validationError(
        type,
        "shardIteratorType",
        "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]",
      );
  }
}

function iterator(arn: string, shardId: string, position: number): string {
  return Buffer.from(JSON.stringify([arn, shardId, position])).toString("base64");
}

function readIterator(given: string): { arn: string; shardId: string; position: number } {
  try {
    const [arn, shardId, position]: unknown[] = JSON.parse(Buffer.from(given, "base64").toString());
    if (typeof arn === "string" && typeof shardId === "string" && typeof position === "number") {
      return { arn, shardId, position };
    }
  } catch {
    // Said below.
  }
  throw refused("InvalidArgumentException", "Invalid ShardIterator.");
}

function read(parts: Parts, input: Input, now: number): unknown {
  const { arn, shardId, position } = readIterator(needText(input, "ShardIterator"));
  const stream = parts.streams.find(arn);
  if (stream === undefined) throw refused("ResourceNotFoundException", `Stream ${arn} not found.`);
  const found = recordsFrom(stream.log, shardId, position, numeric(input, "Limit") ?? largestPage);
  const last = found.at(-1);
  return {
    Records: found.map((record) => ({
      SequenceNumber: sequenceNumberOf(stream, record.position),
      ApproximateArrivalTimestamp: record.arrivalMs / 1000,
      Data: record.data,
      PartitionKey: record.partitionKey,
      EncryptionType: "NONE",
    })),
    NextShardIterator: iterator(arn, shardId, last === undefined ? position : last.position + 1),
    MillisBehindLatest: last === undefined || last.position + 1 >= stream.log.next ? 0 : now - last.arrivalMs,
  };
}

/** Kinesis' operations on records. */
export function recordHandlers(parts: Parts): Handlers {
  const named = (input: Input, context: CallContext): StoredStream => streamOf(parts, input, context);
  return {
    PutRecord: (input, context) => ({
      ...put(named(input, context), input, context.now),
      EncryptionType: "NONE",
    }),
    PutRecords: (input, context) => putAll(named(input, context), input, context.now),
    GetShardIterator: (input, context) => {
      const stream = named(input, context);
      const shardId = needText(input, "ShardId");
      if (!Array.from({ length: stream.shards }, (_, index) => shardIdOf(index)).includes(shardId)) {
        throw refused(
          "ResourceNotFoundException",
          `Shard ${shardId} in stream ${stream.name} under account ${context.account} does not exist`,
        );
      }
      return { ShardIterator: iterator(stream.arn, shardId, startOf(stream, input, context.now)) };
    },
    GetRecords: (input, context) => read(parts, input, context.now),
  };
}
