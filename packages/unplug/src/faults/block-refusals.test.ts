import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { REGION } from "../../../../test/support/world.ts";
import { makeElf } from "../../../interceptor/src/elf-for-test.ts";
import { makeGo, patchedGo } from "../../../interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../../../sandbox/src/index.ts";
import { sha256Of } from "../carriers/interceptor-layer.ts";
import { AwsError } from "../contract/aws.ts";
import type { FunctionAnswer, FunctionConfiguration } from "../contract/aws-calls.ts";
import { lambdaBlockTcpConnection as fault } from "./lambda-block-tcp-connection.ts";
import { encrypted, hugeZip, zip64 } from "./unfit-zips-for-test.ts";

const TARGETS = { TARGET_HOSTNAMES: "db.internal" };
const SIGNING = `arn:aws:lambda:${REGION}:123456789012:code-signing-config:csc-0d4518bd353a0a7c6`;
const PLAIN = await zipOf({ "index.mjs": "export const handler = async () => 'ok';" });

type Answers = Parameters<typeof FaultTrial.of>[2];

function denied(): never {
  const about = {
    code: "AccessDeniedException",
    status: 403,
    outcome: "refused",
    message: "denied",
  } as const;
  throw new AwsError("lambda:GetFunction", about);
}

/** A trial of a function that AWS tells otherwise than the sandbox can make it. */
async function trialOf(
  told: Partial<FunctionConfiguration>,
  {
    zip = PLAIN,
    code = {},
    answers = {},
  }: {
    zip?: Uint8Array;
    code?: FunctionAnswer["Code"];
    answers?: Answers;
  } = {},
): Promise<FaultTrial> {
  const { io } = await FaultTrial.of(fault);
  const { Configuration, Code } = await io.aws.call("lambda:GetFunction", { FunctionName: "orders" });
  const answer = {
    Configuration: { ...Configuration, CodeSha256: sha256Of(zip), ...told },
    Code: { ...Code, ...code },
  };
  const given = { "lambda:GetFunction": () => answer, "code:Download": () => ({ Body: zip }), ...answers };
  return FaultTrial.of(fault, {}, given);
}

/** The refusal; fails when anything was written before it. */
async function refusalOf(
  trial: FaultTrial,
  tunables: Readonly<Record<string, string | number>> = {},
): Promise<string> {
  const writes = (): number =>
    trial.world.cloud.record
      .all()
      .filter(({ action }) => /:(Update|Put|Publish|Delete|Create|Tag)/.test(action)).length;
  const before = writes();
  const text = await trial.refusal({ ...TARGETS, ...tunables });
  expect(writes()).toBe(before);
  return text;
}

describe("a block is refused, before any change, of a function that", () => {
  const layers = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      Arn: `arn:aws:lambda:${REGION}:123456789012:layer:theirs-${i}:1`,
    }));
  const told: readonly (readonly [string, Partial<FunctionConfiguration>, RegExp])[] = [
    [
      "is a container image in no registry",
      { PackageType: "Image" },
      /container image: AWS gives "" for its image/,
    ],
    ["is a replica at the edge", { MasterArn: "arn:aws:lambda:us-east-1:1:function:x:1" }, /Lambda@Edge/],
    ["uses SnapStart", { SnapStart: { ApplyOn: "PublishedVersions" } }, /SnapStart \(ApplyOn Published/],
    ["runs on managed instances", { CapacityProviderConfig: {} }, /runs on managed instances/],
    ["is durable", { DurableConfig: {} }, /is a durable function/],
    [
      "hides its variables",
      { Environment: { Error: { ErrorCode: "AccessDeniedException", Message: "kms:Decrypt" } } },
      /variables of function orders cannot be read \(AccessDeniedException: kms:Decrypt\).*\n.*kms:Decrypt/,
    ],
    [
      "is near 4 KB",
      { Environment: { Variables: { APP_A: "a".repeat(4_000) } } },
      /would take \d+ bytes, and AWS takes 4096.*\n.*its own take 4012/,
    ],
    [
      "is Pending",
      { State: "Pending", StateReason: "being created" },
      /is Pending, not Active \(being created\)/,
    ],
    ["is Inactive", { State: "Inactive" }, /is Inactive, not Active.*\n.*invoked/],
    ["is Failed", { State: "Failed" }, /is Failed, not Active/],
    ["is in a state that nobody knows", { State: "Hibernating" }, /is Hibernating, not Active/],
    [
      "could not be updated the last time",
      { LastUpdateStatus: "Failed", LastUpdateStatusReason: "no role" },
      /last update of function orders failed \(no role\)/,
    ],
    [
      "carries the marker of another run",
      { Environment: { Variables: { UNPLUG_INTERCEPTOR: "unplug=1;run=r-9;until=1" } } },
      /marker of run r-9.*\n.*unplug restore --function orders/,
    ],
  ];
  it.each(told)("%s", async (_what, configuration, words) => {
    expect(await refusalOf(await trialOf(configuration))).toMatch(words);
  });

  it("has five layers, where only a layer may be used", async () => {
    const trial = await trialOf({ Layers: layers(5) });

    expect(await refusalOf(trial, { INJECTION_METHOD: "layer" })).toMatch(/has 5 layers.*\n.*=auto/);
    expect((await trial.targets(TARGETS)).targets[0]?.about["carrier"]).toMatchObject({ kind: "code" });
  });

  const unread = { "lambda:GetRuntimeManagementConfig": denied };
  const fixed = { "lambda:GetRuntimeManagementConfig": () => ({ UpdateRuntimeOn: "Manual" }) };
  it.each([
    ["is no program of Node.js", "python3.12", {}, /env: only Node\.js .*runtime is python3\.12/],
    ["has an old Node.js", "nodejs16.x", {}, /env: only Node\.js 18\.18 and later .*nodejs16\.x/],
    ["may have an old Node.js", "nodejs18.x", fixed, /env: .*not known \(UpdateRuntimeOn Manual\)/],
    ["has who knows which Node.js", "nodejs18.x", unread, /env: .*may not be read: lambda:GetRuntimeMan/],
  ])("%s, where only a variable may be used", async (_what, Runtime, answers, words) => {
    expect(await refusalOf(await trialOf({ Runtime }, { answers }), { INJECTION_METHOD: "env" })).toMatch(
      words,
    );
  });

  it("has too many variables for the interceptor to be one of them", async () => {
    const Variables = { APP_A: "a".repeat(1_500) };
    const trial = await trialOf({ Environment: { Variables } });

    const text = await refusalOf(trial, { INJECTION_METHOD: "env" });

    expect(text).toMatch(
      /would take \d+ bytes.*\n.*its own take 1512\n.*the interceptor and what it is told take/,
    );
    expect((await trial.targets({ ...TARGETS, INJECTION_METHOD: "layer" })).targets).toHaveLength(1);
  });

  it("is a version", async () => {
    const FUNCTION_NAME = "orders:7";

    expect(await refusalOf(await trialOf({}), { FUNCTION_NAME })).toMatch(/orders:7: a published version/);
  });

  it.each([
    ["no dynamic linker loads", makeElf(), /it is linked statically/],
    ["an old Go made", makeGo({ version: "go1.18.10" }), /built with go1\.18\.10, and Go 1\.19 is the first/],
    ["a run has left patched", patchedGo({}), /it is patched already[^]*unplug restore --function/],
  ])("has a bootstrap that %s", async (_what, bootstrap, words) => {
    const zip = await zipOf({ bootstrap });

    expect(await refusalOf(await trialOf({ Runtime: "provided.al2023" }, { zip }))).toMatch(words);
  });

  it("has code that is not what AWS says", async () => {
    const trial = await trialOf({ CodeSha256: "other" });

    expect(await refusalOf(trial, { INJECTION_METHOD: "code" })).toMatch(/CodeSha256 is other/);
  });

  const broken: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      "nothing that is a zip",
      Buffer.from("no zip at all, and long enough to be read as one"),
      /code: This is no zip/,
    ],
    [
      "bytes after its directory",
      Buffer.concat([PLAIN, Buffer.from("more")]),
      /code: The zip has 4 bytes after/,
    ],
    [
      "more than 250 MB unpacked",
      hugeZip(PLAIN),
      /code: .* bytes unpacked, and AWS takes no more than 262144000/,
    ],
    ["an encrypted entry", encrypted(PLAIN), /code: .*is encrypted/],
    ["the Zip64 format", zip64(PLAIN), /code: .*Zip64/],
  ];
  it.each(broken)("has %s, where only the code may be changed", async (_what, zip, words) => {
    expect(await refusalOf(await trialOf({}, { zip }), { INJECTION_METHOD: "code" })).toMatch(words);
  });

  it("has layers that leave no room for its code", async () => {
    const trial = await trialOf({ Layers: layers(2).map((layer) => ({ ...layer, CodeSize: 131_071_000 })) });

    expect(await refusalOf(trial, { INJECTION_METHOD: "code" })).toMatch(
      /code: .* bytes unpacked beside layers of 262142000 bytes.* no more than 262144000 together/,
    );
  });

  const toldBy = (code: string, status: number) => ({
    "s3:ListObjectsV2": () => {
      throw new AwsError("s3:ListObjectsV2", { code, status, outcome: "refused", message: code });
    },
  });
  it.each([
    ["is not there", {}, /code: STAGING_BUCKET staging does not exist/],
    ["is not ours", toldBy("AccessDenied", 403), /may not be listed \(s3:ListBucket\)/],
    ["is elsewhere", toldBy("PermanentRedirect", 301), /is in another region, .* which is us-east-1/],
    ["is elsewhere", toldBy("AuthorizationHeaderMalformed", 400), /is in another region/],
  ])("has code for a bucket that %s", async (_what, answers, words) => {
    const tunables = { INJECTION_METHOD: "code", STAGING_BUCKET: "staging" };

    expect(await refusalOf(await trialOf({}, { answers }), tunables)).toMatch(words);
  });

  it("takes only signed code", async () => {
    const config = (UntrustedArtifactOnDeployment: string) => ({
      "lambda:GetFunctionCodeSigningConfig": () => ({ CodeSigningConfigArn: SIGNING }),
      "lambda:GetCodeSigningConfig": () => ({
        CodeSigningConfig: { CodeSigningPolicies: { UntrustedArtifactOnDeployment } },
      }),
    });

    for (const INJECTION_METHOD of ["auto", "layer", "code"]) {
      const trial = await trialOf({}, { answers: config("Enforce") });
      expect(await refusalOf(trial, { INJECTION_METHOD })).toMatch(/takes only signed code and layers/);
    }
    expect((await (await trialOf({}, { answers: config("Warn") })).targets(TARGETS)).targets).toHaveLength(1);
    const signed = await trialOf({}, { answers: config("Enforce") });
    expect((await signed.targets({ ...TARGETS, INJECTION_METHOD: "env" })).targets).toHaveLength(1);
  });

  it("gets another runtime with every change, unless that is allowed", async () => {
    const trial = await FaultTrial.of(fault);
    await trial.cloud("lambda:PutRuntimeManagementConfig", {
      FunctionName: "orders",
      UpdateRuntimeOn: "FunctionUpdate",
    });

    expect(await refusalOf(trial)).toMatch(/UpdateRuntimeOn FunctionUpdate.*\n.*ALLOW_RUNTIME_UPDATE=true/);
    expect((await trial.targets({ ...TARGETS, ALLOW_RUNTIME_UPDATE: "true" })).targets).toHaveLength(1);
  });
});

describe("a block", () => {
  it("takes a variable where neither a layer nor the code can be used, and says why and what that means", async () => {
    const trial = await trialOf(
      {
        SigningJobArn: "arn:aws:signer:job",
        Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/w" } },
      },
      { answers: { "lambda:ListLayerVersions": denied } },
    );

    const { targets, warnings } = await trial.targets(TARGETS);

    expect(targets[0]?.about["carrier"]).toEqual({ kind: "env" });
    expect(warnings.join("\n")).toMatch(
      /Not layer: lambda:ListLayerVersions.*\nNot code: the function's code is signed.*\n.*NODE_OPTIONS.*\n.*wrapper/,
    );
  });

  it("says what it may not read, and goes on", async () => {
    const trial = await FaultTrial.of(fault);
    trial.world.cloud.switches.set({
      deny: ["lambda:GetFunctionCodeSigningConfig", "lambda:GetRuntimeManagementConfig"],
    });

    const { warnings } = await trial.targets(TARGETS);

    expect(warnings[0]).toMatch(/is not known: lambda:GetFunctionCodeSigningConfig, lambda:GetRuntimeManage/);
  });

  it("waits until somebody else's update is through", async () => {
    const trial = await FaultTrial.of(fault);
    await trial.cloud("lambda:UpdateFunctionConfiguration", { FunctionName: "orders", Timeout: 9 });

    const found = trial.targets(TARGETS);
    await trial.world.clock.run(found);

    expect((await found).targets).toHaveLength(1);
  });
});
