import type { Access } from "./access.ts";
import type { Aws } from "./aws.ts";
import type { Place } from "./place.ts";

/** AWS as one access reaches it, and who we are there. */
export interface Connection {
  readonly aws: Aws;
  readonly place: Place;
  /** ARN of the caller. */
  readonly identity: string;
  /** When the credentials end, in ms since 1970; `unknown`: they do, and nothing says when. Left out where they have no end, or renew themselves. */
  readonly credentialsEnd?: number | "unknown";
}

/** Opens a connection; the run's id goes into the user agent of each call. Throws AwsError or Refusal. */
export type Connect = (access: Access, run: string, signal: AbortSignal) => Promise<Connection>;
