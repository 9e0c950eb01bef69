import { expect, test } from "vitest";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { ACCOUNT, addUser, allowing } from "../support/iam.ts";
import { Lab, TOGGLE, waitFor } from "../support/lab.ts";
import { heldTogether } from "../support/parallel-steps.ts";

const OTHER = { account: "111122223333", region: "eu-west-1" } as const;
const ROLE = `arn:aws:iam::${OTHER.account}:role/chaos`;
const MEMORY = "lambda-update-function-memory";
const NAME = "orders";

type Call = (action: string, input: object) => Promise<Readonly<Record<string, unknown>>>;

/** As an administrator of the other account, in the other region. */
async function elsewhere(lab: Lab): Promise<Call> {
  const { Credentials } = await lab.call("sts:AssumeRole", {
    RoleArn: `arn:aws:iam::${OTHER.account}:role/administrator`,
    RoleSessionName: "test",
  });
  const caller = { region: OTHER.region, accessKey: String(Object(Credentials).AccessKeyId), internal: true };
  return async (action, input) => Object(await lab.sandbox.cloud.call(action, { ...input }, caller));
}

/** What a person had to do in the other account: a function, and a role that the first account may assume for it. */
async function prepare(call: Call): Promise<void> {
  await call("lambda:CreateFunction", {
    FunctionName: NAME,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: `arn:aws:iam::${OTHER.account}:role/orders`,
    MemorySize: 512,
    Code: { ZipFile: await zipOf({ "index.mjs": "export const handler = async () => 'ok';" }) },
  });
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: ACCOUNT } };
  await call("iam:CreateRole", {
    RoleName: "chaos",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  const PolicyDocument = allowing(["lambda:GetFunction*", "lambda:UpdateFunctionConfiguration"]);
  await call("iam:PutRolePolicy", { RoleName: "chaos", PolicyName: "own", PolicyDocument });
}

test("a run in two accounts and two regions, a role on one of them, is put back whole when it was killed in the hold", async () => {
  await using lab = await Lab.open({ timing: "none" });
  const call = await elsewhere(lab);
  await prepare(call);
  const settings = async () => await call("lambda:GetFunctionConfiguration", { FunctionName: NAME });
  const uuids = await lab.addFed(NAME, 1);
  await waitFor(async () => (await settings())["State"] === "Active");
  const now = async () => {
    const { RevisionId: _, LastModified: __, ...there } = await settings();
    return [await lab.snapshot(NAME, uuids), there];
  };
  const before = await now();
  const actions = ["lambda:Get*", "lambda:List*", "lambda:*EventSourceMapping", "lambda:*agResource"];
  const own = { Effect: "Allow", Action: actions, Resource: "*" };
  const top = { Effect: "Allow", Action: "sts:AssumeRole", Resource: ROLE };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [own, top] });
  const keys = { ...(await addUser(lab, "chaos", policy)) };
  const common = { FUNCTION_NAME: NAME, TOTAL_CHAOS_DURATION: 600 };

  const run = await heldTogether(
    lab,
    [
      { name: "here", fault: TOGGLE, tunables: { ...common, REGION: "us-east-1", EVENT_UUIDS: "all" } },
      {
        name: "there",
        fault: MEMORY,
        tunables: {
          ...common,
          REGION: OTHER.region,
          ASSUME_ROLE_ARN: ROLE,
          MEMORY_IN_MEGABYTES: 256,
        },
      },
    ],
    keys,
  );
  const during = [await lab.stateOf(uuids[0] ?? ""), (await settings())["MemorySize"]];
  run.kill("SIGKILL");
  await run.ended;
  const restore = await lab.unplug(["restore", "--all"], keys);

  expect(during).toEqual(["Disabled", 256]);
  const places = run.of("step.planned").map(({ step, place }) => [step, [place.account, place.region]]);
  expect(Object.fromEntries(places)).toEqual({
    here: [ACCOUNT, "us-east-1"],
    there: [OTHER.account, OTHER.region],
  });
  expect(restore.code, restore.stdout + restore.stderr).toBe(0);
  expect(await now()).toEqual(before);
  const { stdout } = await lab.unplug(["show", await run.run(), "--format", "ndjson"]);
  const proved = stdout.split("\n").filter((line) => line.includes('"type":"proved"'));
  expect(proved.length, restore.stdout).toBe(run.of("edit.intended").length);
  // Each account was written to by its own identity, and by no other.
  const wrote = (action: string) =>
    new Set(lab.sandbox.cloud.record.of(action).map(({ principal }) => principal));
  const session = `arn:aws:sts::${OTHER.account}:assumed-role/chaos/unplug-${await run.run()}`;
  expect(wrote("lambda:UpdateFunctionConfiguration")).toEqual(new Set([session]));
  expect(wrote("lambda:UpdateEventSourceMapping")).toEqual(new Set([`arn:aws:iam::${ACCOUNT}:user/chaos`]));
});
