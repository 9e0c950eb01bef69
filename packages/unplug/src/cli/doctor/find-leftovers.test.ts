import { expect, test } from "vitest";
import type { Action, Aws, InputOf, OutputOf } from "../../contract/aws.ts";
import { AwsError } from "../../contract/aws.ts";
import type { Recorded } from "../../contract/journal.ts";
import type { Finding } from "./diagnosis.ts";
import { findLeftovers } from "./find-leftovers.ts";
import { imageRepositories, KnownRuns, stagingBuckets } from "./known-runs.ts";

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

const find = (aws: Aws, buckets: readonly string[] = [], repositories: readonly string[] = []) =>
  findLeftovers({
    connection: { aws, place, identity: "arn:aws:iam::123456789012:user/dana" },
    known: new KnownRuns([], 0),
    buckets: new Set(buckets),
    repositories: new Set(repositories),
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

test("a repository whose images have no end is left at some page, and that is told", async () => {
  const page = { imageDetails: [{ imageDigest: "sha256:1", imageTags: ["live"] }], nextToken: "again" };
  const repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop";

  const found = await find(awsOf({ "ecr:DescribeImages": page }), [], [repository]);

  expect(found).toContainEqual({
    subject: "account",
    state: "unknown",
    text: "repository shop was looked through for its first 100 images: it has more",
  });
  expect(found.filter(({ text }) => text.includes("none of their"))).toEqual([]);
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

const REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const CodeSha256 = "0".repeat(64);
const DIGEST = `sha256:${CodeSha256}`;
const IMAGE_FUNCTION = { FunctionArn: FUNCTION, PackageType: "Image", CodeSha256 };

function withImages(tags: Readonly<Record<string, string>>, more: Readonly<Record<string, unknown>> = {}) {
  const imageDetails = Object.entries(tags).map(([tag, imageDigest]) => ({ imageDigest, imageTags: [tag] }));
  return awsOf({
    "lambda:ListFunctions": { Functions: [IMAGE_FUNCTION] },
    "lambda:GetFunction": { Code: { ResolvedImageUri: `${REGISTRY}/shop/orders@${DIGEST}` } },
    "ecr:DescribeImages": { imageDetails },
    ...more,
  });
}

test("an image that a run pushed and left is told with what removes it, one that a function has with what restores it", async () => {
  const another = `sha256:${"1".repeat(64)}`;
  const tags = {
    "unplug-r-20261122-1114-zm9u.orders": another,
    "unplug-r-20261122-1115-abcd.orders": DIGEST,
    "unplug-nightly": another,
    "unplug-nightly.build": another,
    v1: another,
  };

  const found = await find(withImages(tags));

  expect(found.filter(({ state }) => state === "left")).toEqual([
    {
      subject: "account",
      state: "left",
      text: "image shop/orders:unplug-r-20261122-1114-zm9u.orders of run r-20261122-1114-zm9u of another machine",
      mend: "aws ecr batch-delete-image --repository-name shop/orders --image-ids imageTag=unplug-r-20261122-1114-zm9u.orders --region eu-west-1",
    },
    {
      subject: "account",
      state: "left",
      text: "image shop/orders:unplug-r-20261122-1115-abcd.orders of run r-20261122-1115-abcd of another machine; function orders has it, without a marker: it is inert",
      mend: "unplug restore --function orders --region eu-west-1 --yes",
    },
  ]);
});

test("all functions that have an image of a run are named, and restored before the one that it was made for", async () => {
  const stock = { ...IMAGE_FUNCTION, FunctionArn: FUNCTION.replace(/orders$/, "stock") };
  const Functions = [IMAGE_FUNCTION, stock];

  const found = await find(
    withImages({ "unplug-r-20261122-1114-zm9u.orders": DIGEST }, { "lambda:ListFunctions": { Functions } }),
  );

  expect(found.filter(({ state }) => state === "left")).toEqual([
    {
      subject: "account",
      state: "left",
      text: "image shop/orders:unplug-r-20261122-1114-zm9u.orders of run r-20261122-1114-zm9u of another machine; functions orders, stock have it, without a marker: it is inert",
      mend: "unplug restore --function stock --region eu-west-1 --yes && unplug restore --function orders --region eu-west-1 --yes",
    },
  ]);
});

test("a function whose image its repository has no more is told, and none whose repository may have it", async () => {
  const lost = (found: readonly Finding[]) => found.filter(({ text }) => text.includes("has no more"));
  const others = { imageDetails: [{ imageDigest: `sha256:${"1".repeat(64)}` }] };
  const more = { "ecr:DescribeImages": { ...others, nextToken: "more" } };

  expect(lost(await find(withImages({}, { "ecr:DescribeImages": others })))).toEqual([
    {
      subject: "account",
      state: "note",
      text: "function orders has the image sha256:000000000000, which shop/orders has no more: AWS may be unable to start it one day",
      mend: "Push that image again, or give the function another: aws lambda update-function-code --function-name orders --image-uri IMAGE",
    },
  ]);
  expect(
    lost(await find(withImages({}, { "ecr:DescribeImages": { imageDetails: [{ imageDigest: DIGEST }] } }))),
  ).toEqual([]);
  expect(lost(await find(withImages({}, more)))).toEqual([]);
});

test("an image whose run a function's marker names is told by the marker alone", async () => {
  const Environment = { Variables: { UNPLUG_INTERCEPTOR: "unplug=1;until=0;run=r-20261122-1114-zm9u" } };
  const Functions = [{ ...IMAGE_FUNCTION, Environment }];

  const found = await find(
    withImages({ "unplug-r-20261122-1114-zm9u.orders": DIGEST }, { "lambda:ListFunctions": { Functions } }),
  );

  expect(found.filter(({ state }) => state === "left").map(({ text }) => text)).toEqual([
    "function orders has the interceptor in it, of run r-20261122-1114-zm9u of another machine",
  ]);
  // What is in the repository is not told to be nothing.
  expect(found.filter(({ text }) => /repositories of images: none/.test(text))).toEqual([]);
});

test("of repositories without such an image it is told how much was looked at, in one line", async () => {
  const repositories = [`${REGISTRY}/shop/orders`, `${REGISTRY}/shop/carts`];

  const found = await find(withImages({ v1: DIGEST, v2: DIGEST }), [], repositories);

  expect(found.map(({ state, text }) => `${state}: ${text}`)).toContain(
    "good: 2 repositories of images: none of their 4 images with a tag is of a run",
  );
});

test("an image that a version has is told with what comes first", async () => {
  const published = { ...IMAGE_FUNCTION, FunctionArn: `${FUNCTION}:3`, Version: "3" };
  const Functions = [{ ...IMAGE_FUNCTION, CodeSha256: "2".repeat(64) }, published];
  const aws = withImages(
    { "unplug-r-20261122-1114-zm9u.orders": DIGEST },
    { "lambda:ListFunctions": { Functions } },
  );

  const found = await find(aws);

  expect(found.filter(({ state }) => state === "left")).toEqual([
    {
      subject: "account",
      state: "left",
      text: "image shop/orders:unplug-r-20261122-1114-zm9u.orders of run r-20261122-1114-zm9u of another machine; version 3 of orders has it: that goes first",
      mend: "aws lambda delete-function --function-name orders --qualifier 3 --region eu-west-1 && aws ecr batch-delete-image --repository-name shop/orders --image-ids imageTag=unplug-r-20261122-1114-zm9u.orders --region eu-west-1",
    },
  ]);
});

test("repositories that the journal knows are looked at where functions may not be asked", async () => {
  const facts = { code: "AccessDeniedException", status: 403, outcome: "refused", message: "no" } as const;
  const denied = new AwsError("lambda:GetFunction", facts);
  const aws = withImages(
    { "unplug-r-20261122-1114-zm9u.orders": `sha256:${"1".repeat(64)}` },
    { "lambda:GetFunction": denied },
  );

  const found = await find(
    aws,
    [],
    [`${REGISTRY}/shop/carts`, "999999999999.dkr.ecr.eu-west-1.amazonaws.com/x"],
  );

  expect(found.filter(({ state }) => state === "left").map(({ text }) => text)).toEqual([
    "image shop/carts:unplug-r-20261122-1114-zm9u.orders of run r-20261122-1114-zm9u of another machine",
  ]);
  expect(found.filter(({ state }) => state === "unknown").map(({ text }) => text)).toEqual([
    "images of functions: not looked at, since the caller may not lambda:GetFunction",
  ]);
});

test("the repositories are those to which runs pushed in this region", () => {
  const intended = (id: string, region: string) =>
    ({
      event: {
        type: "edit.intended",
        value: { ref: { kind: "image", id, within: FUNCTION, place: { ...place, region } } },
      },
    }) as unknown as Recorded;
  const events = [
    intended(`${FUNCTION}:${REGISTRY}/shop/orders:unplug-r-1?from=x&uri=y`, "eu-west-1"),
    intended(`${FUNCTION}:${REGISTRY}/shop/else:unplug-r-1?from=x&uri=y`, "us-east-1"),
  ];

  expect([...imageRepositories(events, "eu-west-1")]).toEqual([`${REGISTRY}/shop/orders`]);
});
