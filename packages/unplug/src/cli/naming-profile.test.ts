import { expect, test } from "vitest";
import { AwsError } from "../contract/aws.ts";
import { namingProfile } from "./naming-profile.ts";

const access = { region: "us-east-1", secret: "", assumeRoleArn: "", externalId: "", endpoint: null };

function told(code: string, profile: string): Promise<unknown> {
  const failure = { code, status: null, outcome: "unsent" as const, message: "Could not load credentials" };
  const connect = namingProfile(() => Promise.reject(new AwsError("sts:GetCallerIdentity", failure)));
  return connect({ ...access, profile }, "r-1", new AbortController().signal);
}

test("a profile without credentials is named", async () => {
  await expect(told("CredentialsProviderError", "nope")).rejects.toThrow(
    'The profile "nope" (AWS_PROFILE) gives no credentials: Could not load credentials.',
  );
});

test.each([
  ["without a profile", "CredentialsProviderError", ""],
  ["for another reason", "ExpiredTokenException", "nope"],
])("what fails %s stays as it is", async (_, code, profile) => {
  await expect(told(code, profile)).rejects.toThrow(/^Could not load credentials$/);
});
