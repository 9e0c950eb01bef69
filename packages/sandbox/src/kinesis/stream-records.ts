import { createHash } from "node:crypto";
import { appendRecord, type LoggedRecord } from "../record-log.ts";
import type { StoredStream } from "./stream-store.ts";

/** A record of a Kinesis stream. */
export interface KinesisRecord extends LoggedRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

const keySpace = 2n ** 128n;
const hourMs = 3_600_000;

export function shardIdOf(index: number): string {
  return `shardId-${String(index).padStart(12, "0")}`;
}

/** A number of 56 digits that grows with the position. */
export function sequenceNumberOf({ createdMs }: StoredStream, position: number): string {
  return `49${createdMs}${String(position).padStart(56 - 2 - String(createdMs).length, "0")}`;
}

/** The position that a sequence number stands for. */
export function positionOf(sequenceNumber: string): number {
  return Number(sequenceNumber.slice(15));
}

/** The shard that a key belongs to: they share the range of its MD5. Source: Kinesis, key concepts, partition key. */
export function shardOfKey({ shards }: StoredStream, partitionKey: string, explicitHash?: string): string {
  const digest = createHash("md5").update(partitionKey).digest("hex");
  const hash = explicitHash === undefined ? BigInt(`0x${digest}`) : BigInt(explicitHash);
  const index = Number(hash / (keySpace / BigInt(shards)));
  return shardIdOf(Math.min(shards - 1, index));
}

export function putRecord(
  stream: StoredStream,
  { partitionKey, data, shardId }: Pick<KinesisRecord, "partitionKey" | "data" | "shardId">,
  arrivalMs: number,
): KinesisRecord {
  return appendRecord(stream.log, stream.retentionHours * hourMs, (position) => ({
    position,
    shardId,
    arrivalMs,
    partitionKey,
    data,
  }));
}
