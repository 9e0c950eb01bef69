import { isRecord } from "../input.ts";
import type { ProcessEnd } from "./process-group.ts";

/** An invocation that the runtime did not answer itself. */
export interface InvocationFailure {
  /** JSON {errorType, errorMessage}, or what the runtime posted about its initialisation. */
  readonly body: Buffer;
  readonly errorType: string;
  readonly status: "error" | "timeout";
  /** What the log says of it; null: the runtime has logged it itself. */
  readonly logged: string | null;
}

function bodyOf(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

/** The function ran longer than its timeout. Source: Lambda's own words. */
export function timedOut(requestId: string, atMs: number, timeoutSeconds: number): InvocationFailure {
  const errorType = "Sandbox.Timedout";
  const words = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return {
    body: bodyOf(errorType, `RequestId: ${requestId} Error: ${words}`),
    errorType,
    status: "timeout",
    logged: `${new Date(atMs).toISOString()} ${requestId} ${words}`,
  };
}

/** The process ended before it answered. Source: Lambda's own words. */
export function runtimeEnded(end: ProcessEnd, requestId: string): InvocationFailure {
  const errorType = end.failure === null ? "Runtime.ExitError" : "Runtime.InvalidEntrypoint";
  const message = `RequestId: ${requestId} Error: ${end.failure ?? `Runtime ${howEnded(end)}`}`;
  return {
    body: bodyOf(errorType, message),
    errorType,
    status: "error",
    logged: `${message}\n${errorType}`,
  };
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
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (isRecord(parsed) && "errorType" in parsed) return String(parsed["errorType"]);
  } catch {
    // A runtime of its own may post anything.
  }
  return "Runtime.Unknown";
}
