import { ApiError, invalidParameter, validationError } from "../api-error.ts";
import type { Place } from "../arns.ts";
import { type Input, numeric, record, text } from "../input.ts";
import type { SourceKind } from "../timing.ts";

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
  const kind = services[arn.split(":")[2] ?? ""];
  if (kind === undefined || !/^arn:aws[a-zA-Z-]*:[a-z]+:[a-z0-9-]+:\d{12}:.+$/.test(arn)) {
    throw invalidParameter(
      `Unrecognized event source, must be kinesis, dynamodb stream, sqs, kafka, mq or documentdb. Unsupported source arn ${arn}`,
    );
  }
  return kind;
}

const members = {
  sqs: ["ScalingConfig", "FilterCriteria", "ProvisionedPollerConfig", "KMSKeyArn", "MetricsConfig"],
  stream: ["FilterCriteria", "KMSKeyArn", "MetricsConfig"],
  kafka: [
    "Topics",
    "SelfManagedEventSource",
    "SourceAccessConfigurations",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "FilterCriteria",
    "ProvisionedPollerConfig",
    "KMSKeyArn",
    "MetricsConfig",
    "DestinationConfig",
    "LoggingConfig",
  ],
  mq: ["Queues", "SourceAccessConfigurations", "FilterCriteria", "KMSKeyArn", "MetricsConfig"],
  documentdb: [
    "DocumentDBEventSourceConfig",
    "SourceAccessConfigurations",
    "FilterCriteria",
    "KMSKeyArn",
    "MetricsConfig",
  ],
};

/** The members that a source of this kind has beside those which all have. */
export function ownMembers(kind: SourceKind): readonly string[] {
  return kind === "kinesis" || kind === "dynamodb" ? members.stream : members[kind];
}

/** What Lambda fills in when nobody said anything. Source: recorded Create answers per kind of source. */
export function defaultMembers(kind: SourceKind): Record<string, unknown> {
  if (kind === "sqs") return { BatchSize: 10, MaximumBatchingWindowInSeconds: 0, FunctionResponseTypes: [] };
  if (kind === "kinesis" || kind === "dynamodb") {
    return {
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      DestinationConfig: { OnFailure: {} },
      MaximumRecordAgeInSeconds: -1,
      BisectBatchOnFunctionError: false,
      MaximumRetryAttempts: -1,
      TumblingWindowInSeconds: 0,
      FunctionResponseTypes: [],
      LastProcessingResult: "No records processed",
    };
  }
  return { BatchSize: 100, MaximumBatchingWindowInSeconds: 0, LastProcessingResult: "No records processed" };
}

/** The members of streams that an update may change. */
export const streamMembers = [
  "ParallelizationFactor",
  "DestinationConfig",
  "MaximumRecordAgeInSeconds",
  "BisectBatchOnFunctionError",
  "MaximumRetryAttempts",
  "TumblingWindowInSeconds",
];

const largestBatch = 10_000;

/** Checks that hold for the whole of a mapping after a create or update. Throws Lambda's 400s. */
export function checkMembers(kind: SourceKind, all: Input): void {
  const batch = numeric(all, "BatchSize") ?? 10;
  const window = numeric(all, "MaximumBatchingWindowInSeconds") ?? 0;
  if (batch < 1)
    throw validationError(batch, "batchSize", "Member must have value greater than or equal to 1");
  if (batch > largestBatch) {
    throw validationError(batch, "batchSize", `Member must have value less than or equal to ${largestBatch}`);
  }
  if (window < 0 || window > 300) {
    throw validationError(
      window,
      "maximumBatchingWindowInSeconds",
      window < 0
        ? "Member must have value greater than or equal to 0"
        : "Member must have value less than or equal to 300",
    );
  }
  if (kind === "sqs" && batch > 10 && window < 1) {
    throw invalidParameter(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
  }
}

/** Streams, Kafka and DocumentDB need to be told where to start; AT_TIMESTAMP is not for DynamoDB. */
export function checkStartingPosition(kind: SourceKind, input: Input): void {
  if (kind === "sqs" || kind === "mq") return;
  const position = text(input, "StartingPosition");
  if ((kind === "kinesis" || kind === "dynamodb") && position === undefined) {
    throw new ApiError(
      400,
      "InvalidParameterValueException",
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (position === undefined) return;
  if (!["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"].includes(position)) {
    throw validationError(
      position,
      "startingPosition",
      "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    );
  }
  if (kind === "dynamodb" && position === "AT_TIMESTAMP") {
    throw invalidParameter(
      "Unsupported starting position for arn type: AT_TIMESTAMP is not valid for DynamoDB streams.",
    );
  }
}

/** The queue that an SQS mapping polls has to exist, in the same region. */
export function checkQueue(place: Place, arn: string, exists: (arn: string) => boolean): void {
  const region = arn.split(":")[3];
  if (region !== place.region) {
    throw invalidParameter(
      `Event source and function must be in the same region: ${arn} is not in ${place.region}.`,
    );
  }
  if (exists(arn)) return;
  throw invalidParameter(
    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
  );
}
