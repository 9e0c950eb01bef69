import { AwsError } from "../contract/aws.ts";
import type { Failure } from "../contract/events.ts";

/** What people are told of anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AwsError) return { code: error.code, message: `${error.action}: ${error.message}` };
  if (error instanceof Error) return { code: error.name, message: error.message };
  return { code: "Unknown", message: String(error) };
}
