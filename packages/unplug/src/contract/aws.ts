import type { AwsCalls } from "./aws-calls.ts";

/** `service:Operation`, the API's own name of the operation. */
export type Action = keyof AwsCalls;
export type InputOf<A extends Action> = AwsCalls[A]["input"];
export type OutputOf<A extends Action> = AwsCalls[A]["output"];

/** The one way to AWS. Whatever speaks to it comes in by parameter, so that a run can be tried with any answer. */
export interface Aws {
  /** `signal` ends waits and reads, not a write that has left: that is awaited as long as any answer is. Throws AwsError. */
  call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>>;
}

/**
 * What is known of a call that failed.
 *
 * `refused`: AWS said no, nothing changed. `unknown`: it may have happened, or may happen yet. `unsent`: it never left.
 */
export type CallOutcome = "refused" | "unknown" | "unsent";

export class AwsError extends Error {
  readonly action: Action;
  /** AWS's error code, or the network's (`ECONNREFUSED`), or `Aborted`, `TimeoutError`, `UnreadableAnswer`. */
  readonly code: string;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly outcome: CallOutcome;

  constructor(
    action: Action,
    error: { code: string; status: number | null; outcome: CallOutcome; message: string },
    cause?: unknown,
  ) {
    super(error.message, { cause });
    this.name = "AwsError";
    this.action = action;
    this.code = error.code;
    this.status = error.status;
    this.outcome = error.outcome;
  }
}

/** Somebody answered, and not as AWS does: a proxy, a portal, another program. It says nothing of what AWS did. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof AwsError && error.code === "UnreadableAnswer";
}

/** AWS said that there is no such thing; a bare 404 may be anybody's. Source: the services' lists of errors. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    /^(ResourceNotFound(Exception)?|NoSuchBucket|(Repository|Image|Layers)NotFoundException|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/.test(
      error.code,
    )
  );
}

/** No permission for the action itself; credentials that are wrong, too old, or not to be had are something else. */
export function isDenied(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    error.outcome !== "unsent" &&
    /^(AccessDenied|UnauthorizedOperation|AuthorizationError)/.test(error.code)
  );
}

/** New credentials may mend it. */
export function isExpired(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    /^(ExpiredToken|RequestExpired|CredentialsProviderError|TokenRefreshRequired)/.test(error.code)
  );
}

/** AWS does not know the keys, or not with this secret: they were changed, and others may mend it. */
export function isUnknownKey(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|InvalidSignature|SignatureDoesNotMatch)/.test(
      error.code,
    )
  );
}

export function isThrottled(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    !isUnreadable(error) &&
    (error.status === 429 ||
      /^(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ProvisionedThroughput)/.test(error.code))
  );
}

/** Somebody's change is under way, or came first: read again, then write. */
function isConflict(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    (error.status === 409 || error.status === 412 || error.code === "ResourceInUseException")
  );
}

/** Whether the same call may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof AwsError) || error.code === "Aborted") return false;
  return (
    isThrottled(error) ||
    isConflict(error) ||
    isExpired(error) ||
    isUnreadable(error) ||
    error.status === null ||
    error.status >= 500
  );
}
