import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nobody, toggleAs, togglePage, whoDid, writeSecret, writeWhole } from "../support/credentialed.ts";
import { ACCOUNT, addRole, addUser, allowing, credentialsFile, Issuer, sessionOf } from "../support/iam.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";

const PATIENCE = { timeout: 120_000 };
/** Of every session of a role: several of them end while a fault is in. */
const SESSION_SECONDS = 3;
const HOLD_SECONDS = 4;
const hold = { TOTAL_CHAOS_DURATION: HOLD_SECONDS };

/** The actions that the fault's page prints, and nothing else. */
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
});

afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
  await lab.close();
});

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
    await writeSecret(lab, "external", credentialsFile({ default: other, chaos: keys }));
    const access = { AWS_AUTHENTICATION_SECRET: "external", AWS_PROFILE: "chaos", ASSUME_ROLE_ARN: RoleArn };

    const without = toggleAs(lab, "external", nobody(), { ...hold, ...access });
    const { code: refused } = await without.ended;
    const run = toggleAs(lab, "external", nobody(), { ...hold, ...access, ASSUME_ROLE_EXTERNAL_ID: "e-1" });
    const { code } = await run.ended;

    expect(refused, without.said).toBe(3);
    expect(without.said).toContain(`not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`);
    expect(code, run.said).toBe(0);
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/external/unplug-${await run.run()}`;
    expect(whoDid(lab, "lambda:UpdateEventSourceMapping", uuids[0] ?? "")).toEqual([session]);
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
    await writeWhole(AWS_WEB_IDENTITY_TOKEN_FILE, rotated);
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
    const run = toggleAs(lab, "chained", env, { ...hold, ASSUME_ROLE_ARN: top });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/chained-top/unplug-${await run.run()}`;
    expect(whoDid(lab, "lambda:UpdateEventSourceMapping", uuids[0] ?? "")).toEqual([session]);
    expect(await lab.snapshot("chained", uuids)).toEqual(before);
  });

  test("keys of the environment, and a role on top of them", PATIENCE, async () => {
    const uuids = await lab.addFed("keys", 1);
    const before = await lab.snapshot("keys", uuids);
    const ASSUME_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/keys`;
    const keys = await addUser(lab, "keys", allowing(["sts:AssumeRole"], ASSUME_ROLE_ARN));
    await addRole(lab, "keys", { Principal: { AWS: ACCOUNT } }, togglePage);

    const run = toggleAs(lab, "keys", nobody({ ...keys }), { ...hold, ASSUME_ROLE_ARN });
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
        await writeSecret(lab, "session", credentialsFile({ default: keys }));
      };
      await renew();
      const done = new AbortController();
      const renewing = (async () => {
        for (const { signal } = done; !signal.aborted; await renew())
          await sleep((SESSION_SECONDS * 1000) / 8, undefined, { signal }).catch(() => undefined);
      })();

      const run = toggleAs(lab, "session", nobody(), { ...hold, AWS_AUTHENTICATION_SECRET: "session" });
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
