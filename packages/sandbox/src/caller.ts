import type { Identity } from "./sts/identities.ts";

/** Who calls, and how. */
export interface Caller {
  readonly region: string;
  readonly accessKey?: string;
  /** X-Amz-Security-Token. */
  readonly sessionToken?: string;
  /** Whether the request is signed with this secret; absent in process, where nothing is signed. */
  readonly signedBy?: (secret: string) => boolean;
  readonly userAgent?: string;
  /** Id that the answer carries; absent: a new one. */
  readonly requestId?: string;
  /** X-Amzn-Trace-Id of the request: messages that are sent carry it on. */
  readonly traceHeader?: string;
  /** True for the cloud's own pollers: neither recorded nor touched by switches. */
  readonly internal?: boolean;
  /** Aborted when the caller has gone away: a long poll ends then and takes no message. */
  readonly signal?: AbortSignal;
}

/** One call on its way through the cloud. */
export interface CallContext {
  readonly now: number;
  readonly region: string;
  readonly account: string;
  readonly caller: Caller;
  readonly requestId: string;
  /** ARN of the caller's user or session. */
  readonly identityArn: string;
  readonly identity: Identity;
}

/** Does one operation: input and output are the API's JSON shapes. */
export type Handler = (input: Readonly<Record<string, unknown>>, context: CallContext) => unknown;

/** Operations by name, without the service. */
export type Handlers = Readonly<Record<string, Handler>>;
