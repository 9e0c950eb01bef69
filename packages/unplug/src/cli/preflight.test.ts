import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLab } from "./command-for-test.ts";

const THROTTLE = ["lambda-throttle", "FUNCTION_NAME=orders", "TOTAL_CHAOS_DURATION=1"] as const;
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:orders";
const ENOUGH = [
  "lambda:GetFunction",
  "lambda:GetFunctionConcurrency",
  "lambda:PutFunctionConcurrency",
  "lambda:DeleteFunctionConcurrency",
];

let lab: Awaited<ReturnType<typeof commandLab>>;
beforeAll(async () => {
  lab = await commandLab();
});
afterAll(() => lab.close());

const statement = (actions: readonly string[], resource: string, effect = "Allow") => ({
  Effect: effect,
  Action: actions,
  Resource: resource,
});
const document = (...statements: readonly unknown[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
const asking = statement(["iam:SimulatePrincipalPolicy", "iam:GetRole"], "*");

/** A user with this policy; answers the variables of its access key. */
async function user(name: string, policy: string): Promise<NodeJS.ProcessEnv> {
  await lab.call("iam:CreateUser", { UserName: name });
  await lab.call("iam:PutUserPolicy", { UserName: name, PolicyName: "p", PolicyDocument: policy });
  const made = await lab.call("iam:CreateAccessKey", { UserName: name });
  const { AccessKey: key } = made as { AccessKey: { AccessKeyId: string; SecretAccessKey: string } };
  return { AWS_ACCESS_KEY_ID: key.AccessKeyId, AWS_SECRET_ACCESS_KEY: key.SecretAccessKey };
}

test("a run whose restore would not be permitted changes nothing, and names principal, action and resource", async () => {
  const lame = ENOUGH.filter((action) => !action.includes("Delete"));
  const ann = await user("ann", document(statement(lame, ARN), asking));

  const { code, out } = await lab.runWith(ann, "fault", ...THROTTLE);

  expect(code).toBe(3);
  expect(out).toMatch(
    new RegExp(
      `arn:aws:iam::000000000000:user/ann\\s+may\\s+not\\s+lambda:DeleteFunctionConcurrency\\s+on\\s+${ARN},\\s+which\\s+the\\s+restore\\s+needs`,
    ),
  );
  expect(await lab.call("lambda:GetFunctionConcurrency", { FunctionName: "orders" })).toEqual({});
  const plan = await lab.runWith(ann, "plan", ...THROTTLE);
  expect(plan.code).toBe(3);
  expect(plan.out).toMatch(/refused +arn:aws:iam::000000000000:user\/ann may not/);
});

test("what a permissions boundary does not allow is refused by its name, whatever the policies allow", async () => {
  const dee = await user("dee", document(statement(ENOUGH, ARN), asking));
  const lame = [...ENOUGH.filter((action) => !action.includes("Delete")), ...asking.Action];
  await lab.call("iam:CreatePolicy", { PolicyName: "most", PolicyDocument: document(statement(lame, "*")) });
  await lab.call("iam:PutUserPermissionsBoundary", {
    UserName: "dee",
    PermissionsBoundary: "arn:aws:iam::000000000000:policy/most",
  });

  const { code, out } = await lab.runWith(dee, "plan", ...THROTTLE, "--format", "json");

  expect(code).toBe(3);
  expect(JSON.parse(out).preflight.refused).toEqual([
    `arn:aws:iam::000000000000:user/dee may not lambda:DeleteFunctionConcurrency on ${ARN} (its permissions boundary does not allow it), which the restore needs`,
  ]);
});

test("with all that it needs a run goes on, and a plan says that IAM agrees", async () => {
  const bob = await user("bob", document(statement(ENOUGH, ARN), asking));

  const [run, plan] = await Promise.all([
    lab.runWith(bob, "fault", ...THROTTLE),
    lab.runWith(bob, "plan", ...THROTTLE, "--format", "json"),
  ]);

  expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: "" });
  const { preflight } = JSON.parse(plan.out);
  expect(preflight).toMatchObject({ warnings: [], refused: [] });
  expect(preflight.notes[0]).toMatch(/^IAM says that arn:aws:iam::000000000000:user\/bob may do/);
});

test("a caller who may not ask IAM runs as before, and the plan says that nobody asked", async () => {
  const cid = await user("cid", document(statement(ENOUGH, ARN)));

  const { code, out } = await lab.runWith(cid, "plan", ...THROTTLE, "--format", "json");

  expect(code).toBe(0);
  expect(JSON.parse(out).preflight).toEqual({
    notes: [
      "what arn:aws:iam::000000000000:user/cid may do was not asked of IAM before: the caller may not ask IAM (iam:SimulatePrincipalPolicy)",
    ],
    warned: [],
    warnings: [],
    refused: [],
  });
});

test("of a session it is the role that is asked for, also where it has a path", async () => {
  await lab.call("iam:CreateRole", {
    RoleName: "chaos",
    Path: "/team/",
    AssumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "sts:AssumeRole",
    }),
  });
  await lab.call("iam:PutRolePolicy", {
    RoleName: "chaos",
    PolicyName: "p",
    PolicyDocument: document(statement(ENOUGH, ARN), asking, statement([ENOUGH[3] ?? ""], "*", "Deny")),
  });

  const { code, out } = await lab.run(
    "plan",
    ...THROTTLE,
    "ASSUME_ROLE_ARN=arn:aws:iam::000000000000:role/team/chaos",
    "--format",
    "json",
  );

  expect(code).toBe(3);
  expect(JSON.parse(out).preflight.refused).toEqual([
    `arn:aws:iam::000000000000:role/team/chaos may not lambda:DeleteFunctionConcurrency on ${ARN}, which the restore needs`,
  ]);
});

test.each([
  ["before the run could have restored: refused", 1, 3, "refused"],
  ["before the last timeout: a warning", 120, 0, "warnings"],
] as const)("credentials of the environment that end %s", async (_what, seconds, exit, where) => {
  const end = new Date(Date.now() + seconds * 1000).toISOString();
  const session = { AWS_SESSION_TOKEN: "token", AWS_CREDENTIAL_EXPIRATION: end };

  const { code, out } = await lab.runWith(session, "plan", ...THROTTLE, "--format", "json");

  expect(code).toBe(exit);
  expect(JSON.parse(out).preflight[where][0]).toMatch(/ end at \S+ and nothing renews them: step /);
});

test.each([{}, { AWS_CREDENTIAL_EXPIRATION: "tomorrow" }])(
  "temporary credentials without a known end are warned of: %j",
  async (more) => {
    const { code, out } = await lab.runWith({ AWS_SESSION_TOKEN: "token", ...more }, "plan", ...THROTTLE);

    expect(code).toBe(0);
    expect(out).toContain("nothing says when they end");
  },
);

test("what a run was warned of stands in its journal, too", async () => {
  const { code, out } = await lab.runWith({ AWS_SESSION_TOKEN: "token" }, "fault", ...THROTTLE);
  const { out: shown } = await lab.run("show", /run (r-\S+)/.exec(out)?.[1] ?? "");

  expect(code, out).toBe(0);
  expect(shown).toMatch(/warning .*nothing\s+says\s+when\s+they\s+end/);
});
