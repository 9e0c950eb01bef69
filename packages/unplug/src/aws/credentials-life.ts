import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";

/**
 * Notices whether the credentials below everything else renew themselves, by what the SDK says of where they came from.
 *
 * Only those of environment variables cannot: a process's environment stays as it is. Files, SSO, web identities, the
 * machine's and the container's roles are asked again, and a role on top lives as long as what it is assumed with.
 */
export class CredentialsLife {
  #end: number | "unknown" | undefined;

  /** In ms since 1970; `unknown` for temporary ones of which nothing says it; undefined where they have none, or are renewed. */
  get end(): number | "unknown" | undefined {
    return this.#end;
  }

  watch(provider: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
    return async (asked) => {
      const found = await provider(asked);
      this.#end = endOf(found);
      return found;
    };
  }
}

/** `$source` names each step that the SDK took. Source: @aws-sdk/credential-provider-env, and its feature ids. */
function endOf(found: AwsCredentialIdentity & { $source?: unknown }): number | "unknown" | undefined {
  const source = typeof found.$source === "object" && found.$source !== null ? found.$source : {};
  const isOfEnvironment = "CREDENTIALS_ENV_VARS" in source && Object.keys(source).length === 1;
  if (!isOfEnvironment || found.sessionToken === undefined) return undefined;
  const end = found.expiration?.getTime() ?? Number.NaN;
  return Number.isNaN(end) ? "unknown" : end;
}
