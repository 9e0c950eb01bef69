import { expect, test } from "vitest";
import { AwsError } from "../contract/aws.ts";
import { namingCredentials } from "./naming-credentials.ts";

const access = { region: "us-east-1", secret: "", assumeRoleArn: "", externalId: "", endpoint: null };

function told(code: string, profile: string, env = {}, secret = ""): Promise<unknown> {
  const failure = { code, status: null, outcome: "unsent" as const, message: "Could not load credentials" };
  const connect = namingCredentials(
    () => Promise.reject(new AwsError("sts:GetCallerIdentity", failure)),
    env,
  );
  return connect({ ...access, profile, secret }, "r-1", new AbortController().signal);
}

test("a profile without credentials is named", async () => {
  await expect(told("CredentialsProviderError", "nope")).rejects.toThrow(
    'The profile "nope" (AWS_PROFILE) gives no credentials: Could not load credentials',
  );
});

test.each([
  [{ AWS_ACCESS_KEY_ID: "AKIA" }, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"],
  [
    { AWS_SECRET_ACCESS_KEY: "x", AWS_ACCESS_KEY_ID: "" },
    "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not",
  ],
])("half a pair is named: %o", async (env, message) => {
  await expect(told("CredentialsProviderError", "", env)).rejects.toThrow(message);
});

test.each([
  ["", 'The file secret "team" (AWS_AUTHENTICATION_SECRET) gives no credentials for its profile [default]'],
  [
    "nope",
    'The file secret "team" (AWS_AUTHENTICATION_SECRET) gives no credentials for its profile [nope] (AWS_PROFILE)',
  ],
])(
  "a file secret without credentials is named, with the profile that was looked for in it: %j",
  async (profile, message) => {
    const half = { AWS_ACCESS_KEY_ID: "not-asked" };
    await expect(told("CredentialsProviderError", profile, half, "team")).rejects.toThrow(message);
  },
);

test.each([
  ["without a profile", "CredentialsProviderError", ""],
  ["for another reason", "ExpiredTokenException", "nope"],
])("what fails %s stays as it is", async (_, code, profile) => {
  await expect(told(code, profile)).rejects.toThrow(/^Could not load credentials$/);
});
