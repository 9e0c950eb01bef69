import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nobody, toggleAs, togglePage, writeSecret, writeWhole } from "../support/credentialed.ts";
import { addUser, credentialsFile, type Keys } from "../support/iam.ts";
import { Lab } from "../support/lab.ts";
import { textOf } from "../support/world.ts";

const PATIENCE = { timeout: 120_000 };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ timing: "fast" });
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
