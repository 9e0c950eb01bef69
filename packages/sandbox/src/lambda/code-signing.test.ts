import { describe, expect, it } from "vitest";
import { smallestZip, type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

const publisher = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/mine";

async function make(virtual: VirtualCloud): Promise<Record<string, unknown>> {
  const answer = await virtual.call("lambda:CreateCodeSigningConfig", {
    AllowedPublishers: { SigningProfileVersionArns: [publisher] },
  });
  const config = answer["CodeSigningConfig"];
  return isRecord(config) ? config : {};
}

describe("a code signing config", () => {
  it("is made, updated, read and deleted", async () => {
    const virtual = virtualCloud();
    const made = await make(virtual);
    const CodeSigningConfigArn = made["CodeSigningConfigArn"];
    expect(made).toEqual({
      CodeSigningConfigId: expect.stringMatching(/^csc-[a-z0-9]{17}$/),
      CodeSigningConfigArn: `arn:aws:lambda:us-east-1:000000000000:code-signing-config:${String(made["CodeSigningConfigId"])}`,
      Description: "",
      AllowedPublishers: { SigningProfileVersionArns: [publisher] },
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Warn" },
      LastModified: "2026-03-01T12:00:00.000+0000",
    });
    await virtual.call("lambda:UpdateCodeSigningConfig", {
      CodeSigningConfigArn,
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" },
    });
    const config = { ...made, CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" } };
    const read = { CodeSigningConfigArn };
    expect(await virtual.call("lambda:GetCodeSigningConfig", read)).toEqual({ CodeSigningConfig: config });
    expect(await virtual.call("lambda:ListCodeSigningConfigs")).toEqual({ CodeSigningConfigs: [config] });
    await virtual.call("lambda:DeleteCodeSigningConfig", read);
    await expect(virtual.call("lambda:GetCodeSigningConfig", read)).rejects.toMatchObject({
      status: 404,
      message: `The Lambda code signing configuration ${String(CodeSigningConfigArn)} can not be found.`,
      type: null,
    });
  });

  it("is put on functions, and stays while one has it", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const { CodeSigningConfigArn } = await make(virtual);
    const named = { FunctionName: "f" };
    expect(await virtual.call("lambda:GetFunctionCodeSigningConfig", named)).toEqual({});
    const put = { ...named, CodeSigningConfigArn };
    expect(await virtual.call("lambda:PutFunctionCodeSigningConfig", put)).toEqual(put);
    expect(await virtual.call("lambda:GetFunctionCodeSigningConfig", named)).toEqual(put);
    const users = await virtual.call("lambda:ListFunctionsByCodeSigningConfig", { CodeSigningConfigArn });
    expect(users).toEqual({ FunctionArns: ["arn:aws:lambda:us-east-1:000000000000:function:f"] });
    const remove = virtual.call("lambda:DeleteCodeSigningConfig", { CodeSigningConfigArn });
    await expect(remove).rejects.toMatchObject({ status: 409 });
    await virtual.call("lambda:DeleteFunctionCodeSigningConfig", named);
    await virtual.call("lambda:DeleteCodeSigningConfig", { CodeSigningConfigArn });
  });

  it("that enforces signatures refuses code and layers, since nothing is signed here, and nothing else", async () => {
    const virtual = virtualCloud();
    const named = { FunctionName: "f" };
    const Content = { ZipFile: smallestZip() };
    const { LayerVersionArn } = await virtual.call("lambda:PublishLayerVersion", { LayerName: "l", Content });
    await withFunction(virtual, "f");
    const { CodeSigningConfigArn } = await make(virtual);
    await virtual.call("lambda:PutFunctionCodeSigningConfig", { ...named, CodeSigningConfigArn });
    const code = { ...named, ZipFile: smallestZip("other.js") };
    await virtual.call("lambda:UpdateFunctionCode", code);
    virtual.pass(10_000);
    const CodeSigningPolicies = { UntrustedArtifactOnDeployment: "Enforce" };
    await virtual.call("lambda:UpdateCodeSigningConfig", { CodeSigningConfigArn, CodeSigningPolicies });
    const before = await virtual.call("lambda:GetFunction", named);
    const layers = { ...named, Layers: [LayerVersionArn] };
    for (const [action, input] of [
      ["lambda:UpdateFunctionCode", code],
      ["lambda:UpdateFunctionConfiguration", layers],
    ] as const) {
      await expect(virtual.call(action, input)).rejects.toMatchObject({
        status: 400,
        code: "CodeVerificationFailedException",
        message: expect.stringMatching(/^Lambda cannot deploy the function\. .* provided signature for f\.$/),
      });
    }
    expect(await virtual.call("lambda:GetFunction", named)).toEqual(before);
    await virtual.call("lambda:UpdateFunctionConfiguration", { ...named, Timeout: 9 });
    await virtual.call("lambda:DeleteFunctionCodeSigningConfig", named);
    virtual.pass(10_000);
    await virtual.call("lambda:UpdateFunctionConfiguration", layers);
  });

  it("has to exist before it is put on a function, which has to exist too", async () => {
    const virtual = virtualCloud();
    const { CodeSigningConfigArn } = await make(virtual);
    const put = (arn: unknown): Promise<unknown> =>
      virtual.call("lambda:PutFunctionCodeSigningConfig", { FunctionName: "g", CodeSigningConfigArn: arn });
    await expect(put(`${String(CodeSigningConfigArn)}x`)).rejects.toMatchObject({
      code: "CodeSigningConfigNotFoundException",
    });
    await expect(put(CodeSigningConfigArn)).rejects.toThrow(/^Function not found: /);
  });
});
