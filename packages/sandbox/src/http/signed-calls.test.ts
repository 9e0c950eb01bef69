import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionCommand, LambdaClient, ListTagsCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, createCloud } from "../cloud.ts";
import { smallestZip } from "../cloud-for-test.ts";
import { allow, inner, trusting } from "../iam/iam-for-test.ts";
import { timings } from "../timing.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const region = "us-east-1";
let now = Date.now();
let cloud: Cloud;
let server: CloudServer;
let ann: Credentials;

async function call(action: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  return Object(await cloud.call(action, input, { region }));
}

beforeAll(async () => {
  cloud = createCloud({ clock: { now: () => now }, timing: timings.none });
  server = await serveCloud(cloud, { port: 0 });
  await call("lambda:CreateFunction", {
    FunctionName: "f",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/r",
    Code: { ZipFile: smallestZip() },
    Tags: { "a b": "c/d" },
  });
  await call("s3:CreateBucket", { Bucket: "objects" });
  await call("iam:CreateUser", { UserName: "ann" });
  await call("iam:PutUserPolicy", {
    UserName: "ann",
    PolicyName: "p",
    PolicyDocument: allow(["lambda:*", "s3:*", "sts:AssumeRole"]),
  });
  const made = await call("iam:CreateAccessKey", { UserName: "ann" });
  ann = {
    accessKeyId: inner(made, "AccessKey", "AccessKeyId"),
    secretAccessKey: inner(made, "AccessKey", "SecretAccessKey"),
  };
});

afterAll(async () => {
  cloud.close();
  await server.close();
});

function config(credentials: Credentials) {
  return { endpoint: server.url, region, credentials, maxAttempts: 1, forcePathStyle: true };
}

const lambda = (credentials: Credentials) => new LambdaClient(config(credentials));
const s3 = (credentials: Credentials) => new S3Client(config(credentials));
const sts = (credentials: Credentials) => new STSClient(config(credentials));
const look = (credentials: Credentials) =>
  lambda(credentials).send(new GetFunctionCommand({ FunctionName: "f" }));
const whoami = (credentials: Credentials) => sts(credentials).send(new GetCallerIdentityCommand({}));
const fetchObject = (credentials: Credentials) =>
  s3(credentials).send(new GetObjectCommand({ Bucket: "objects", Key: "a b/ü+1" }));

describe("requests that are signed with a key of IAM", () => {
  it("are taken from an unmodified SDK, whatever has to be escaped", async () => {
    expect(await whoami(ann)).toMatchObject({ Arn: "arn:aws:iam::000000000000:user/ann" });
    expect((await look(ann)).Configuration?.FunctionName).toBe("f");
    const Resource = "arn:aws:lambda:us-east-1:000000000000:function:f";
    expect((await lambda(ann).send(new ListTagsCommand({ Resource }))).Tags).toEqual({ "a b": "c/d" });
    await s3(ann).send(new PutObjectCommand({ Bucket: "objects", Key: "a b/ü+1", Body: "x" }));
    expect(await (await fetchObject(ann)).Body?.transformToString()).toBe("x");
  });

  it("are refused with a secret that is not the key's, in the code of each service", async () => {
    const wrong = { ...ann, secretAccessKey: "wrong" };
    await expect(whoami(wrong)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    await expect(look(wrong)).rejects.toMatchObject({ name: "InvalidSignatureException" });
    await expect(fetchObject(wrong)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    expect(await whoami({ ...wrong, accessKeyId: "test" })).toHaveProperty("Arn");
  });

  it("are refused where nothing permits them, in the shape of each service", async () => {
    const sqs = new SQSClient({ ...config(ann), useQueueUrlAsEndpoint: false });
    await expect(
      sqs.send(new SendMessageCommand({ QueueUrl: `${server.url}/000000000000/q`, MessageBody: "m" })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    const logs = new CloudWatchLogsClient(config(ann));
    await expect(logs.send(new FilterLogEventsCommand({ logGroupName: "g" }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("of a session need its token, and end with it", async () => {
    await call("iam:CreateRole", {
      RoleName: "chaos",
      AssumeRolePolicyDocument: trusting({ AWS: "000000000000" }),
    });
    await call("iam:PutRolePolicy", { RoleName: "chaos", PolicyName: "p", PolicyDocument: allow("*") });
    const RoleArn = "arn:aws:iam::000000000000:role/chaos";
    const { Credentials: made } = await sts(ann).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "run-1" }),
    );
    const session = {
      accessKeyId: made?.AccessKeyId ?? "",
      secretAccessKey: made?.SecretAccessKey ?? "",
      sessionToken: made?.SessionToken ?? "",
    };
    const { sessionToken: _, ...bare } = session;
    expect((await look(session)).Configuration?.FunctionName).toBe("f");
    await expect(look(bare)).rejects.toMatchObject({ name: "UnrecognizedClientException" });
    await expect(whoami(bare)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    await expect(fetchObject(bare)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    now += 3_600_000;
    await expect(look(session)).rejects.toMatchObject({ name: "ExpiredTokenException" });
    await expect(whoami(session)).rejects.toMatchObject({ name: "ExpiredToken" });
    await expect(fetchObject(session)).rejects.toMatchObject({ name: "ExpiredToken" });
  });
});

const aws = process.env["UNPLUG_AWS_CLI"];

describe.skipIf(aws === undefined)("the stock AWS CLI", () => {
  const cli = async (words: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(
      aws ?? "aws",
      [...words, "--endpoint-url", server.url, "--output", "json"],
      {
        env: {
          PATH: process.env["PATH"],
          HOME: "/nonexistent",
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          AWS_DEFAULT_REGION: region,
        },
      },
    );
    return stdout.trim() === "" ? {} : Object(JSON.parse(stdout));
  };

  it("gives users policies, reads them as they were written, and asks what they come to", {
    timeout: 120_000,
  }, async () => {
    const document = allow("lambda:GetFunction", "*", { Sid: "A" });
    await call("iam:CreateUser", { UserName: "bob" });
    await cli([
      "iam",
      "put-user-policy",
      "--user-name",
      "bob",
      "--policy-name",
      "p",
      "--policy-document",
      document,
    ]);
    expect(await cli(["iam", "get-user-policy", "--user-name", "bob", "--policy-name", "p"])).toEqual({
      UserName: "bob",
      PolicyName: "p",
      PolicyDocument: JSON.parse(document),
    });
    const simulated = await cli([
      "iam",
      "simulate-principal-policy",
      "--policy-source-arn",
      "arn:aws:iam::000000000000:user/bob",
      "--action-names",
      "lambda:GetFunction",
      "lambda:Invoke",
    ]);
    expect(simulated["EvaluationResults"]).toMatchObject([
      { EvalActionName: "lambda:GetFunction", EvalDecision: "allowed" },
      { EvalActionName: "lambda:Invoke", EvalDecision: "implicitDeny" },
    ]);
  });
});
