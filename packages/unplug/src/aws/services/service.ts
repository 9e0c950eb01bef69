import type { AwsCredentialIdentityProvider } from "@smithy/types";

/** What every client is made with. */
export interface ClientConfig {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  /** Unset: AWS's own, or what the SDK's settings say. */
  readonly endpoint?: string;
  readonly maxAttempts: 1;
  readonly customUserAgent: [string, string][];
}

/** One operation of a service, by its name. A signal ends the wait for the answer. */
export type Operation = (input: never, options: { abortSignal?: AbortSignal }) => Promise<unknown>;

export interface Service {
  readonly operations: Readonly<Record<string, Operation>>;
}
