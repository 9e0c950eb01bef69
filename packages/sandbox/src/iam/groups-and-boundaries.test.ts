import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeletePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DetachGroupPolicyCommand,
  GetGroupCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { type CloudServer, serveCloud } from "../http/serve-cloud.ts";
import { allow, callerWith, inner, trusting } from "./iam-for-test.ts";

const account = "000000000000";
const [UserName, GroupName, RoleName, PolicyName] = ["ann", "chaos", "deployer", "p"];
const fn = `arn:aws:lambda:us-east-1:${account}:function:f`;
const ann = `arn:aws:iam::${account}:user/ann`;
const admin = { accessKeyId: "test", secretAccessKey: "test" };

let virtual: VirtualCloud;
let server: CloudServer;
let iam: IAMClient;

function config(credentials = admin) {
  return { endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 };
}

beforeEach(async () => {
  virtual = virtualCloud();
  await withFunction(virtual, "f");
  server = await serveCloud(virtual.cloud, { port: 0 });
  iam = new IAMClient(config());
});
afterEach(async () => {
  iam.destroy();
  await server.close();
});

async function policy(name: string, document: string): Promise<string> {
  const made = await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }));
  return made.Policy?.Arn ?? "";
}

/** A user with a key, and what it may do to the function: the words of the refusal, or "". */
async function annMay(boundary: string | null = null): Promise<(isUpdate?: boolean) => Promise<string>> {
  const limits = boundary === null ? {} : { PermissionsBoundary: boundary };
  await iam.send(new CreateUserCommand({ UserName, ...limits }));
  const made = await virtual.call("iam:CreateAccessKey", { UserName });
  const [accessKeyId, secretAccessKey] = [
    inner(made, "AccessKey", "AccessKeyId"),
    inner(made, "AccessKey", "SecretAccessKey"),
  ];
  const lambda = new LambdaClient(config({ accessKeyId, secretAccessKey }));
  const one = { FunctionName: "f" };
  return async (isUpdate = false) => {
    const done = isUpdate
      ? lambda.send(new UpdateFunctionConfigurationCommand(one))
      : lambda.send(new GetFunctionCommand(one));
    return await done.then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  };
}

const own = (document: string) =>
  iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: document }));

describe("a user in a group", () => {
  it("may do what the group's policies allow, inline and attached, as long as it is in it", async () => {
    const may = await annMay();
    const updates = await policy("updates", allow("lambda:Update*", fn));
    await iam.send(new CreateGroupCommand({ GroupName, Path: "/platform/" }));
    await iam.send(
      new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument: allow("lambda:Get*") }),
    );
    await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: updates }));
    expect(await may()).toMatch(/because no identity-based policy allows the lambda:GetFunction action$/);

    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    expect([await may(), await may(true)]).toEqual(["", ""]);

    await iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn: updates }));
    expect([await may(), await may(true)]).toEqual(["", expect.stringContaining("no identity-based policy")]);
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
    expect(await may()).toMatch(/because no identity-based policy allows/);
  });

  it("may not do what a policy of the group denies", async () => {
    const may = await annMay();
    await own(allow("lambda:*"));
    await iam.send(new CreateGroupCommand({ GroupName }));
    const PolicyDocument = allow("lambda:Update*", "*", { Effect: "Deny" });
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));

    expect([await may(), await may(true)]).toEqual([
      "",
      `User: ${ann} is not authorized to perform: lambda:UpdateFunctionConfiguration on resource: ${fn} with an explicit deny in an identity-based policy`,
    ]);
  });

  it("is listed with it, and neither is deleted before it is out of it", async () => {
    await annMay();
    await iam.send(new CreateGroupCommand({ GroupName }));
    const arn = `arn:aws:iam::${account}:group/${GroupName}`;
    // Neither is it an error to add a user twice, nor to take one out twice.
    for (const _time of [1, 2]) await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));

    const group = { Path: "/", GroupName, GroupId: expect.stringMatching(/^AGPA\w{17}$/), Arn: arn };
    expect(await iam.send(new GetGroupCommand({ GroupName }))).toMatchObject({
      Group: group,
      Users: [{ UserName, Arn: ann }],
    });
    expect((await iam.send(new ListGroupsForUserCommand({ UserName }))).Groups).toMatchObject([group]);
    expect((await iam.send(new ListGroupsCommand({}))).Groups).toMatchObject([group]);

    await virtual.call("iam:CreateUser", { UserName: "bob" });
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: "bob" }));
    for (const removal of [
      iam.send(new DeleteGroupCommand({ GroupName })),
      iam.send(new DeleteUserCommand({ UserName: "bob" })),
    ]) {
      await expect(removal).rejects.toMatchObject({
        name: "DeleteConflictException",
        message: "Cannot delete entity, must remove users from group first.",
      });
    }
    for (const name of ["ann", "bob", "bob"]) {
      await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName: name }));
    }
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument: allow("sqs:*") }));
    await expect(iam.send(new DeleteGroupCommand({ GroupName }))).rejects.toThrow(
      /must delete policies first/,
    );
    await iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName }));
    await iam.send(new DeleteGroupCommand({ GroupName }));
    await expect(iam.send(new GetGroupCommand({ GroupName }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: `The group with name ${GroupName} cannot be found.`,
    });
  });

  it("is in ten at most", async () => {
    await annMay();
    const names = Array.from({ length: 11 }, (_, i) => `g${i}`);
    for (const name of names) await virtual.call("iam:CreateGroup", { GroupName: name });
    const add = (name: string) => iam.send(new AddUserToGroupCommand({ GroupName: name, UserName }));
    for (const name of names.slice(1)) await add(name);
    await expect(add("g0")).rejects.toMatchObject({
      name: "LimitExceededException",
      message: "Cannot exceed quota for GroupsPerUser: 10",
    });
  });
});

describe("a permissions boundary", () => {
  it("permits nothing by itself, and nothing beyond it", async () => {
    const may = await annMay(await policy("reads", allow("lambda:Get*")));
    expect(await may()).toMatch(/because no identity-based policy allows the lambda:GetFunction action$/);
    await own(allow("lambda:*"));

    expect([await may(), await may(true)]).toEqual([
      "",
      `User: ${ann} is not authorized to perform: lambda:UpdateFunctionConfiguration on resource: ${fn} because no permissions boundary allows the lambda:UpdateFunctionConfiguration action`,
    ]);

    const PolicyDocument = allow("lambda:*", "*", { Effect: "Deny" });
    const denies = await policy("denies", PolicyDocument);
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: denies }));
    expect(await may()).toMatch(/ with an explicit deny in a permissions boundary$/);
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName }));
    expect(await may(true)).toBe("");
  });

  it("holds for the sessions of a role, too", async () => {
    const reads = await policy("reads", allow("lambda:Get*"));
    await iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: trusting({ AWS: "*" }),
        PermissionsBoundary: reads,
      }),
    );
    await virtual.call("iam:PutRolePolicy", { RoleName, PolicyName, PolicyDocument: allow("*") });
    const RoleArn = `arn:aws:iam::${account}:role/${RoleName}`;
    const made = await virtual.call("sts:AssumeRole", { RoleArn, RoleSessionName: "ci" });
    const call = callerWith(virtual, inner(made, "Credentials", "AccessKeyId"));

    expect(await call("lambda:GetFunction", { FunctionName: "f" })).toHaveProperty("Configuration");
    await expect(call("lambda:DeleteFunction", { FunctionName: "f" })).rejects.toThrow(
      /assumed-role\/deployer\/ci is not authorized .* because no permissions boundary allows the lambda:DeleteFunction action$/,
    );
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: reads }));
    expect((await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: "Policy",
      PermissionsBoundaryArn: reads,
    });
  });

  it("is shown with whom it limits, but in lists; its policy counts them, and stays as long as it has one", async () => {
    const reads = await policy("reads", allow("lambda:Get*"));
    await annMay(reads);
    const shown = { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: reads };
    expect((await iam.send(new GetUserCommand({ UserName }))).User?.PermissionsBoundary).toEqual(shown);
    const [listed] = (await iam.send(new ListUsersCommand({}))).Users ?? [];
    expect(listed).toMatchObject({ UserName });
    expect(listed).not.toHaveProperty("PermissionsBoundary");
    expect((await iam.send(new GetPolicyCommand({ PolicyArn: reads }))).Policy).toMatchObject({
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 1,
    });
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: reads }))).rejects.toMatchObject({
      name: "DeleteConflictException",
    });
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName }));
    await iam.send(new DeletePolicyCommand({ PolicyArn: reads }));
    const none = new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: reads });
    await expect(iam.send(none)).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: `Scope ARN: ${reads} does not exist or is not attachable.`,
    });
  });

  it("can be demanded of whoever makes users", async () => {
    const reads = await policy("reads", allow("lambda:Get*"));
    await annMay();
    const demanded = { Condition: { StringEquals: { "iam:PermissionsBoundary": reads } } };
    await own(allow(["iam:CreateUser", "iam:PutUserPolicy"], "*", demanded));
    const { AccessKeyMetadata } = await virtual.call("iam:ListAccessKeys", { UserName });
    const [key] = Array.isArray(AccessKeyMetadata) ? AccessKeyMetadata : [];
    const call = callerWith(virtual, String(Object(key).AccessKeyId));

    await expect(call("iam:CreateUser", { UserName: "free" })).rejects.toMatchObject({ status: 403 });
    await call("iam:CreateUser", { UserName: "bound", PermissionsBoundary: reads });
    const more = { PolicyName, PolicyDocument: allow("*") };
    await call("iam:PutUserPolicy", { UserName: "bound", ...more });
    await expect(call("iam:PutUserPolicy", { UserName: "ann", ...more })).rejects.toMatchObject({
      status: 403,
    });
  });
});

describe("the policy simulator", () => {
  it("asks a user's groups and boundary, and says what the boundary decides", async () => {
    await annMay(await policy("reads", allow("lambda:Get*")));
    await iam.send(new CreateGroupCommand({ GroupName }));
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument: allow("lambda:*") }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    const asked = { ActionNames: ["lambda:GetFunction", "lambda:DeleteFunction"], ResourceArns: [fn] };

    const told = async (PolicySourceArn: string, more = {}) =>
      (
        await iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ...asked, ...more }))
      ).EvaluationResults?.map((one) => [
        one.EvalDecision,
        one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
        one.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId),
      ]);

    const group = "group_chaos_p";
    expect(await told(ann)).toEqual([
      ["allowed", true, [group, "reads"]],
      ["implicitDeny", false, [group]],
    ]);
    const denies = allow("lambda:DeleteFunction", "*", { Effect: "Deny" });
    expect(await told(ann, { PermissionsBoundaryPolicyInputList: [denies] })).toEqual([
      ["implicitDeny", false, [group]],
      ["explicitDeny", false, [group, "PermissionsBoundaryPolicyInputList.1"]],
    ]);
    expect(await told(`arn:aws:iam::${account}:group/${GroupName}`)).toEqual([
      ["allowed", undefined, [group]],
      ["allowed", undefined, [group]],
    ]);
  });
});
