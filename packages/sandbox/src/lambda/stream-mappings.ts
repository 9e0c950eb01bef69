import { isRecord } from "../input.ts";
import type { StoredMapping } from "./mapping-store.ts";

/** Which stream a mapping reads, and for whom. */
export type StreamPlace = Pick<StreamMapping, "region" | "account" | "functionArn" | "streamArn">;

/** A mapping of a stream that takes events now. */
export interface StreamMapping {
  readonly uuid: string;
  readonly region: string;
  readonly account: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly responseTypes: readonly string[];
  /** Patterns of FilterCriteria, as JSON text. */
  readonly filters: readonly string[];
  /** Where it begins when it has read nothing yet; ms since the epoch for AT_TIMESTAMP and LATEST, null: the oldest record. */
  readonly startsAtMs: number | null;
  /** Null: until the record is no longer kept. */
  readonly retries: number | null;
  /** Null: no limit. */
  readonly maximumAgeMs: number | null;
  readonly bisects: boolean;
  /** ARN of a destination for failed batches; null: none. */
  readonly onFailure: string | null;
}

function limit(value: unknown): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}

function startOf({ members, pollsFrom }: StoredMapping): number | null {
  const { StartingPosition: position, StartingPositionTimestamp: timestamp } = members;
  if (position === "LATEST") return pollsFrom;
  if (position !== "AT_TIMESTAMP") return null;
  return typeof timestamp === "number" ? timestamp * 1000 : Date.parse(String(timestamp));
}

function destinationOf(members: Readonly<Record<string, unknown>>): string | null {
  const destinations = members["DestinationConfig"];
  const failed = isRecord(destinations) ? destinations["OnFailure"] : undefined;
  const arn = isRecord(failed) ? failed["Destination"] : undefined;
  return typeof arn === "string" ? arn : null;
}

/** What a poller of streams needs of a mapping. */
export function asStreamMapping(mapping: StoredMapping): StreamMapping {
  const { members } = mapping;
  const criteria = members["FilterCriteria"];
  const filters = isRecord(criteria) && Array.isArray(criteria["Filters"]) ? criteria["Filters"] : [];
  const types = members["FunctionResponseTypes"];
  const age = limit(members["MaximumRecordAgeInSeconds"]);
  return {
    uuid: mapping.uuid,
    region: mapping.place.region,
    account: mapping.place.account,
    functionArn: mapping.functionArn,
    streamArn: mapping.sourceArn ?? "",
    batchSize: Number(members["BatchSize"] ?? 100),
    windowSeconds: Number(members["MaximumBatchingWindowInSeconds"] ?? 0),
    responseTypes: Array.isArray(types) ? types.map(String) : [],
    filters: filters.flatMap((one: unknown) =>
      isRecord(one) && typeof one["Pattern"] === "string" ? [one["Pattern"]] : [],
    ),
    startsAtMs: startOf(mapping),
    retries: limit(members["MaximumRetryAttempts"]),
    maximumAgeMs: age === null ? null : age * 1000,
    bisects: members["BisectBatchOnFunctionError"] === true,
    onFailure: destinationOf(members),
  };
}
