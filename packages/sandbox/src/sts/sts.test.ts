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
