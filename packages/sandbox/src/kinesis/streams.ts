import { ApiError, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, numeric, record, text } from "../input.ts";
import { emptyLog } from "../record-log.ts";
import type { Timing } from "../timing.ts";
import { shardIdOf } from "./stream-records.ts";
import { type StoredStream, type StreamStore, streamArn } from "./stream-store.ts";

interface Parts {
  readonly streams: StreamStore;
  readonly timing: Timing;
}

const keySpace = 2n ** 128n;
const longestRetention = 8760;

function refused(code: string, message: string): ApiError {
  return new ApiError(400, code, message, { type: null });
}

/** The stream that an input names, by name or by ARN; throws Kinesis' 400 when there is none. */
export function streamOf(parts: Pick<Parts, "streams">, input: Input, context: CallContext): StoredStream {
  const arn = text(input, "StreamARN") ?? streamArn(context, needText(input, "StreamName"));
  const found = parts.streams.find(arn);
  if (found !== undefined) return found;
  const name = arn.slice(arn.indexOf("/") + 1);
  throw refused("ResourceNotFoundException", `Stream ${name} under account ${context.account} not found.`);
}

function create(parts: Parts, input: Input, context: CallContext): unknown {
  const name = needText(input, "StreamName");
  if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(name)) {
    throw validationError(
      name,
      "streamName",
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    );
  }
  const details = record(input, "StreamModeDetails");
  const shards = numeric(input, "ShardCount");
  const mode =
    details !== undefined && text(details, "StreamMode") === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED";
  if (mode === "PROVISIONED" && (shards === undefined || shards < 1)) {
    throw validationError(shards ?? null, "shardCount", "Member must have value greater than or equal to 1");
  }
  const arn = streamArn(context, name);
  if (parts.streams.find(arn) !== undefined) {
    throw refused(
      "ResourceInUseException",
      `Stream ${name} under account ${context.account} already exists.`,
    );
  }
  parts.streams.add({
    name,
    arn,
    createdMs: context.now,
    shards: shards ?? 4,
    mode,
    retentionHours: 24,
    activeAt: context.now + parts.timing.functionCreate,
    log: emptyLog(),
  });
  return {};
}

function commonView(stream: StoredStream, now: number): Record<string, unknown> {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: now < stream.activeAt ? "CREATING" : "ACTIVE",
    StreamModeDetails: { StreamMode: stream.mode },
    StreamCreationTimestamp: stream.createdMs / 1000,
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: "NONE",
  };
}

/** The shards share the hash keys evenly. */
function shardViews({ shards }: StoredStream): readonly unknown[] {
  const step = keySpace / BigInt(shards);
  return Array.from({ length: shards }, (_, index) => {
    const from = BigInt(index) * step;
    const to = index === shards - 1 ? keySpace - 1n : from + step - 1n;
    return {
      ShardId: shardIdOf(index),
      HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
      SequenceNumberRange: { StartingSequenceNumber: String(index) },
    };
  });
}

function changeRetention(parts: Parts, input: Input, context: CallContext, grows: boolean): unknown {
  const stream = streamOf(parts, input, context);
  const hours = numeric(input, "RetentionPeriodHours") ?? 0;
  const fits = grows ? hours >= stream.retentionHours : hours <= stream.retentionHours;
  if (!fits || hours < 24 || hours > longestRetention) {
    throw refused(
      "InvalidArgumentException",
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${grows ? "shorter" : "longer"} than existing retention period (${stream.retentionHours} hours), below 24 or above ${longestRetention} hours.`,
    );
  }
  stream.retentionHours = hours;
  return {};
}

/** Kinesis' operations on streams themselves. */
export function streamHandlers(parts: Parts): Handlers {
  return {
    CreateStream: (input, context) => create(parts, input, context),
    DescribeStreamSummary: (input, context) => {
      const stream = streamOf(parts, input, context);
      const counts = { OpenShardCount: stream.shards, ConsumerCount: 0 };
      return { StreamDescriptionSummary: { ...commonView(stream, context.now), ...counts } };
    },
    DescribeStream: (input, context) => {
      const stream = streamOf(parts, input, context);
      const shards = { Shards: shardViews(stream), HasMoreShards: false };
      return { StreamDescription: { ...commonView(stream, context.now), ...shards } };
    },
    ListShards: (input, context) => ({ Shards: shardViews(streamOf(parts, input, context)) }),
    ListStreams: (_input, context) => ({
      StreamNames: parts.streams.of(context).map(({ name }) => name),
      StreamSummaries: parts.streams.of(context).map((stream) => {
        const { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp } =
          commonView(stream, context.now);
        return { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp };
      }),
      HasMoreStreams: false,
    }),
    IncreaseStreamRetentionPeriod: (input, context) => changeRetention(parts, input, context, true),
    DecreaseStreamRetentionPeriod: (input, context) => changeRetention(parts, input, context, false),
    DeleteStream: (input, context) => {
      parts.streams.remove(streamOf(parts, input, context));
      return {};
    },
  };
}
