import { randomUUID } from "node:crypto";
import { fromIni, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { externalDataInterceptor } from "@smithy/core/config";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import type { Access } from "../contract/access.ts";
import { Refusal } from "../contract/refusal.ts";
import type { Secrets } from "../contract/secrets.ts";
import type { CredentialsLife } from "./credentials-life.ts";
import { defaultCredentials } from "./default-credentials.ts";

/**
 * The credentials that an access names: a file secret, else a profile, else the SDK's default chain; a role on top.
 *
 * Gives providers, not frozen values: they refresh before they expire. Each reads its files anew, so that one made
 * after a file was changed sees the change. Throws Refusal.
 */
export async function credentialsOf(
  access: Access,
  run: string,
  { secrets, life }: { readonly secrets: Secrets; readonly life?: CredentialsLife },
): Promise<() => AwsCredentialIdentityProvider> {
  const bare = await baseCredentials(access, secrets);
  const newBase = () => life?.watch(bare()) ?? bare();
  if (access.assumeRoleArn === "") return newBase;
  return () =>
    fromTemporaryCredentials({
      masterCredentials: newBase(),
      params: {
        RoleArn: access.assumeRoleArn,
        // CloudTrail then names the run. Source: 2 to 64 characters.
        RoleSessionName: `unplug-${run}`.slice(0, 64),
        ...(access.externalId === "" ? {} : { ExternalId: access.externalId }),
      },
      clientConfig: {
        region: access.region,
        ...(access.endpoint === null ? {} : { endpoint: access.endpoint }),
      },
    });
}

async function baseCredentials(
  access: Access,
  secrets: Secrets,
): Promise<() => AwsCredentialIdentityProvider> {
  if (access.secret === "") return () => defaultCredentials(access.profile);
  await secretFile(access.secret, secrets);
  return () => async (asked) => {
    const found = await secretFile(access.secret, secrets);
    return "path" in found
      ? fromFile(found.path, access.profile)(asked)
      : fromText(found.text, access.profile)(asked);
  };
}

async function secretFile(name: string, secrets: Secrets) {
  const found = await secrets.find(name);
  if (found !== null) return found;
  throw new Refusal(
    `AWS_AUTHENTICATION_SECRET names "${name}", and there is no such file secret.`,
    [],
    secrets.remedy(name),
  );
}

function fromFile(filepath: string, profile: string): AwsCredentialIdentityProvider {
  const named = profile === "" ? {} : { profile };
  return fromIni({ filepath, configFilepath: filepath, ignoreCache: true, ...named });
}

/** The SDK reads profiles out of files alone: it is told what would stand in one that there is not. */
function fromText(text: string, profile: string): AwsCredentialIdentityProvider {
  return async (asked) => {
    const path = `/no-file/${randomUUID()}`;
    externalDataInterceptor.interceptFile(path, text);
    try {
      return await fromFile(path, profile)(asked);
    } finally {
      delete externalDataInterceptor.getFileRecord()[path];
    }
  };
}
