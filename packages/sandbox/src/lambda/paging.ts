import { ApiError } from "../api-error.ts";
import { type Input, numeric, text } from "../input.ts";

/** One page of a list and the marker of the next, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Cuts a list by `Marker` and `MaxItems`, never more than `largest`. Throws 400 for a foreign marker. */
export function pageOf<T>(items: readonly T[], input: Input, largest: number): Page<T> {
  const marker = text(input, "Marker");
  const wanted = numeric(input, "MaxItems") ?? largest;
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, "base64url").toString().split("@")[1]);
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError(400, "InvalidParameterValueException", `Invalid Marker ${marker ?? ""}.`);
  }
  const size = Math.max(1, Math.min(largest, wanted));
  const end = start + size;
  const next = end < items.length ? Buffer.from(`page@${end}`).toString("base64url") : null;
  return { items: items.slice(start, end), next };
}
