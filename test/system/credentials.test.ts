import { mkdir, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, addRole, addUser, allowing, credentialsFile, Issuer, sessionOf } from "../support/iam.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";
import type { UnplugProcess } from "../support/unplug-process.ts";

const PATIENCE = { timeout: 120_000 };
/** Of every session of a role: several of them end while a fault is in. */
const SESSION_SECONDS = 3;
const HOLD_SECONDS = 4;

/** The actions that the faults' pages print, and nothing else. */
const togglePage = allowing([
  "lambda:GetFunction",
  "lambda:GetEventSourceMapping",
  "lambda:ListEventSourceMappings",
  "lambda:UpdateEventSourceMapping",
]);
const blockPage = allowing([
  "lambda:GetFunction",
  "lambda:GetFunctionConfiguration",
  "lambda:UpdateFunctionConfiguration",
  "lambda:UpdateFunctionCode",
  "lambda:PublishVersion",
]);

let lab: Lab;
let issuer: Issuer;
let trusted: (subject: string) => Readonly<Record<string, unknown>>;

beforeAll(async () => {
  lab = await Lab.open({ timing: "fast" });
  issuer = await Issuer.open();
  trusted = await issuer.register(lab);
  lab.sandbox.cloud.switches.set({ sessionSeconds: SESSION_SECONDS });
  await mkdir(join(lab.home, "secrets"), { recursive: true });
});

afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
  await lab.close();
});

/** Nobody's keys are in the environment but those that are given. */
function nobody(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, ...more };
}

function toggle(
  name: string,
  env: NodeJS.ProcessEnv,
  more: Readonly<Record<string, string>> = {},
): UnplugProcess {
  const tunables = {
    FUNCTION_NAME: name,
    REGION,
    EVENT_UUIDS: "all",
    TOTAL_CHAOS_DURATION: HOLD_SECONDS,
    ...more,
  };
  const words = Object.entries(tunables).map(([key, value]) => `${key}=${value}`);
  return lab.start(["fault", "lambda-toggle-event-mapping-state", ...words, "--format", "ndjson"], env);
}

/** Who made the calls of an action that were answered well, each once. */
function whoDid(action: string, about: string): readonly string[] {
  const calls = lab.sandbox.cloud.record
    .of(action)
    .filter(({ outcome, input }) => outcome === "ok" && JSON.stringify(input).includes(about));
  return [...new Set(calls.map(({ principal }) => principal ?? ""))];
}

/** Whole at once: somebody may be reading it. */
async function renewed(path: string, text: string): Promise<void> {
  const half = join(lab.folder, `${basename(path)}.half`);
  await writeFile(half, text);
  await rename(half, path);
}

function secret(name: string, text: string): Promise<void> {
  return renewed(join(lab.home, "secrets", name), text);
}

function tokenFile(name: string): string {
  return join(lab.folder, `${name}.token`);
}

describe.concurrent("the three ways to credentials, with the policies of the pages", () => {
  test("a file secret with several profiles, and a role with an external id on top", PATIENCE, async () => {
    const uuids = await lab.addFed("external", 1);
    const before = await lab.snapshot("external", uuids);
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/external`;
    const keys = await addUser(lab, "external", allowing(["sts:AssumeRole"], RoleArn));
    const other = await addUser(lab, "external-other", allowing(["sqs:ListQueues"]));
    const asks = { StringEquals: { "sts:ExternalId": "e-1" } };
    await addRole(lab, "external", { Principal: { AWS: ACCOUNT }, Condition: asks }, togglePage);
    await secret("external", credentialsFile({ default: other, chaos: keys }));
    const access = { AWS_AUTHENTICATION_SECRET: "external", AWS_PROFILE: "chaos", ASSUME_ROLE_ARN: RoleArn };

    const without = toggle("external", nobody(), access);
    const { code: refused } = await without.ended;
    const run = toggle("external", nobody(), { ...access, ASSUME_ROLE_EXTERNAL_ID: "e-1" });
    const { code } = await run.ended;

    expect(refused, without.said).toBe(3);
    expect(without.said).toContain(`not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`);
    expect(code, run.said).toBe(0);
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/external/unplug-${await run.run()}`;
    expect(whoDid("lambda:UpdateEventSourceMapping", uuids[0] ?? "")).toEqual([session]);
    expect(await lab.snapshot("external", uuids)).toEqual(before);
  });

  test("a web identity, whose token file is rotated while the fault is in", PATIENCE, async () => {
    await lab.addFunction("irsa");
    const Environment = { Variables: { APP: "theirs" } };
    await lab.call("lambda:UpdateFunctionConfiguration", { FunctionName: "irsa", Environment });
    await waitFor(async () => (await lab.configuration("irsa"))["LastUpdateStatus"] === "Successful");
    const before = await lab.snapshot("irsa", []);
    const subject = "system:serviceaccount:chaos:irsa";
    const AWS_ROLE_ARN = await addRole(lab, "irsa", trusted(subject), blockPage);
    const AWS_WEB_IDENTITY_TOKEN_FILE = tokenFile("irsa");
    await writeFile(AWS_WEB_IDENTITY_TOKEN_FILE, issuer.token(subject, 600));
    const words = [
      "FUNCTION_NAME=irsa",
      `REGION=${REGION}`,
      "TARGET_HOSTNAMES=db.internal",
      `TOTAL_CHAOS_DURATION=${HOLD_SECONDS}`,
      "RECOVERY_TIMEOUT=0",
    ];

    const run = lab.start(
      ["fault", "lambda-block-tcp-connection", ...words, "--format", "ndjson"],
      nobody({ AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE }),
    );
    await run.event("hold.started");
    const rotated = issuer.token(subject, 601);
    await renewed(AWS_WEB_IDENTITY_TOKEN_FILE, rotated);
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    expect(await lab.snapshot("irsa", [])).toEqual(before);
    const tokens = lab.sandbox.cloud.record
      .of("sts:AssumeRoleWithWebIdentity")
      .map(({ input }) => Object(input))
      .filter(({ RoleArn }) => RoleArn === AWS_ROLE_ARN)
      .map(({ WebIdentityToken }) => WebIdentityToken);
    expect(new Set(tokens).size).toBe(2);
    expect(tokens.at(-1)).toBe(rotated);
  });

  test("a web identity, and a role on top of it", PATIENCE, async () => {
    const uuids = await lab.addFed("chained", 1);
    const before = await lab.snapshot("chained", uuids);
    const subject = "system:serviceaccount:chaos:chained";
    const top = `arn:aws:iam::${ACCOUNT}:role/chained-top`;
    const AWS_ROLE_ARN = await addRole(lab, "chained", trusted(subject), allowing(["sts:AssumeRole"], top));
    await addRole(lab, "chained-top", { Principal: { AWS: AWS_ROLE_ARN } }, togglePage);
    const AWS_WEB_IDENTITY_TOKEN_FILE = tokenFile("chained");
    await writeFile(AWS_WEB_IDENTITY_TOKEN_FILE, issuer.token(subject, 600));

    const env = nobody({ AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE });
    const run = toggle("chained", env, { ASSUME_ROLE_ARN: top });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/chained-top/unplug-${await run.run()}`;
    expect(whoDid("lambda:UpdateEventSourceMapping", uuids[0] ?? "")).toEqual([session]);
    expect(await lab.snapshot("chained", uuids)).toEqual(before);
  });

  test("keys of the environment, and a role on top of them", PATIENCE, async () => {
    const uuids = await lab.addFed("keys", 1);
    const before = await lab.snapshot("keys", uuids);
    const ASSUME_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/keys`;
    const keys = await addUser(lab, "keys", allowing(["sts:AssumeRole"], ASSUME_ROLE_ARN));
    await addRole(lab, "keys", { Principal: { AWS: ACCOUNT } }, togglePage);

    const run = toggle("keys", nobody({ ...keys }), { ASSUME_ROLE_ARN });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    expect(await lab.snapshot("keys", uuids)).toEqual(before);
  });
});

describe.concurrent("credentials that do not last", () => {
  test(
    "a session token that ends in the hold: the one that the file has by then is used",
    PATIENCE,
    async () => {
      const uuids = await lab.addFed("session", 1);
      const before = await lab.snapshot("session", uuids);
      const role = await addRole(lab, "session", { Principal: { AWS: ACCOUNT } }, togglePage);
      const made = new Set<string>();
      // An agent beside the run renews the file all the time; the run reads it when it has to.
      const renew = async () => {
        const keys = await sessionOf(lab, role);
        made.add(keys.AWS_ACCESS_KEY_ID);
        await secret("session", credentialsFile({ default: keys }));
      };
      await renew();
      const done = new AbortController();
      const renewing = (async () => {
        for (const { signal } = done; !signal.aborted; await renew())
          await sleep((SESSION_SECONDS * 1000) / 8, undefined, { signal }).catch(() => undefined);
      })();

      const run = toggle("session", nobody(), { AWS_AUTHENTICATION_SECRET: "session" });
      const { code } = await run.ended.finally(() => done.abort());
      await renewing;

      expect(code, run.said).toBe(0);
      expect(run.of("proved")).toHaveLength(1);
      const calls = lab.sandbox.cloud.record.all().filter(({ accessKey }) => made.has(accessKey ?? ""));
      expect(calls.some(({ outcome }) => outcome === "ExpiredTokenException")).toBe(true);
      expect(await lab.snapshot("session", uuids)).toEqual(before);
    },
  );
});
