import { ApiError, invalidParameter } from "../api-error.ts";
import { type Input, isRecord, record, text, texts } from "../input.ts";
import type { SourceKind } from "../timing.ts";
import type { StoredMapping } from "./mapping-store.ts";

const services: Readonly<Record<string, SourceKind>> = {
  sqs: "sqs",
  kinesis: "kinesis",
  dynamodb: "dynamodb",
  kafka: "kafka",
  mq: "mq",
  rds: "documentdb",
};

/** The kind of source that a CreateEventSourceMapping names; throws 400 for what Lambda does not poll. */
export function sourceKind(input: Input): SourceKind {
  if (record(input, "SelfManagedEventSource") !== undefined) return "kafka";
  const arn = text(input, "EventSourceArn");
  if (arn === undefined) throw invalidParameter("Unrecognized event source.");
  const service = arn.split(":")[2] ?? "";
  const kind = Object.hasOwn(services, service) ? services[service] : undefined;
  if (kind === undefined || !/^arn:aws[a-zA-Z-]*:[a-z]+:[a-z0-9-]+:\d{12}:.+$/.test(arn)) {
    throw invalidParameter(
      `Unrecognized event source, must be kinesis, dynamodb stream, sqs, kafka, mq or documentdb. Unsupported source arn ${arn}`,
    );
  }
  return kind;
}

/** The members of streams that queues do not have; an update may change them. */
export const streamMembers = [
  "ParallelizationFactor",
  "DestinationConfig",
  "MaximumRecordAgeInSeconds",
  "BisectBatchOnFunctionError",
  "MaximumRetryAttempts",
  "TumblingWindowInSeconds",
];

const starts = ["StartingPosition", "StartingPositionTimestamp"];
const common = [
  "BatchSize",
  "MaximumBatchingWindowInSeconds",
  "FunctionResponseTypes",
  "FilterCriteria",
  "KMSKeyArn",
  "MetricsConfig",
];

const members = {
  sqs: ["ScalingConfig", "ProvisionedPollerConfig"],
  stream: streamMembers,
  kafka: [
    "Topics",
    "SelfManagedEventSource",
    "SourceAccessConfigurations",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "ProvisionedPollerConfig",
    "DestinationConfig",
    "LoggingConfig",
  ],
  mq: ["Queues", "SourceAccessConfigurations"],
  documentdb: ["DocumentDBEventSourceConfig", "SourceAccessConfigurations"],
};

/** The members of a source of this kind that an update may change. */
export function changeableMembers(kind: SourceKind): readonly string[] {
  return [...common, ...(kind === "kinesis" || kind === "dynamodb" ? members.stream : members[kind])];
}

/** The members of a source of this kind that a create may set. */
export function settableMembers(kind: SourceKind): readonly string[] {
  const takesStart = kind !== "sqs" && kind !== "mq";
  return [...changeableMembers(kind), ...(takesStart ? starts : [])];
}

/** What Lambda fills in when nobody said anything. Source: recorded Create answers per kind of source. */
export function defaultMembers(kind: SourceKind, input: Input, uuid: string): Record<string, unknown> {
  const none = { LastProcessingResult: "No records processed" };
  if (kind === "sqs") return { BatchSize: 10, MaximumBatchingWindowInSeconds: 0, FunctionResponseTypes: [] };
  if (kind === "kinesis" || kind === "dynamodb") {
    return {
      ...none,
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      DestinationConfig: { OnFailure: {} },
      MaximumRecordAgeInSeconds: -1,
      BisectBatchOnFunctionError: false,
      MaximumRetryAttempts: -1,
      TumblingWindowInSeconds: 0,
      FunctionResponseTypes: [],
    };
  }
  if (kind !== "kafka") return { ...none, BatchSize: 100, MaximumBatchingWindowInSeconds: 0 };
  const group = { ConsumerGroupId: uuid };
  if (record(input, "SelfManagedEventSource") === undefined) {
    const own = { AmazonManagedKafkaEventSourceConfig: group };
    return { ...none, ...own, BatchSize: 100, MaximumBatchingWindowInSeconds: 0 };
  }
  const own = { SelfManagedKafkaEventSourceConfig: group };
  return { ...none, ...own, BatchSize: 100, StartingPosition: "TRIM_HORIZON" };
}

/** Source: recorded answers: queues and self-managed Kafka say USER_INITIATED, the others "User action". */
export function reasonOf(mapping: StoredMapping): string {
  const modern = mapping.kind === "sqs" || mapping.sourceArn === null;
  return modern ? "USER_INITIATED" : "User action";
}

function bootstrapServers(members: Readonly<Record<string, unknown>>): readonly string[] {
  const source = members["SelfManagedEventSource"];
  const endpoints = isRecord(source) ? source["Endpoints"] : undefined;
  return isRecord(endpoints) ? (texts(endpoints, "KAFKA_BOOTSTRAP_SERVERS") ?? []) : [];
}

function topicsOf(members: Readonly<Record<string, unknown>>): readonly string[] {
  return texts(members, "Topics") ?? [];
}

function sameKafka(one: StoredMapping, other: Readonly<Record<string, unknown>>): boolean {
  const servers = bootstrapServers(other);
  const topics = topicsOf(other);
  return (
    bootstrapServers(one.members).some((server) => servers.includes(server)) &&
    topicsOf(one.members).some((topic) => topics.includes(topic))
  );
}

/** What a new mapping is going to be. */
export interface PlannedMapping {
  readonly kind: SourceKind;
  /** Null for self-managed Kafka. */
  readonly sourceArn: string | null;
  readonly functionArn: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Throws 409 when a function takes events from this source already. Source: recorded answers of Lambda. */
export function refuseDuplicate(existing: readonly StoredMapping[], planned: PlannedMapping): void {
  const { kind, sourceArn, functionArn, members } = planned;
  const twin = existing.find(
    (one) =>
      one.functionArn === functionArn &&
      (sourceArn === null
        ? one.sourceArn === null && sameKafka(one, members)
        : one.sourceArn === sourceArn && kind !== "kafka"),
  );
  if (twin === undefined) return;
  const name = functionArn.split(":")[6] ?? functionArn;
  const what =
    sourceArn === null
      ? `An event source mapping with event source ("${bootstrapServers(members).join(",")}"), function ("${functionArn}"), topics ("${topicsOf(members).join(",")}") already exists`
      : kind === "sqs"
        ? `An event source mapping with SQS arn (" ${sourceArn} ") and function (" ${name} ") already exists`
        : `The event source arn (" ${sourceArn} ") and function (" ${name} ") provided mapping already exists`;
  throw new ApiError(
    409,
    "ResourceConflictException",
    `${what}. Please update or delete the existing mapping with UUID ${twin.uuid}`,
  );
}
