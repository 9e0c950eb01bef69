import type { Access } from "../contract/access.ts";
import { AwsError } from "../contract/aws.ts";
import type { Connect } from "../contract/connection.ts";
import type { Environment } from "../load/variables.ts";

/** The SDK does not say what gave it no credentials: whoever misspelt a profile, or set half a pair, must see its name. */
export function namingCredentials(connect: Connect, env: Environment): Connect {
  return async (access, run, signal) => {
    try {
      return await connect(access, run, signal);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== "CredentialsProviderError") throw error;
      const told = toldOf(access, error, env);
      if (told === null) throw error;
      const { action, code, status, outcome } = error;
      throw new AwsError(action, { code, status, outcome, message: told }, error);
    }
  };
}

function toldOf({ secret, profile }: Access, error: AwsError, env: Environment): string | null {
  if (secret !== "") return secretText(secret, profile, error);
  return profile === "" ? halfAPair(env) : profileText(profile, error);
}

function secretText(secret: string, profile: string, { message }: AwsError): string {
  const which =
    profile === "" ? "[default], since no AWS_PROFILE names another" : `[${profile}] (AWS_PROFILE)`;
  return `The file secret "${secret}" (AWS_AUTHENTICATION_SECRET) gives no credentials for its profile ${which}: ${message}`;
}

function profileText(profile: string, { message }: AwsError): string | null {
  if (message.includes(profile)) return null;
  return `The profile "${profile}" (AWS_PROFILE) gives no credentials: ${message}`;
}

/** Null when both are set, or none. */
function halfAPair(env: Environment): string | null {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  const set = names.filter((name) => env[name] !== undefined && env[name] !== "");
  if (set.length !== 1) return null;
  const missing = names.filter((name) => !set.includes(name));
  return `${set.join("")} is set and ${missing.join("")} is not: the one is nothing without the other`;
}
