import { isRecord } from "../input.ts";

/** The objects in a list of an answer. */
export function recordsOf(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
