import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nobody, toggleAs, togglePage, whoDid, writeSecret, writeWhole } from "../support/credentialed.ts";
import { ACCOUNT, addRole, addUser, credentialsFile, type Keys } from "../support/iam.ts";
import { Lab, REGION } from "../support/lab.ts";
import { PodIdentityAgent } from "../support/pod-identity.ts";
import { textOf } from "../support/world.ts";

const PATIENCE = { timeout: 120_000 };
/** Of the agent's sessions: they end while a fault is in. */
const SESSION_SECONDS = 3;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ timing: "fast" });
  lab.sandbox.cloud.switches.set({ sessionSeconds: SESSION_SECONDS });
});

afterAll(() => lab.close());

/** A second key of the user, given to `put` before the first one is deleted. */
async function rotate(
  UserName: string,
  { AWS_ACCESS_KEY_ID: AccessKeyId }: Keys,
  put: (keys: Keys) => Promise<void>,
): Promise<string> {
  const { AccessKey } = await lab.call("iam:CreateAccessKey", { UserName });
  const next = textOf(AccessKey, "AccessKeyId");
  await put({ AWS_ACCESS_KEY_ID: next, AWS_SECRET_ACCESS_KEY: textOf(AccessKey, "SecretAccessKey") });
  await lab.call("iam:DeleteAccessKey", { UserName, AccessKeyId });
  return next;
}

/** Who signed the calls of the toggle's way back that were answered well, by key. */
function keysOf(uuid: string): readonly string[] {
  const calls = lab.sandbox.cloud.record.of("lambda:UpdateEventSourceMapping");
  const good = calls.filter(({ outcome, input }) => outcome === "ok" && Object(input).UUID === uuid);
  return good.map(({ accessKey }) => accessKey ?? "");
}

test.concurrent("EKS Pod Identity, whose token file is changed while the fault is in", PATIENCE, async () => {
  const uuids = await lab.addFed("pod", 1);
  const before = await lab.snapshot("pod", uuids);
  const role = await addRole(lab, "pod", { Principal: { AWS: ACCOUNT } }, togglePage);
  await using agent = await PodIdentityAgent.open(lab, role, "pod-token-1");
  const AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = join(lab.folder, "pod.token");
  await writeWhole(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, "pod-token-1");

  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE };
  const run = toggleAs(lab, "pod", nobody(env), { TOTAL_CHAOS_DURATION: SESSION_SECONDS + 1 });
  await run.event("hold.started");
  await writeWhole(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, "pod-token-2");
  agent.token = "pod-token-2";
  const { code } = await run.ended;

  expect(code, run.said).toBe(0);
  expect(agent.brought.at(0)).toBe("pod-token-1");
  expect(agent.brought).toContain("pod-token-2");
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/pod/eks-chaos-pod`;
  expect(whoDid(lab, "lambda:UpdateEventSourceMapping", uuids[0] ?? "")).toEqual([session]);
  expect(await lab.snapshot("pod", uuids)).toEqual(before);
});

describe.concurrent("keys that are changed and deleted while the fault is in", () => {
  test.each(["secret", "profile"] as const)("are read again, out of a %s", PATIENCE, async (source) => {
    const name = `rotated-${source}`;
    const uuids = await lab.addFed(name, 1);
    const before = await lab.snapshot(name, uuids);
    const keys = await addUser(lab, name, togglePage);
    const file = join(lab.folder, `${name}.keys`);
    const put = (next: Keys): Promise<void> =>
      source === "secret"
        ? writeSecret(lab, name, credentialsFile({ default: next }))
        : writeWhole(file, credentialsFile({ chaos: next }));
    await put(keys);

    const run = toggleAs(
      lab,
      name,
      nobody(source === "secret" ? {} : { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: "chaos" }),
      { TOTAL_CHAOS_DURATION: 600, ...(source === "secret" ? { AWS_AUTHENTICATION_SECRET: name } : {}) },
    );
    await run.event("hold.started");
    const next = await rotate(name, keys, put);
    run.kill("SIGINT");

    expect(await run.ended, run.said).toEqual({ code: 130, signal: null });
    expect(run.of("proved")).toHaveLength(1);
    expect(keysOf(uuids[0] ?? "")).toEqual([keys.AWS_ACCESS_KEY_ID, next]);
    expect(await lab.snapshot(name, uuids)).toEqual(before);
  });
});

test.concurrent(
  "keys of another account in their place are not used: nothing is taken for gone",
  PATIENCE,
  async () => {
    const uuids = await lab.addFed("moved", 1);
    const before = await lab.snapshot("moved", uuids);
    const keys = await addUser(lab, "moved", togglePage);
    await writeSecret(lab, "moved", credentialsFile({ default: keys }));
    const tunables = {
      TOTAL_CHAOS_DURATION: 600,
      AWS_AUTHENTICATION_SECRET: "moved",
      RESTORE_TIMEOUT: 5,
    };
    const run = toggleAs(lab, "moved", nobody({}), tunables);
    await run.event("hold.started");
    // What the file says of its account is left over from the keys before.
    const theirs = `${credentialsFile({ default: await keysElsewhere() })}aws_account_id = ${ACCOUNT}\n`;
    await writeSecret(lab, "moved", theirs);
    const { AWS_ACCESS_KEY_ID: AccessKeyId } = keys;
    await lab.call("iam:DeleteAccessKey", { UserName: "moved", AccessKeyId });
    run.kill("SIGINT");

    const { code } = await run.ended;
    expect(code, run.said).toBe(4);
    expect(run.said).toContain(
      "were replaced by those of account 111122223333, and the run is in account 000000000000",
    );
    expect(run.of("gone")).toEqual([]);
    const { AccessKey } = await lab.call("iam:CreateAccessKey", { UserName: "moved" });
    const good = {
      AWS_ACCESS_KEY_ID: textOf(AccessKey, "AccessKeyId"),
      AWS_SECRET_ACCESS_KEY: textOf(AccessKey, "SecretAccessKey"),
    };
    await writeSecret(lab, "moved", credentialsFile({ default: good }));
    const restored = await lab.unplug(["restore", await run.run()]);
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);
    expect(await lab.snapshot("moved", uuids)).toEqual(before);
  },
);

/** Keys of a user of another account, where none of the names of a run means anything. */
async function keysElsewhere(): Promise<Keys> {
  const { Credentials } = await lab.call("sts:AssumeRole", {
    RoleArn: "arn:aws:iam::111122223333:role/administrator",
    RoleSessionName: "test",
  });
  const caller = { region: REGION, accessKey: textOf(Credentials, "AccessKeyId"), internal: true };
  const call = async (action: string, input: object) =>
    Object(await lab.sandbox.cloud.call(action, { ...input }, caller));
  await call("iam:CreateUser", { UserName: "moved" });
  const { AccessKey } = await call("iam:CreateAccessKey", { UserName: "moved" });
  return {
    AWS_ACCESS_KEY_ID: textOf(AccessKey, "AccessKeyId"),
    AWS_SECRET_ACCESS_KEY: textOf(AccessKey, "SecretAccessKey"),
  };
}
