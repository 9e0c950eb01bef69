import { isRecord } from "../input.ts";
import { deliveryOf, type MappingDelivery } from "./mapping-delivery.ts";
import type { StoredMapping } from "./mapping-store.ts";

/** Which stream a mapping reads, and for whom. */
export type StreamPlace = Pick<StreamMapping, "region" | "account" | "functionArn" | "streamArn">;

/** A mapping of a stream that takes events now. */
export interface StreamMapping extends MappingDelivery {
  readonly streamArn: string;
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
  const age = limit(members["MaximumRecordAgeInSeconds"]);
  return {
    ...deliveryOf(mapping, 100),
    streamArn: mapping.sourceArn ?? "",
    startsAtMs: startOf(mapping),
    retries: limit(members["MaximumRetryAttempts"]),
    maximumAgeMs: age === null ? null : age * 1000,
    bisects: members["BisectBatchOnFunctionError"] === true,
    onFailure: destinationOf(members),
  };
}
