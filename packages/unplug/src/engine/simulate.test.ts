import { describe, expect, it } from "vitest";
import { type Aws, AwsError, type InputOf } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Permission } from "../contract/plan.ts";
import { callerOf, simulate } from "./simulate.ts";

const ACCOUNT = "123456789012";
const USER = `arn:aws:iam::${ACCOUNT}:user/team/ann`;
const REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/orders";
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders`;
const place = { account: ACCOUNT, region: "eu-west-1", endpoint: null };
/** Nothing is ever late. */
const still: Clock = { now: () => 0, sleep: () => new Promise(() => undefined) };

type Asked = InputOf<"iam:SimulatePrincipalPolicy">;
type Result = {
  EvalDecision: string;
  MissingContextValues?: readonly string[];
  PermissionsBoundaryDecisionDetail?: { AllowedByPermissionsBoundary: boolean };
};

/** IAM that decides each action of each resource by `decide`, in pages of `pageSize`. */
function iamOf(decide: (action: string, resource: string) => Result, pageSize = 1000) {
  const asked: Asked[] = [];
  const call = (action: string, input: unknown): Promise<unknown> => {
    if (action !== "iam:SimulatePrincipalPolicy") throw new Error(`nobody should ask ${action}`);
    const one = input as Asked;
    asked.push(one);
    const all = one.ResourceArns.flatMap((EvalResourceName) =>
      one.ActionNames.map((EvalActionName) => ({
        EvalActionName,
        EvalResourceName,
        ...decide(EvalActionName, EvalResourceName),
      })),
    );
    const from = Number(one.Marker ?? 0);
    const IsTruncated = from + pageSize < all.length;
    return Promise.resolve({
      EvaluationResults: all.slice(from, from + pageSize),
      IsTruncated,
      ...(IsTruncated ? { Marker: String(from + pageSize) } : {}),
    });
  };
  return { aws: { call } as Aws, asked };
}

const permission = (action: Permission["action"], resource: string): Permission => ({
  action,
  resource,
  optional: false,
});
const asking = { functionArn: FUNCTION, clock: still, signal: new AbortController().signal };
const ask = (aws: Aws, permissions: readonly Permission[], identity = USER) =>
  simulate({ aws, place, identity }, permissions, asking);

describe("whose policies count", () => {
  it.each([
    [USER, { arn: USER, role: null }],
    [
      `arn:aws-cn:sts::${ACCOUNT}:assumed-role/chaos/unplug-r-1`,
      { arn: `arn:aws-cn:iam::${ACCOUNT}:role/chaos`, role: "chaos" },
    ],
    [`arn:aws:iam::${ACCOUNT}:root`, { why: expect.stringContaining("root user") }],
    [`arn:aws:sts::${ACCOUNT}:federated-user/ann`, { why: expect.stringContaining("neither") }],
    ["nonsense", { why: expect.stringContaining("neither") }],
  ])("%s", (identity, caller) => {
    expect(callerOf(identity)).toEqual(caller);
  });
});

describe("the simulation", () => {
  it("asks resources with the same actions together, tells of region and function, and reads every page", async () => {
    const { aws, asked } = iamOf(() => ({ EvalDecision: "allowed" }), 3);
    const mappings = Array.from({ length: 60 }, (_, i) => `arn:mapping-${i}`);
    const permissions = [
      ...mappings.flatMap((arn) => [
        permission("lambda:UpdateEventSourceMapping", arn),
        permission("lambda:GetEventSourceMapping", arn),
      ]),
      permission("lambda:ListEventSourceMappings", "*"),
    ];

    const found = await ask(aws, permissions);

    expect(found.asked && found.judged.map(({ verdict }) => verdict)).toEqual(
      permissions.map(() => "allowed"),
    );
    const firsts = asked.filter(({ Marker }) => Marker === undefined);
    expect(firsts.map(({ ResourceArns }) => ResourceArns.length)).toEqual([50, 10, 1]);
    const keys = asked[0]?.ContextEntries.map((one) => [one.ContextKeyName, ...one.ContextKeyValues]);
    expect(keys).toEqual([
      ["aws:RequestedRegion", "eu-west-1"],
      ["lambda:FunctionArn", FUNCTION],
    ]);
  });

  it.each([
    ["lambda:GetFunction", FUNCTION, { EvalDecision: "implicitDeny" }, "denied"],
    ["lambda:GetFunction", FUNCTION, { EvalDecision: "explicitDeny" }, "denied"],
    ["lambda:DeleteVersion", `${FUNCTION}:*`, { EvalDecision: "implicitDeny" }, "unsure"],
    ["lambda:DeleteVersion", `${FUNCTION}:*`, { EvalDecision: "explicitDeny" }, "denied"],
    ["lambda:ListEventSourceMappings", "*", { EvalDecision: "implicitDeny" }, "denied"],
    ["s3:PutObject", "arn:aws:s3:::stage/a", { EvalDecision: "implicitDeny" }, "unsure"],
    ["ecr:DescribeImages", REPOSITORY, { EvalDecision: "implicitDeny" }, "unsure"],
    ["ecr:GetAuthorizationToken", "*", { EvalDecision: "implicitDeny" }, "denied"],
    [
      "lambda:GetFunction",
      FUNCTION,
      { EvalDecision: "implicitDeny", MissingContextValues: ["aws:ResourceTag/team"] },
      "unsure",
    ],
  ] as const)("%s of %s, %j, is %s", async (action, resource, result, verdict) => {
    const found = await ask(iamOf(() => result).aws, [permission(action, resource)]);

    expect(found.asked && found.judged.map((one) => one.verdict)).toEqual([verdict]);
  });

  it("tells what a permissions boundary is against from what the caller's policies do not allow", async () => {
    const boundary = (AllowedByPermissionsBoundary: boolean) => ({
      EvalDecision: "implicitDeny",
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary },
    });
    const { aws } = iamOf((action) => boundary(action === "lambda:GetFunction"));

    const found = await ask(aws, [
      permission("lambda:GetFunction", FUNCTION),
      permission("lambda:TagResource", FUNCTION),
    ]);

    expect(
      found.asked && found.judged.map(({ verdict, isBeyondBoundary }) => [verdict, isBeyondBoundary]),
    ).toEqual([
      ["denied", false],
      ["denied", true],
    ]);
  });

  it("is not known where IAM refuses, fails, or is late", async () => {
    const failing = (code: string): Aws => ({
      call: (action) =>
        Promise.reject(new AwsError(action, { code, status: 400, outcome: "refused", message: code })),
    });
    const wanted = [permission("lambda:GetFunction", FUNCTION)];

    expect(await ask(failing("AccessDenied"), wanted)).toEqual({
      asked: false,
      why: "the caller may not ask IAM (iam:SimulatePrincipalPolicy)",
    });
    expect(await ask(failing("NoSuchEntity"), wanted)).toEqual({
      asked: false,
      why: "IAM answered NoSuchEntity",
    });
    const late = { ...still, sleep: () => Promise.resolve() };
    const silent: Aws = { call: () => new Promise<never>(() => undefined) };
    expect(
      await simulate({ aws: silent, place, identity: USER }, wanted, { ...asking, clock: late }),
    ).toEqual({ asked: false, why: "IAM did not answer within 15 s" });
  });
});
