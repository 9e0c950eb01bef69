import type { Place } from "../arns.ts";
import type { RecordLog } from "../record-log.ts";
import type { KinesisRecord } from "./stream-records.ts";

/** A stream and what was put into it. */
export interface StoredStream {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly shards: number;
  readonly mode: "ON_DEMAND" | "PROVISIONED";
  retentionHours: number;
  /** ACTIVE from then on, CREATING before. */
  readonly activeAt: number;
  readonly log: RecordLog<KinesisRecord>;
}

/** The Kinesis streams of a cloud. */
export interface StreamStore {
  find(arn: string): StoredStream | undefined;
  add(stream: StoredStream): void;
  remove(stream: StoredStream): void;
  /** All of a place, by name. */
  of(place: Place): readonly StoredStream[];
}

export function streamArn(place: Place, name: string): string {
  return `arn:aws:kinesis:${place.region}:${place.account}:stream/${name}`;
}

/** `streams` by ARN. */
export function createStreamStore(streams: Map<string, StoredStream>): StreamStore {
  return {
    find: (arn) => streams.get(arn),
    add: (stream) => {
      streams.set(stream.arn, stream);
    },
    remove: (stream) => {
      streams.delete(stream.arn);
    },
    of: (place) =>
      [...streams.values()]
        .filter((stream) => stream.arn.startsWith(streamArn(place, "")))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
