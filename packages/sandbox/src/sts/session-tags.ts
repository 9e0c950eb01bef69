import { ApiError } from "../api-error.ts";
import { type Input, records, text, texts } from "../input.ts";

function refused(message: string): ApiError {
  return new ApiError(400, "InvalidParameterValue", message);
}

/** What sessions of further roles inherit, in lower case; keys of tags are compared without regard to case. */
export interface SessionTags {
  readonly transitiveKeys: readonly string[];
  readonly count: number;
}

/**
 * The tags of a new session, given the keys that the calling session hands down. Throws InvalidParameterValue.
 * Source: recorded answers of STS.
 */
export function sessionTags(input: Input, inherited: readonly string[]): SessionTags {
  const keys = (records(input, "Tags") ?? []).map((tag) => (text(tag, "Key") ?? "").toLowerCase());
  const transitive = (texts(input, "TransitiveTagKeys") ?? []).map((key) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw refused("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (transitive.some((key) => !keys.includes(key))) {
    throw refused("The specified transitive tag key must be included in the requested tags.");
  }
  if (keys.some((key) => inherited.includes(key))) {
    throw refused(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return { transitiveKeys: [...inherited, ...transitive], count: keys.length };
}
