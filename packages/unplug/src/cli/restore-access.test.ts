import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLab, FAULT } from "./command-for-test.ts";

let lab: Awaited<ReturnType<typeof commandLab>>;
const ROLE = "arn:aws:iam::000000000000:role/mender";

beforeAll(async () => {
  lab = await commandLab();
  const document = (...Statement: readonly unknown[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  const Condition = { StringEquals: { "sts:ExternalId": "e-1" } };
  const trust = { Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRole", Condition };
  await lab.call("iam:CreateRole", { RoleName: "mender", AssumeRolePolicyDocument: document(trust) });
  await lab.call("iam:PutRolePolicy", {
    RoleName: "mender",
    PolicyName: "p",
    PolicyDocument: document({ Effect: "Allow", Action: "lambda:*", Resource: "*" }),
  });
  await lab.call("iam:CreateUser", { UserName: "dana" });
  await lab.call("iam:PutUserPolicy", {
    UserName: "dana",
    PolicyName: "p",
    PolicyDocument: document({ Effect: "Allow", Action: "sts:AssumeRole", Resource: ROLE }),
  });
  const made = await lab.call("iam:CreateAccessKey", { UserName: "dana" });
  const { AccessKey } = made as { AccessKey: { AccessKeyId: string; SecretAccessKey: string } };
  await mkdir(join(lab.folder, "secrets"));
  await writeFile(
    join(lab.folder, "secrets", "dana"),
    `[default]\naws_access_key_id = ${AccessKey.AccessKeyId}\naws_secret_access_key = ${AccessKey.SecretAccessKey}\n`,
  );
});
afterAll(() => lab.close());

/** Nobody's keys, and a folder of file secrets. */
function nobody(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    UNPLUG_SECRETS: join(lab.folder, "secrets"),
    ...more,
  };
}

async function killedInHold(): Promise<string> {
  const run = lab.start(
    "fault",
    FAULT,
    "FUNCTION_NAME=orders",
    "EVENT_UUIDS=all",
    "TOTAL_CHAOS_DURATION=600",
  );
  await run.says("confirmed:");
  run.child.kill("SIGKILL");
  const { out } = await run.ended;
  return /run (r-\S+)/.exec(out)?.[1] ?? "";
}

test("a dead run is finished with a file secret and a role that asks for an external id", async () => {
  const dead = await killedInHold();
  const left = lab.delivering();

  const credentials = ["--secret", "dana", "--assume-role-arn", ROLE, "--external-id", "e-1"];
  const done = await lab.runWith(nobody(), "restore", dead, ...credentials);

  expect(left).toBe(0);
  expect(done.code, done.out + done.err).toBe(0);
  expect(lab.delivering()).toBe(1);
});

test("without its journal it is restored with what the environment says, as doctor takes it", async () => {
  await killedInHold();
  const env = nobody({
    UNPLUG_HOME: join(lab.folder, "another"),
    AWS_AUTHENTICATION_SECRET: "dana",
    ASSUME_ROLE_ARN: ROLE,
    ASSUME_ROLE_EXTERNAL_ID: "e-1",
  });

  const done = await lab.runWith(env, "restore", "--function", "orders", "--yes");

  expect(done.code, done.out + done.err).toBe(0);
  expect(lab.delivering()).toBe(1);
});

test.each([
  [["--secret", "AKIA/secret+value"], "--secret: expected the name of a file secret"],
  [["--external-id", "e-1"], "--external-id goes with --assume-role-arn"],
])(
  "credentials that are none are usage, and repeat nothing that may be a secret: %j",
  async (given, message) => {
    const { code, out, err } = await lab.run("restore", "--function", "orders", ...given);

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toContain("AKIA");
  },
);
