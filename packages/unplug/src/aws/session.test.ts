import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsCredentialIdentity } from "@smithy/types";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Access } from "../contract/access.ts";
import { systemClock } from "../contract/clock.ts";
import { findSecrets } from "../secrets/find-secrets.ts";
import { credentialsOf } from "./credentials.ts";
import { type Answer, endpointFor, failure, json, signerOf } from "./endpoint-for-test.ts";
import { withRetries } from "./retries.ts";
import { sdkAws } from "./sdk-aws.ts";
import type { SessionConfig } from "./session.ts";

const READ = "lambda:GetEventSourceMapping";
const WRITE = "lambda:UpdateEventSourceMapping";
const access: Access = {
  region: "us-east-1",
  profile: "",
  secret: "",
  assumeRoleArn: "",
  externalId: "",
  endpoint: null,
};
const filesIn = (folder: string) => ({
  secrets: findSecrets(folder, { read: () => Promise.resolve(null) }),
});
const NEVER = new Promise<never>(() => undefined);
const fine: Answer = (response) =>
  response.writeHead(200, { "content-type": "application/json" }).end('{"UUID":"u"}');

function configOf(endpoint: string, newProvider: SessionConfig["newProvider"]): SessionConfig {
  return {
    region: "eu-west-3",
    endpoint,
    newProvider,
    now: () => Date.now(),
    maxAttempts: 1,
    customUserAgent: [],
  };
}

describe("credentials that do not come", () => {
  it.each([READ, WRITE] as const)("end the wait of %s at the limit, unsent", async (action) => {
    const { endpoint, asked } = await endpointFor(fine);
    const aws = sdkAws(
      configOf(endpoint, () => () => NEVER),
      100,
    );
    expect(await failure(aws.call(action, { UUID: "u" }))).toMatchObject({
      code: "TimeoutError",
      status: null,
      outcome: "unsent",
      message: "no credentials within 0.1 s",
    });
    expect(asked).toEqual([]);
  });

  it.each([READ, WRITE] as const)("do not keep an abort from ending %s", async (action) => {
    const abort = new AbortController();
    const provider = () => {
      abort.abort();
      return NEVER;
    };
    const aws = sdkAws(configOf("http://nowhere.invalid", () => provider));
    expect(await failure(aws.call(action, { UUID: "u" }, abort.signal))).toMatchObject({
      code: "Aborted",
      outcome: "unsent",
    });
  });

  it("are asked of another provider at the next call", async () => {
    const { endpoint, asked } = await endpointFor(fine);
    const providers = [() => NEVER, () => Promise.resolve({ accessKeyId: "LATER", secretAccessKey: "s" })];
    const aws = sdkAws(
      configOf(endpoint, () => providers.shift() ?? (() => NEVER)),
      1_000,
    );
    await Promise.all([1, 2, 3].map(() => failure(aws.call(READ, { UUID: "u" }))));
    expect(await aws.call(READ, { UUID: "u" })).toMatchObject({ UUID: "u" });
    expect(asked.map(signerOf)).toEqual(["LATER"]);
  });

  it("because somebody refuses them were not the call's refusal: it was not sent", async () => {
    const denied = Object.assign(new Error("not authorized to perform: sts:AssumeRole"), {
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    const aws = sdkAws(configOf("http://nowhere.invalid", () => () => Promise.reject(denied)));
    expect(await failure(aws.call(WRITE, { UUID: "u" }))).toMatchObject({
      code: "AccessDenied",
      outcome: "unsent",
    });
  });
});

describe("credentials with an end", () => {
  /** Gives keys K1, K2, … that last an hour each, unless told to fail. */
  async function issued() {
    const { endpoint, asked } = await endpointFor(fine);
    // The SDK's clients have no clock but the machine's.
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const world = { count: 0, fails: false };
    const provider = (): Promise<AwsCredentialIdentity> => {
      world.count += 1;
      if (world.fails) return Promise.reject(new Error("no metadata service"));
      const expiration = new Date(Date.now() + 3_600_000);
      return Promise.resolve({ accessKeyId: `K${world.count}`, secretAccessKey: "s", expiration });
    };
    const aws = sdkAws(configOf(endpoint, () => provider));
    const signer = async () => {
      await aws.call(READ, { UUID: "u" });
      return signerOf(asked.at(-1));
    };
    const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
    return { world, signer, pass };
  }

  it("are asked for once, however many calls there are", async () => {
    const { world, signer, pass } = await issued();
    expect(await Promise.all([signer(), signer(), signer()])).toEqual(["K1", "K1", "K1"]);
    pass(3_000_000);
    expect(await signer()).toBe("K1");
    expect(world.count).toBe(1);
  });

  it("are renewed before they end, without a wait", async () => {
    const { world, signer, pass } = await issued();
    await signer();
    pass(3_400_000);
    await signer();
    pass(100_000);
    expect(await signer()).toBe("K2");
    expect(world.count).toBe(2);
  });

  it("are used to their end while they cannot be renewed, and no longer", async () => {
    const { world, signer, pass } = await issued();
    await signer();
    world.fails = true;
    pass(3_500_000);
    expect(await signer()).toBe("K1");
    pass(200_000);
    await expect(signer()).rejects.toThrow("no metadata service");
    world.fails = false;
    expect(await signer()).toMatch(/^K\d$/);
  });
});

describe("keys in a file, too old for AWS and renewed on disk,", () => {
  /** Keys in a file of the SDK's form, an endpoint that takes one key only, and an access to it. */
  async function renewable(how: "profile" | "secret") {
    const folder = mkdtempSync(join(tmpdir(), "unplug-renewed-"));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true, force: true });
    });
    const file = join(folder, "keys");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
    const put = (key: string) =>
      writeFileSync(
        file,
        `[p]\naws_access_key_id = ${key}\naws_secret_access_key = s\naws_session_token = t\n`,
      );
    put("OLDKEY");
    const taken = { key: "OLDKEY" };
    const { endpoint, asked } = await endpointFor((response, request) => {
      if (signerOf(request) === taken.key) return fine(response, request);
      json(403, "ExpiredTokenException", "expired")(response, request);
    });
    const asker: Access = { ...access, profile: "p", secret: how === "secret" ? "keys" : "" };
    const newProvider = vi.fn(await credentialsOf(asker, "r-1", filesIn(folder)));
    return { aws: sdkAws(configOf(endpoint, newProvider)), asked, put, newProvider, taken };
  }

  it.each(["profile", "secret"] as const)("are sent by the next call (%s)", async (how) => {
    const { aws, asked, put, taken } = await renewable(how);
    await aws.call(READ, { UUID: "u" });
    taken.key = "NEWKEY";
    expect(await failure(aws.call(WRITE, { UUID: "u" }))).toMatchObject({
      code: "ExpiredTokenException",
      outcome: "refused",
    });
    // Not renewed yet.
    await failure(aws.call(WRITE, { UUID: "u" }));
    put("NEWKEY");
    expect(await aws.call(WRITE, { UUID: "u" })).toMatchObject({ UUID: "u" });
    expect(asked.map(signerOf)).toEqual(["OLDKEY", "OLDKEY", "OLDKEY", "NEWKEY"]);
  });

  it("are sent by the same call, which is tried again", async () => {
    const { aws, asked, put, taken } = await renewable("profile");
    await aws.call(READ, { UUID: "u" });
    taken.key = "NEWKEY";
    put("NEWKEY");
    expect(await withRetries(aws, systemClock).call(WRITE, { UUID: "u" })).toMatchObject({ UUID: "u" });
    expect(asked.map(signerOf)).toEqual(["OLDKEY", "OLDKEY", "NEWKEY"]);
  });

  it("are asked for once, however many calls were refused at the same time", async () => {
    const { aws, put, newProvider, taken } = await renewable("profile");
    taken.key = "NEWKEY";
    await Promise.all([1, 2, 3, 4].map(() => failure(aws.call(READ, { UUID: "u" }))));
    expect(newProvider).toHaveBeenCalledTimes(2);
    put("NEWKEY");
    await Promise.all([1, 2, 3, 4].map(() => aws.call(READ, { UUID: "u" })));
    expect(newProvider).toHaveBeenCalledTimes(2);
  });
});

it("asks the STS of the call's own region when a profile names a role", async () => {
  const folder = mkdtempSync(join(tmpdir(), "unplug-role-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const { endpoint, asked } = await endpointFor(json(403, "AccessDenied", "no"));
  const lines = [
    "[base]",
    "aws_access_key_id = BASE",
    "aws_secret_access_key = s",
    "[r]",
    "role_arn = arn:aws:iam::123456789012:role/r",
    "source_profile = base",
  ];
  writeFileSync(join(folder, "keys"), `${lines.join("\n")}\n`);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "keys"));
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
  vi.stubEnv("AWS_REGION", undefined);
  vi.stubEnv("AWS_DEFAULT_REGION", undefined);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", endpoint);
  const newProvider = await credentialsOf({ ...access, profile: "r" }, "r-1", filesIn(folder));
  await failure(sdkAws(configOf(endpoint, newProvider)).call(READ, { UUID: "u" }));
  expect(asked[0]?.headers.authorization).toContain("/eu-west-3/sts/");
});
