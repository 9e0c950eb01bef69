import { describe, expect, it } from "vitest";
import { virtualCloud, withFunction } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

const role = "arn:aws:iam::123456789012:role/team/chaos";

async function assumed(
  virtual: ReturnType<typeof virtualCloud>,
  more: Record<string, unknown> = {},
): Promise<string> {
  const input = { RoleArn: role, RoleSessionName: "run-1", ...more };
  const { Credentials } = await virtual.call("sts:AssumeRole", input);
  return isRecord(Credentials) ? String(Credentials["AccessKeyId"]) : "";
}

describe("identities", () => {
  it("are the sandbox's user for any key", async () => {
    expect(await virtualCloud().call("sts:GetCallerIdentity")).toMatchObject({
      Account: "000000000000",
      Arn: "arn:aws:iam::000000000000:user/sandbox",
    });
  });

  it("follow an assumed role into its account, until the credentials end", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const caller = { region: "us-east-1", accessKey: await assumed(virtual, { DurationSeconds: 900 }) };
    expect(await virtual.cloud.call("sts:GetCallerIdentity", {}, caller)).toMatchObject({
      Account: "123456789012",
      Arn: "arn:aws:sts::123456789012:assumed-role/chaos/run-1",
    });
    expect(await virtual.cloud.call("lambda:ListFunctions", {}, caller)).toEqual({ Functions: [] });
    virtual.pass(900_000);
    await expect(virtual.cloud.call("lambda:ListFunctions", {}, caller)).rejects.toMatchObject({
      code: "ExpiredTokenException",
    });
  });

  it("may be chained for one hour and not longer", async () => {
    const virtual = virtualCloud();
    const caller = { region: "us-east-1", accessKey: await assumed(virtual, { DurationSeconds: 7200 }) };
    const input = { RoleArn: role, RoleSessionName: "run-1" };
    await virtual.cloud.call("sts:AssumeRole", { ...input, DurationSeconds: 3600 }, caller);
    const longer = virtual.cloud.call("sts:AssumeRole", { ...input, DurationSeconds: 3601 }, caller);
    await expect(longer).rejects.toThrow(/exceeds the 1 hour session limit/);
  });

  it("are refused for what is no role", async () => {
    await expect(assumed(virtualCloud(), { RoleArn: "arn:aws:iam::1:user/x" })).rejects.toThrow(/is invalid/);
  });
});

describe("an assumed role", () => {
  it("has one id whenever it is assumed, and no packed size without tags", async () => {
    const virtual = virtualCloud();
    const input = { RoleArn: role, RoleSessionName: "run-1" };
    const first = await virtual.call("sts:AssumeRole", input);
    const second = await virtual.call("sts:AssumeRole", { ...input, RoleSessionName: "run-2" });
    const ids = [first, second].map(({ AssumedRoleUser }) =>
      isRecord(AssumedRoleUser) ? String(AssumedRoleUser["AssumedRoleId"]) : "",
    );
    expect(ids[0]).toMatch(/^AROA[A-Z0-9]{17}:run-1$/);
    expect(ids[1]).toBe(ids[0]?.replace("run-1", "run-2"));
    expect(Object.keys(first).sort()).toEqual(["AssumedRoleUser", "Credentials"]);
    expect(
      await virtual.call("sts:AssumeRole", { ...input, Tags: [{ Key: "a", Value: "b" }] }),
    ).toHaveProperty("PackedPolicySize");
  });

  it.each([
    [
      { RoleSessionName: "a:b" },
      "ValidationError",
      "1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
    [{ RoleArn: "arn:aws:s3:::x" }, "ValidationError", "arn:aws:s3:::x is invalid"],
    [
      { DurationSeconds: 899 },
      "ValidationError",
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      { Tags: [{ Key: "a" }, { Key: "A" }] },
      "InvalidParameterValue",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    ],
    [
      { Tags: [{ Key: "a" }], TransitiveTagKeys: ["b"] },
      "InvalidParameterValue",
      "The specified transitive tag key must be included in the requested tags.",
    ],
  ])("is refused with %j", async (more, code, message) => {
    const input = { RoleArn: role, RoleSessionName: "run-1", ...more };
    await expect(virtualCloud().call("sts:AssumeRole", input)).rejects.toMatchObject({ code, message });
  });

  it("hands its transitive tags on and lets nobody change them", async () => {
    const virtual = virtualCloud();
    const tags = { Tags: [{ Key: "Team", Value: "a" }], TransitiveTagKeys: ["team"] };
    const caller = { region: "us-east-1", accessKey: await assumed(virtual, tags) };
    const again = { RoleArn: role, RoleSessionName: "run-2", Tags: [{ Key: "TEAM", Value: "b" }] };
    await expect(virtual.cloud.call("sts:AssumeRole", again, caller)).rejects.toThrow(
      /^One of the specified transitive tag keys can't be set because it conflicts/,
    );
  });

  it("says of a web identity what its token says", async () => {
    const claims = { sub: "pod", aud: ["sts.amazonaws.com"], iss: "https://issuer.example" };
    const WebIdentityToken = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;
    const input = { RoleArn: role, RoleSessionName: "run-1", WebIdentityToken };
    expect(await virtualCloud().call("sts:AssumeRoleWithWebIdentity", input)).toMatchObject({
      SubjectFromWebIdentityToken: "pod",
      Audience: "sts.amazonaws.com",
      Provider: "https://issuer.example",
    });
  });
});

it("gives tokens to federated users and to the caller", async () => {
  const virtual = virtualCloud();
  const made = await virtual.call("sts:GetFederationToken", { Name: "guest", DurationSeconds: 900 });
  expect(made).toMatchObject({
    FederatedUser: {
      FederatedUserId: "000000000000:guest",
      Arn: "arn:aws:sts::000000000000:federated-user/guest",
    },
    PackedPolicySize: 0,
  });
  const { Credentials } = await virtual.call("sts:GetSessionToken");
  const accessKey = isRecord(Credentials) ? String(Credentials["AccessKeyId"]) : "";
  expect(
    await virtual.cloud.call("sts:GetCallerIdentity", {}, { region: "us-east-1", accessKey }),
  ).toMatchObject({
    Arn: "arn:aws:iam::000000000000:user/sandbox",
  });
});
