import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { AwsCredentialIdentityProvider } from "@smithy/types";

/** Else the SDK prints many lines where a profile is named beside keys in the environment, which the plan shows. */
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

/**
 * The SDK's own chain (environment, profile, SSO, role of the machine or the pod), which its clients have loaded anyway.
 *
 * Each provider reads the files anew: the SDK keeps what it has once read.
 */
export function defaultCredentials(profile: string): AwsCredentialIdentityProvider {
  return defaultProvider({ ignoreCache: true, logger: silent, ...(profile === "" ? {} : { profile }) });
}
