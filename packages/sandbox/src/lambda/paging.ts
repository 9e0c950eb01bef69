import { ApiError } from "../api-error.ts";
import { type Input, numeric, text } from "../input.ts";
import { rangeFailures, refuseFailures } from "./constraints.ts";

/** One page of a list and the marker of the next, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/**
 * Cuts a list by `Marker` and `MaxItems`, never more than `largest` at a time, whatever was asked for. Throws 400 for a
 * foreign marker and for MaxItems that are not from 1 to `allowed`. Source: the service model of Lambda.
 */
export function pageOf<T>(items: readonly T[], input: Input, largest: number, allowed = 10_000): Page<T> {
  refuseFailures(rangeFailures(input, "MaxItems", 1, allowed));
  const marker = text(input, "Marker");
  const wanted = numeric(input, "MaxItems") ?? largest;
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, "base64url").toString().split("@")[1]);
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError(400, "InvalidParameterValueException", `Invalid Marker ${marker ?? ""}.`);
  }
  const end = start + Math.min(largest, wanted);
  const next = end < items.length ? Buffer.from(`page@${end}`).toString("base64url") : null;
  return { items: items.slice(start, end), next };
}
