import { expect, test } from "vitest";
import type { Action, Aws, InputOf, OutputOf } from "../../contract/aws.ts";
import { AwsError } from "../../contract/aws.ts";
import type { Recorded } from "../../contract/journal.ts";
import { findLeftovers } from "./find-leftovers.ts";
import { KnownRuns, stagingBuckets } from "./known-runs.ts";

const place = { account: "123456789012", region: "eu-west-1", endpoint: null };
const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders";

/** AWS with these answers, and nothing else in it. */
function awsOf(answers: Readonly<Record<string, unknown>>, asked: unknown[] = []): Aws {
  return {
    call<A extends Action>(action: A, input: InputOf<A>): Promise<OutputOf<A>> {
      asked.push([action, input]);
      const answer = answers[action] ?? {};
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as OutputOf<A>);
    },
  };
}

const find = (aws: Aws, buckets: readonly string[] = []) =>
  findLeftovers({
    connection: { aws, place, identity: "arn:aws:iam::123456789012:user/dana" },
    known: new KnownRuns([], 0),
    buckets: new Set(buckets),
    signal: new AbortController().signal,
  });

test("functions whose variables cannot be read are counted, since a marker may be in them", async () => {
  const Error = { ErrorCode: "AccessDeniedException", Message: "KMS" };
  const Functions = ["$LATEST", "1"].map((Version) => ({
    FunctionArn: `${FUNCTION}:${Version}`,
    Version,
    Environment: { Error },
  }));

  const found = await find(awsOf({ "lambda:ListFunctions": { Functions } }));

  expect(found).toContainEqual({
    subject: "account",
    state: "unknown",
    text: "of 2 functions or versions the variables, where a marker would be, cannot be read",
    mend: "Permit kms:Decrypt with their keys",
  });
  // Of what could not be looked at nothing good is said.
  expect(found.filter(({ text }) => /functions: none has/.test(text))).toEqual([]);
});

test("code that was staged and is still there is told with what removes it", async () => {
  const Contents = [{ Key: "unplug/123456789012/orders/abc.zip" }, {}];
  const asked: unknown[] = [];

  const found = await find(awsOf({ "s3:ListObjectsV2": { Contents } }, asked), ["staging"]);

  expect(found.filter(({ state }) => state === "left")).toEqual([
    {
      subject: "account",
      state: "left",
      text: "object unplug/123456789012/orders/abc.zip in bucket staging: code on its way into a function",
      mend: "aws s3 rm 's3://staging/unplug/123456789012/orders/abc.zip'",
    },
  ]);
  const input = { Bucket: "staging", Prefix: "unplug/123456789012/", MaxKeys: 100 };
  expect(asked).toContainEqual(["s3:ListObjectsV2", input]);
});

test("a bucket that may not be listed is named with what IAM calls the permission", async () => {
  const facts = { code: "AccessDenied", status: 403, outcome: "refused", message: "no" } as const;
  const denied = new AwsError("s3:ListObjectsV2", facts);

  const found = await find(awsOf({ "s3:ListObjectsV2": denied }), ["staging"]);

  expect(found).toContainEqual({
    subject: "account",
    state: "unknown",
    text: "bucket staging: not looked at, since the caller may not s3:ListBucket",
    mend: "Permit s3:ListBucket on *, and look again",
  });
});

test("the buckets are those through which runs went in this region", () => {
  const intended = (id: string, region: string) =>
    ({
      event: {
        type: "edit.intended",
        value: { ref: { kind: "staged-object", id, within: FUNCTION, place: { ...place, region } } },
      },
    }) as unknown as Recorded;
  const events = [
    intended(`${FUNCTION}:staging/unplug/123456789012/orders/abc.zip`, "eu-west-1"),
    intended(`${FUNCTION}:elsewhere/unplug/123456789012/orders/abc.zip`, "us-east-1"),
  ];

  expect([...stagingBuckets(events, "eu-west-1")]).toEqual(["staging"]);
});
