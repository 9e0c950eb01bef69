import { describe, expect, it } from "vitest";
import { testQueueArn, virtualCloud, withFunction, withMapping } from "../cloud-for-test.ts";
import { allow, callerWith, inner, trusting, userWith } from "./iam-for-test.ts";

const account = "000000000000";
const fn = (name: string): string => `arn:aws:lambda:us-east-1:${account}:function:${name}`;

describe("a key that IAM made", () => {
  it("may do what its user's policies allow, and nothing else", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const call = await userWith(virtual, "ann", allow("lambda:GetFunction", fn("f")));
    expect(await call("sts:GetCallerIdentity")).toMatchObject({
      Arn: `arn:aws:iam::${account}:user/ann`,
      Account: account,
    });
    expect(await call("lambda:GetFunction", { FunctionName: "f" })).toHaveProperty("Configuration");
    await expect(call("lambda:DeleteFunction", { FunctionName: "f" })).rejects.toMatchObject({
      status: 403,
      code: "AccessDeniedException",
      message: `User: arn:aws:iam::${account}:user/ann is not authorized to perform: lambda:DeleteFunction on resource: ${fn("f")} because no identity-based policy allows the lambda:DeleteFunction action`,
    });
    // It is asked before anything is looked for.
    await expect(call("lambda:GetFunction", { FunctionName: "other" })).rejects.toMatchObject({
      status: 403,
    });
  });

  it("is refused for good once it was deleted, while a stranger's is the administrator's", async () => {
    const virtual = virtualCloud();
    await virtual.call("iam:CreateUser", { UserName: "ann" });
    const made = await virtual.call("iam:CreateAccessKey", { UserName: "ann" });
    const id = inner(made, "AccessKey", "AccessKeyId");
    await virtual.call("iam:UpdateAccessKey", { UserName: "ann", AccessKeyId: id, Status: "Inactive" });
    const gone = { code: "UnrecognizedClientException", status: 403 };
    await expect(callerWith(virtual, id)("sts:GetCallerIdentity")).rejects.toMatchObject(gone);
    await virtual.call("iam:DeleteAccessKey", { UserName: "ann", AccessKeyId: id });
    expect(await virtual.call("iam:ListAccessKeys", { UserName: "ann" })).toMatchObject({
      AccessKeyMetadata: [],
    });
    await expect(callerWith(virtual, id)("sts:GetCallerIdentity")).rejects.toMatchObject(gone);
    expect(await callerWith(virtual, "test")("sts:GetCallerIdentity")).toMatchObject({
      Arn: `arn:aws:iam::${account}:user/sandbox`,
    });
  });

  it("follows what is attached, detached and denied at once", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const call = await userWith(virtual, "ann", allow("sqs:*"));
    const may = (): Promise<boolean> =>
      call("lambda:GetFunction", { FunctionName: "f" }).then(
        () => true,
        () => false,
      );
    expect(await may()).toBe(false);
    const made = await virtual.call("iam:CreatePolicy", {
      PolicyName: "look",
      PolicyDocument: allow("lambda:Get*"),
    });
    const PolicyArn = inner(made, "Policy", "Arn");
    await virtual.call("iam:AttachUserPolicy", { UserName: "ann", PolicyArn });
    expect(await may()).toBe(true);
    await virtual.call("iam:PutUserPolicy", {
      UserName: "ann",
      PolicyName: "not",
      PolicyDocument: allow("lambda:*", "*", { Effect: "Deny" }),
    });
    await expect(call("lambda:GetFunction", { FunctionName: "f" })).rejects.toThrow(
      /with an explicit deny in an identity-based policy$/,
    );
    await virtual.call("iam:DeleteUserPolicy", { UserName: "ann", PolicyName: "not" });
    await expect(virtual.call("iam:DeletePolicy", { PolicyArn })).rejects.toMatchObject({
      code: "DeleteConflict",
    });
    await virtual.call("iam:DetachUserPolicy", { UserName: "ann", PolicyArn });
    expect(await may()).toBe(false);
  });

  it("is held to the tags of functions and mappings, and to a mapping's function", async () => {
    const virtual = virtualCloud();
    const UUID = await withMapping(virtual);
    const Resource = `arn:aws:lambda:us-east-1:${account}:event-source-mapping:${UUID}`;
    await virtual.call("lambda:TagResource", { Resource: fn("worker"), Tags: { team: "chaos" } });
    const tagged = { Condition: { StringEquals: { "aws:ResourceTag/team": "chaos" } } };
    const ann = await userWith(virtual, "ann", allow("lambda:*", "*", tagged));
    expect(await ann("lambda:GetFunction", { FunctionName: "worker" })).toHaveProperty("Configuration");
    await expect(ann("lambda:GetEventSourceMapping", { UUID })).rejects.toMatchObject({ status: 403 });
    await virtual.call("lambda:TagResource", { Resource, Tags: { team: "chaos" } });
    expect(await ann("lambda:GetEventSourceMapping", { UUID })).toMatchObject({ UUID });

    const ofWorker = { Condition: { ArnLike: { "lambda:FunctionArn": fn("work*") } } };
    const bob = await userWith(virtual, "bob", allow("lambda:UpdateEventSourceMapping", Resource, ofWorker));
    expect(await bob("lambda:UpdateEventSourceMapping", { UUID, Enabled: false })).toMatchObject({ UUID });
    const ofOther = { Condition: { ArnLike: { "lambda:FunctionArn": fn("other") } } };
    const eve = await userWith(virtual, "eve", allow("lambda:UpdateEventSourceMapping", Resource, ofOther));
    await expect(eve("lambda:UpdateEventSourceMapping", { UUID, Enabled: true })).rejects.toMatchObject({
      status: 403,
    });
  });

  it("needs what Lambda does with its permissions too: layers, roles, code in a bucket", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const call = await userWith(virtual, "ann", allow("lambda:Update*"));
    const layer = `arn:aws:lambda:us-east-1:${account}:layer:lib:1`;
    const change = (more: object) =>
      call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", ...more });
    await expect(change({ Layers: [layer] })).rejects.toThrow(
      `lambda:GetLayerVersion on resource: ${layer} because`,
    );
    const role = `arn:aws:iam::${account}:role/r`;
    await expect(change({ Role: role })).rejects.toThrow(`iam:PassRole on resource: ${role} because`);
    await expect(
      call("lambda:UpdateFunctionCode", { FunctionName: "f", S3Bucket: "b", S3Key: "k" }),
    ).rejects.toThrow(
      "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for b/k.",
    );
    expect(await change({ MemorySize: 256 })).toMatchObject({ MemorySize: 256 });
  });
});

describe("what IAM asks a call for", () => {
  const rows: readonly [action: string, input: Record<string, unknown>, iam: string, resource: string][] = [
    ["lambda:Invoke", { FunctionName: "f" }, "lambda:InvokeFunction", fn("f")],
    ["lambda:Invoke", { FunctionName: "f:live" }, "lambda:InvokeFunction", fn("f:live")],
    ["lambda:DeleteFunction", { FunctionName: "f", Qualifier: "3" }, "lambda:DeleteFunction", fn("f:3")],
    ["lambda:GetAlias", { FunctionName: "f", Name: "live" }, "lambda:GetAlias", fn("f")],
    ["lambda:ListEventSourceMappings", { FunctionName: "f" }, "lambda:ListEventSourceMappings", "*"],
    [
      "lambda:ListLayerVersions",
      { LayerName: "lib" },
      "lambda:ListLayerVersions",
      `arn:aws:lambda:us-east-1:${account}:layer:lib`,
    ],
    [
      "lambda:GetLayerVersion",
      { LayerName: "lib", VersionNumber: 2 },
      "lambda:GetLayerVersion",
      `arn:aws:lambda:us-east-1:${account}:layer:lib:2`,
    ],
    ["sqs:SendMessageBatch", { QueueUrl: `http://x/${account}/orders` }, "sqs:SendMessage", testQueueArn],
    ["sqs:GetQueueUrl", { QueueName: "orders" }, "sqs:GetQueueUrl", testQueueArn],
    ["s3:HeadObject", { Bucket: "b", Key: "a/k" }, "s3:GetObject", "arn:aws:s3:::b/a/k"],
    ["s3:ListObjectsV2", { Bucket: "b" }, "s3:ListBucket", "arn:aws:s3:::b"],
    ["cloudwatch:GetMetricData", {}, "cloudwatch:GetMetricData", "*"],
    [
      "cloudwatch:DescribeAlarms",
      { AlarmNames: ["a"] },
      "cloudwatch:DescribeAlarms",
      `arn:aws:cloudwatch:us-east-1:${account}:alarm:a`,
    ],
    [
      "logs:FilterLogEvents",
      { logGroupName: "/aws/lambda/f" },
      "logs:FilterLogEvents",
      `arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/f:log-stream:`,
    ],
    [
      "kinesis:DescribeStreamSummary",
      { StreamName: "s" },
      "kinesis:DescribeStreamSummary",
      `arn:aws:kinesis:us-east-1:${account}:stream/s`,
    ],
    [
      "dynamodb:DescribeTable",
      { TableName: "t" },
      "dynamodb:DescribeTable",
      `arn:aws:dynamodb:us-east-1:${account}:table/t`,
    ],
  ];
  it.each(rows)("%s %j", async (action, input, iam, resource) => {
    const virtual = virtualCloud();
    const call = await userWith(virtual, "nobody", allow("sts:GetCallerIdentity"));
    const refused = await call(action, input).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "AccessDeniedException" });
    expect(virtual.cloud.record.of(action).at(-1)).toMatchObject({
      principal: `arn:aws:iam::${account}:user/nobody`,
      permissions: [{ action: iam, resource }],
      outcome: "AccessDeniedException",
    });
  });

  it("is written in the words of the service", async () => {
    const call = await userWith(virtualCloud(), "nobody", allow("sts:GetCallerIdentity"));
    const who = `User: arn:aws:iam::${account}:user/nobody is not authorized to perform:`;
    const because = "because no identity-based policy allows the";
    await expect(call("sqs:SendMessage", { QueueUrl: `http://x/${account}/orders` })).rejects.toThrow(
      `${who} sqs:sendmessage on resource: ${testQueueArn} ${because} sqs:sendmessage action`,
    );
    await expect(call("s3:GetObject", { Bucket: "b", Key: "k" })).rejects.toThrow(
      `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" ${because} s3:GetObject action`,
    );
    await expect(call("cloudwatch:ListMetrics")).rejects.toThrow(
      `${who} cloudwatch:ListMetrics ${because} cloudwatch:ListMetrics action`,
    );
  });
});

describe("IAM's own operations", () => {
  it("answer as AWS does, and refuse what hangs together", async () => {
    const virtual = virtualCloud();
    expect(
      await virtual.call("iam:CreateUser", {
        UserName: "ann",
        Path: "/team/",
        Tags: [{ Key: "a", Value: "b" }],
      }),
    ).toMatchObject({
      User: {
        Path: "/team/",
        UserName: "ann",
        Arn: `arn:aws:iam::${account}:user/team/ann`,
        Tags: [{ Key: "a", Value: "b" }],
      },
    });
    await expect(virtual.call("iam:CreateUser", { UserName: "Ann" })).rejects.toMatchObject({
      code: "EntityAlreadyExists",
      status: 409,
    });
    const document = allow("lambda:GetFunction");
    await virtual.call("iam:PutUserPolicy", { UserName: "ann", PolicyName: "p", PolicyDocument: document });
    const got = await virtual.call("iam:GetUserPolicy", { UserName: "ann", PolicyName: "p" });
    expect(decodeURIComponent(String(got["PolicyDocument"]))).toBe(document);
    expect(await virtual.call("iam:ListUserPolicies", { UserName: "ann" })).toEqual({
      PolicyNames: ["p"],
      IsTruncated: false,
    });
    await expect(virtual.call("iam:DeleteUser", { UserName: "ann" })).rejects.toMatchObject({
      code: "DeleteConflict",
    });
    await virtual.call("iam:DeleteUserPolicy", { UserName: "ann", PolicyName: "p" });
    await virtual.call("iam:CreateAccessKey", { UserName: "ann" });
    await virtual.call("iam:CreateAccessKey", { UserName: "ann" });
    await expect(virtual.call("iam:CreateAccessKey", { UserName: "ann" })).rejects.toMatchObject({
      code: "LimitExceeded",
    });
    await expect(virtual.call("iam:GetRole", { RoleName: "none" })).rejects.toMatchObject({
      code: "NoSuchEntity",
      status: 404,
      message: "The role with name none cannot be found.",
    });
    await expect(
      virtual.call("iam:CreateRole", { RoleName: "r", AssumeRolePolicyDocument: allow("sts:AssumeRole") }),
    ).rejects.toMatchObject({ code: "MalformedPolicyDocument", message: "Has prohibited field Resource" });
    expect(
      await virtual.call("iam:CreateRole", {
        RoleName: "r",
        AssumeRolePolicyDocument: trusting({ AWS: "*" }),
      }),
    ).toMatchObject({ Role: { RoleName: "r", MaxSessionDuration: 3600 } });
  });

  it("simulate what a principal may do, action by action", async () => {
    const virtual = virtualCloud();
    await userWith(virtual, "ann", allow("lambda:Get*", fn("f")));
    const { EvaluationResults: results } = await virtual.call("iam:SimulatePrincipalPolicy", {
      PolicySourceArn: `arn:aws:iam::${account}:user/ann`,
      ActionNames: ["lambda:GetFunction", "lambda:Invoke"],
      ResourceArns: [fn("f")],
    });
    expect(results).toEqual([
      {
        EvalActionName: "lambda:GetFunction",
        EvalResourceName: fn("f"),
        EvalDecision: "allowed",
        MatchedStatements: [{ SourcePolicyId: "user_ann_own", SourcePolicyType: "IAM Policy" }],
        MissingContextValues: [],
      },
      expect.objectContaining({
        EvalActionName: "lambda:Invoke",
        EvalDecision: "implicitDeny",
        MatchedStatements: [],
      }),
    ]);
  });
});
