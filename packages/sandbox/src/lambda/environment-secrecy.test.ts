import { describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";

const named = { FunctionName: "f" };
const Environment = { Variables: { SECRET: "x" } };

async function secretive(): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await withFunction(virtual, "f");
  await virtual.call("lambda:UpdateFunctionConfiguration", { ...named, Environment });
  virtual.pass(10_000);
  return virtual;
}

describe("an environment whose key a caller may not use", () => {
  it("is an error in every answer that would show it, and comes back", async () => {
    const virtual = await secretive();
    const before = await virtual.call("lambda:GetFunctionConfiguration", named);
    virtual.cloud.switches.set({ unreadableEnvironments: ["f"] });
    const hidden = {
      ...before,
      Environment: {
        Error: {
          ErrorCode: "AccessDeniedException",
          Message: expect.stringMatching(
            /^Lambda was unable to decrypt your environment variables .*kms:Decrypt/,
          ),
        },
      },
    };
    expect(await virtual.call("lambda:GetFunctionConfiguration", named)).toEqual(hidden);
    expect(await virtual.call("lambda:GetFunction", named)).toMatchObject({ Configuration: hidden });
    for (const [action, member] of [
      ["lambda:ListFunctions", "Functions"],
      ["lambda:ListVersionsByFunction", "Versions"],
    ] as const) {
      const answer = await virtual.call(action, named);
      expect(answer[member]).toMatchObject([{ Environment: hidden.Environment }]);
    }
    virtual.cloud.switches.reset();
    expect(await virtual.call("lambda:GetFunctionConfiguration", named)).toEqual(before);
  });

  it("cannot be given anew, while the rest of the configuration can, and keeps it", async () => {
    const virtual = await secretive();
    virtual.cloud.switches.set({ unreadableEnvironments: ["*"] });
    const update = virtual.call("lambda:UpdateFunctionConfiguration", { ...named, Environment });
    await expect(update).rejects.toMatchObject({
      status: 400,
      code: "InvalidParameterValueException",
      message: expect.stringMatching(/because the KMS key is invalid for CreateGrant\. .*kms:CreateGrant/),
    });
    await virtual.call("lambda:UpdateFunctionConfiguration", { ...named, Timeout: 7 });
    virtual.pass(10_000);
    virtual.cloud.switches.reset();
    expect(await virtual.call("lambda:GetFunctionConfiguration", named)).toMatchObject({
      Timeout: 7,
      Environment,
    });
  });

  it("keeps a function that may not decrypt it from running, but not one without an environment", async () => {
    const virtual = await secretive();
    await withFunction(virtual, "bare");
    virtual.cloud.switches.set({ undecryptableEnvironments: ["*"] });
    await expect(virtual.call("lambda:Invoke", named)).rejects.toMatchObject({
      status: 502,
      code: "KMSAccessDeniedException",
    });
    await expect(virtual.call("lambda:Invoke", { FunctionName: "bare" })).rejects.toThrow(
      /without a runtime/,
    );
  });
});
