import { isRecord } from "../input.ts";
import type { StoredMapping } from "./mapping-store.ts";

/** What every mapping says of the batches that it hands over, whatever it reads. */
export interface MappingDelivery {
  readonly uuid: string;
  readonly region: string;
  readonly account: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly responseTypes: readonly string[];
  /** Patterns of FilterCriteria, as JSON text. */
  readonly filters: readonly string[];
}

export function deliveryOf(
  { uuid, place, functionArn, members }: StoredMapping,
  defaultBatchSize: number,
): MappingDelivery {
  const criteria = members["FilterCriteria"];
  const filters = isRecord(criteria) && Array.isArray(criteria["Filters"]) ? criteria["Filters"] : [];
  const types = members["FunctionResponseTypes"];
  return {
    uuid,
    region: place.region,
    account: place.account,
    functionArn,
    batchSize: Number(members["BatchSize"] ?? defaultBatchSize),
    windowSeconds: Number(members["MaximumBatchingWindowInSeconds"] ?? 0),
    responseTypes: Array.isArray(types) ? types.map(String) : [],
    filters: filters.flatMap((one: unknown) =>
      isRecord(one) && typeof one["Pattern"] === "string" ? [one["Pattern"]] : [],
    ),
  };
}
