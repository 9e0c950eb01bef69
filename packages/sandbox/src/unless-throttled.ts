import { ApiError } from "./api-error.ts";
import type { InvokeAnswer } from "./runtime-port.ts";

/** The answer of an invocation; null when it was throttled. */
export async function unlessThrottled(answer: Promise<InvokeAnswer>): Promise<InvokeAnswer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 429) return null;
    throw error;
  }
}
