import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { AwsCredentialIdentityProvider } from "@smithy/types";

/** The SDK's own chain (environment, profile, SSO, role of the machine or the pod), which its clients have loaded anyway. */
export function defaultCredentials(profile: string): AwsCredentialIdentityProvider {
  return defaultProvider(profile === "" ? {} : { profile });
}
