import { isRecord } from "../input.ts";
import type { ProcessEnd } from "./process-group.ts";

/** An invocation that the runtime did not answer itself. */
export interface InvocationFailure {
  /** JSON {errorType, errorMessage}, or what the runtime posted about its initialisation. */
  readonly body: Buffer;
  readonly errorType: string;
  readonly status: "error" | "timeout";
}

function failure(errorType: string, errorMessage: string, status: "error" | "timeout"): InvocationFailure {
  return { body: Buffer.from(JSON.stringify({ errorType, errorMessage })), errorType, status };
}

/** The function ran longer than its timeout. Source: Lambda's own words. */
export function timedOut(requestId: string, atMs: number, timeoutSeconds: number): InvocationFailure {
  const at = new Date(atMs).toISOString();
  const message = `${at} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return failure("Sandbox.Timedout", message, "timeout");
}

/** The process ended before it answered. Source: Lambda's own words. */
export function runtimeEnded(end: ProcessEnd, requestId: string): InvocationFailure {
  if (end.failure !== null) {
    return failure("Runtime.InvalidEntrypoint", `RequestId: ${requestId} Error: ${end.failure}`, "error");
  }
  return failure("Runtime.ExitError", `RequestId: ${requestId} Error: Runtime ${howEnded(end)}`, "error");
}

function howEnded(end: ProcessEnd): string {
  if (end.signal !== null) return `exited with error: signal: ${signalName(end.signal)}`;
  if (end.status === 0) return "exited without providing a reason";
  return `exited with error: exit status ${end.status}`;
}

/** The words of the Go runtime for a signal, which AWS prints. */
function signalName(signal: NodeJS.Signals): string {
  const names: Readonly<Record<string, string>> = {
    SIGKILL: "killed",
    SIGTERM: "terminated",
    SIGSEGV: "segmentation fault",
    SIGABRT: "aborted",
    SIGBUS: "bus error",
    SIGINT: "interrupt",
    SIGHUP: "hangup",
  };
  return names[signal] ?? signal.slice(3).toLowerCase();
}

/** The error type in an error that a runtime posted; "Runtime.Unknown" when it cannot be read. */
export function errorTypeOf(body: Buffer): string {
  return memberOf(body, "errorType") ?? "Runtime.Unknown";
}

/** The error message in such an error; empty when it cannot be read. */
export function messageOf(body: Buffer): string {
  return memberOf(body, "errorMessage") ?? "";
}

function memberOf(body: Buffer, name: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (isRecord(parsed) && name in parsed) return String(parsed[name]);
  } catch {
    // A runtime of its own may post anything.
  }
  return null;
}
