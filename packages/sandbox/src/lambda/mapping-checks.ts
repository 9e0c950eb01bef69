import { invalidParameter } from "../api-error.ts";
import { eventFilter } from "../event-filter.ts";
import { type Input, numeric, record, records, text } from "../input.ts";
import type { SourceKind } from "../timing.ts";
import { enumFailures, itemFailures, rangeFailures, refuseFailures } from "./constraints.ts";
import { streamMembers } from "./mapping-sources.ts";

const largestBatch = 10_000;

/** What a number may be at most and at least. Source: the service model of Lambda. */
const ranges: readonly (readonly [string, number, number])[] = [
  ["BatchSize", 1, largestBatch],
  ["MaximumBatchingWindowInSeconds", 0, 300],
  ["ParallelizationFactor", 1, 10],
  ["MaximumRecordAgeInSeconds", -1, 604_800],
  ["MaximumRetryAttempts", -1, 10_000],
  ["TumblingWindowInSeconds", 0, 900],
];

const partialResponse = "ReportBatchItemFailures";
const positions = ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"];

/** What the model of the API says about the members of a mapping. Throws one 400 for all that is wrong. */
export function checkModel(input: Input): void {
  refuseFailures(
    ...ranges.map(([member, least, most]) => rangeFailures(input, member, least, most)),
    enumFailures(input, "StartingPosition", positions),
    itemFailures(input, "FunctionResponseTypes", (one) => one === partialResponse, [
      `Member must satisfy enum value set: [${partialResponse}]`,
    ]),
    rangeFailures(record(input, "ScalingConfig") ?? {}, "ScalingConfig.MaximumConcurrency", 2, 1000),
  );
}

/** Checks that need the kind of the source. Throws Lambda's 400s. Source: recorded answers of Lambda. */
export function checkForKind(kind: SourceKind, input: Input): void {
  const position = text(input, "StartingPosition");
  if ((kind === "kinesis" || kind === "dynamodb") && position === undefined) {
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (kind === "dynamodb" && position === "AT_TIMESTAMP") {
    throw invalidParameter(
      `Unsupported starting position for arn type: ${text(input, "EventSourceArn") ?? ""}`,
    );
  }
  refuseForeignMembers(kind, input);
  const selfManaged = record(input, "SelfManagedEventSource") !== undefined;
  if (selfManaged && (records(input, "SourceAccessConfigurations") ?? []).length === 0) {
    throw invalidParameter("Required 'sourceAccessConfigurations' parameter is missing.");
  }
}

/** Queues take none of the members of streams. */
export function refuseForeignMembers(kind: SourceKind, input: Input): void {
  if (kind !== "sqs") return;
  const foreign = streamMembers.find((member) => input[member] !== undefined && input[member] !== null);
  if (foreign === undefined) return;
  throw invalidParameter(`Unsupported ${foreign} parameter for given event source mapping type.`);
}

/** Checks that hold for the whole of a mapping after a create or update. Throws Lambda's 400s. */
export function checkMembers(kind: SourceKind, all: Input): void {
  const batch = numeric(all, "BatchSize") ?? 10;
  const window = numeric(all, "MaximumBatchingWindowInSeconds") ?? 0;
  if (kind === "sqs" && batch > 10 && window < 1) {
    throw invalidParameter(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
  }
  checkFilters(all);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.values(value).some(isEmpty);
}

function checkFilters(all: Input): void {
  const criteria = record(all, "FilterCriteria");
  if (criteria === undefined) return;
  const patterns = (records(criteria, "Filters") ?? []).map((filter) => text(filter, "Pattern") ?? "{}");
  try {
    eventFilter(patterns);
    if (!patterns.some((pattern) => isEmpty(JSON.parse(pattern)))) return;
  } catch {
    // Said below: whatever cannot be read is the same mistake to Lambda.
  }
  throw invalidParameter("Invalid filter pattern definition.");
}
