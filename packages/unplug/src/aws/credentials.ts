import { existsSync } from "node:fs";
import { join } from "node:path";
import { fromIni, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import type { Access } from "../contract/access.ts";
import { Refusal } from "../contract/refusal.ts";
import { defaultCredentials } from "./default-credentials.ts";

/**
 * The credentials that an access names: a file secret, else a profile, else the SDK's default chain; a role on top.
 *
 * Gives providers, not frozen values: they refresh before they expire. Each reads its files anew, so that one made
 * after a file was changed sees the change. Throws Refusal.
 */
export function credentialsOf(
  access: Access,
  run: string,
  secretsFolder: string,
): () => AwsCredentialIdentityProvider {
  const newBase = baseCredentials(access, secretsFolder);
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

function baseCredentials(access: Access, secretsFolder: string): () => AwsCredentialIdentityProvider {
  if (access.secret === "") return () => defaultCredentials(access.profile);
  const filepath = join(secretsFolder, access.secret);
  if (!/^[\w.-]+$/.test(access.secret) || !existsSync(filepath)) {
    throw new Refusal(
      `AWS_AUTHENTICATION_SECRET names "${access.secret}", and there is no such file secret.`,
      [],
      `Put the AWS credentials file at ${filepath}, or set UNPLUG_SECRETS to the folder that holds it.`,
    );
  }
  const profile = access.profile === "" ? {} : { profile: access.profile };
  return () => fromIni({ filepath, configFilepath: filepath, ignoreCache: true, ...profile });
}
