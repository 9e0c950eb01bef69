import { AwsError } from "../contract/aws.ts";
import type { Connect } from "../contract/connection.ts";

/** The SDK does not say which profile gave it no credentials: whoever misspelt one must see its name. */
export function namingProfile(connect: Connect): Connect {
  return async (access, run, signal) => {
    try {
      return await connect(access, run, signal);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== "CredentialsProviderError") throw error;
      if (access.profile === "" || error.message.includes(access.profile)) throw error;
      const { action, code, status, outcome } = error;
      const message = `The profile "${access.profile}" (AWS_PROFILE) gives no credentials: ${error.message}. Is it spelt as in the AWS config and credentials files?`;
      throw new AwsError(action, { code, status, outcome, message }, error);
    }
  };
}
