import { type Action, AwsError, type CallOutcome } from "../contract/aws.ts";
import { TooLate } from "./within.ts";

/** What the SDK threw, as the contract has it. `outcome` null: as the error itself tells. */
export function asAwsError(action: Action, error: unknown, outcome: CallOutcome | null = null): AwsError {
  const facts = factsOf(error);
  return new AwsError(action, { ...facts, outcome: outcome ?? outcomeOf(error, facts) }, error);
}

interface Facts {
  readonly code: string;
  readonly status: number | null;
  readonly message: string;
}

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { code: "Unknown", status: null, message: String(error) };
  if (error instanceof TooLate) return { code: "TimeoutError", status: null, message: error.message };
  const status = statusOf(error);
  const garbled = error instanceof SyntaxError || error.message.includes("Deserialization error");
  if (garbled || (status !== null && !isCodeOfAws(error.name))) {
    const line = firstLine(error.message);
    const told = [status === null ? "" : `HTTP ${status}`, INVENTED.has(line) ? "" : line];
    return {
      code: "UnreadableAnswer",
      status,
      message: `the endpoint answered something that is not AWS's (${told.filter((one) => one !== "").join(", ")})`,
    };
  }
  // The SDK gives a connection that was cut a name of its own.
  const code = status === null ? (memberOf(error, "code") ?? error.name) : error.name;
  return { code, status, message: firstLine(error.message) || code };
}

/** Names that the SDK itself gives to an answer without an error code. */
const INVENTED = new Set(["Error", "NotFound", "Unknown", "UnknownError"]);

function isCodeOfAws(name: string): boolean {
  return /^[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)*$/.test(name) && !INVENTED.has(name);
}

function outcomeOf(error: unknown, { code, status }: Facts): CallOutcome {
  const told = error instanceof Error ? Reflect.get(error, "outcome") : null;
  if (told === "refused" || told === "unknown" || told === "unsent") return told;
  if (neverLeft(error)) return "unsent";
  return status !== null && status >= 400 && status < 500 && code !== "UnreadableAnswer"
    ? "refused"
    : "unknown";
}

/** There was no connection to send it on. The same codes come from one that broke later: only the call tells. */
function neverLeft(error: unknown): boolean {
  // A name with several addresses fails with one error for each.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverLeft);
  const call = error instanceof Error ? memberOf(error, "syscall") : null;
  // Node.js refuses to send a header that would end in the middle.
  const refused = error instanceof Error && memberOf(error, "code") === "ERR_INVALID_CHAR";
  return call === "connect" || call === "getaddrinfo" || refused;
}

function memberOf(error: Error, name: "code" | "syscall"): string | null {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : null;
}

function statusOf(error: Error): number | null {
  const metadata: unknown = Reflect.get(error, "$metadata");
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return null;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : null;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? text;
}
