import { describe, expect, it } from "vitest";
import { smallestZip, type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

const ZipFile = smallestZip("opt/tool");
const arn = "arn:aws:lambda:us-east-1:000000000000:layer:tools";

function publish(
  virtual: VirtualCloud,
  LayerName = "tools",
  more: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  return virtual.call("lambda:PublishLayerVersion", { LayerName, Content: { ZipFile }, ...more });
}

function setLayers(virtual: VirtualCloud, ...Layers: string[]): Promise<Record<string, unknown>> {
  return virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "worker", Layers });
}

describe("a layer", () => {
  it("has versions that count on when former ones were deleted", async () => {
    const virtual = virtualCloud();
    expect(await publish(virtual)).toEqual({
      LayerArn: arn,
      LayerVersionArn: `${arn}:1`,
      Version: 1,
      Description: "",
      CreatedDate: "2026-03-01T12:00:00.000+0000",
      Content: {
        CodeSha256: expect.stringMatching(/^[\w+/]{43}=$/),
        CodeSize: ZipFile.length,
        Location: expect.stringContaining("/_unplug/code/"),
      },
    });
    await virtual.call("lambda:DeleteLayerVersion", { LayerName: "tools", VersionNumber: 1 });
    expect(await publish(virtual, arn)).toMatchObject({ Version: 2 });
  });

  it("can be downloaded from where its version says", async () => {
    const virtual = virtualCloud();
    const { Content } = await publish(virtual);
    const location = isRecord(Content) ? String(Content["Location"]) : "";
    const { pathname, search } = new URL(location);
    expect(virtual.cloud.codeAt(pathname + search)).toEqual(ZipFile);
  });

  it("shows the members that were given, and no others", async () => {
    const virtual = virtualCloud();
    const given = {
      Description: "d",
      LicenseInfo: "MIT",
      CompatibleRuntimes: ["nodejs22.x"],
      CompatibleArchitectures: [],
    };
    await publish(virtual, "tools", given);
    const byName = { LayerName: "tools", VersionNumber: 1 };
    const shown = await virtual.call("lambda:GetLayerVersion", byName);
    expect(shown).toMatchObject(given);
    expect(await virtual.call("lambda:GetLayerVersionByArn", { Arn: `${arn}:1` })).toEqual(shown);
  });

  it("is listed newest first, by runtime and architecture", async () => {
    const virtual = virtualCloud();
    await publish(virtual, "tools", { CompatibleRuntimes: ["nodejs22.x"] });
    await publish(virtual, "tools", { CompatibleRuntimes: ["python3.12"] });
    await publish(virtual, "others", { CompatibleArchitectures: ["arm64"] });
    const { LayerVersions } = await virtual.call("lambda:ListLayerVersions", { LayerName: "tools" });
    expect(LayerVersions).toMatchObject([{ Version: 2 }, { Version: 1 }]);
    const listed = async (filter: Record<string, unknown>): Promise<unknown> =>
      (await virtual.call("lambda:ListLayers", filter))["Layers"];
    expect(await listed({})).toMatchObject([
      { LayerName: "others", LatestMatchingVersion: { Version: 1 } },
      { LayerName: "tools", LayerArn: arn, LatestMatchingVersion: { Version: 2 } },
    ]);
    expect(await listed({ CompatibleRuntime: "nodejs22.x" })).toMatchObject([
      { LatestMatchingVersion: { Version: 1 } },
    ]);
    expect(await listed({ CompatibleArchitecture: "arm64" })).toMatchObject([{ LayerName: "others" }]);
  });

  it.each([
    [
      "GetLayerVersion",
      { LayerName: "none", VersionNumber: 1 },
      404,
      /^The resource you requested does not exist\.$/,
    ],
    [
      "GetLayerVersion",
      { LayerName: "tools", VersionNumber: 0 },
      400,
      /^Layer Version Cannot be less than 1$/,
    ],
    ["GetLayerVersionByArn", { Arn: arn }, 400, /^1 validation error detected: Value 'arn:aws:.*' at 'arn'/],
    ["GetLayerVersionByArn", { Arn: `${arn}:7` }, 404, /^The resource you requested does not exist\.$/],
    ["ListLayers", { CompatibleArchitecture: "z80" }, 400, /enum value set: \[x86_64, arm64\]$/],
    ["DeleteLayerVersion", { LayerName: "tools", VersionNumber: -1 }, 400, /cannot be less than 1/i],
    [
      "PublishLayerVersion",
      {
        LayerName: "t",
        Content: { ZipFile },
        CompatibleRuntimes: ["cobol"],
        CompatibleArchitectures: ["z80"],
      },
      400,
      /^2 validation errors detected: Value '\[cobol\]' at 'compatibleRuntimes' .*; Value '\[z80\]' at/,
    ],
    ["PublishLayerVersion", { LayerName: "t", Content: {} }, 400, /provide a source/],
    ["PublishLayerVersion", { LayerName: "a b", Content: { ZipFile } }, 400, /at 'layerName'/],
  ])("refuses %s of %j", async (operation, input, status, message) => {
    const virtual = virtualCloud();
    await publish(virtual);
    const refused = virtual.call(`lambda:${operation}`, input);
    await expect(refused).rejects.toMatchObject({ status, message: expect.stringMatching(message) });
  });
});

describe("a function with layers", () => {
  it("shows their size and keeps those that are deleted", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    await publish(virtual);
    const Layers = [{ Arn: `${arn}:1`, CodeSize: ZipFile.length }];
    expect(await setLayers(virtual, `${arn}:1`)).toMatchObject({ Layers });
    await virtual.call("lambda:DeleteLayerVersion", { LayerName: "tools", VersionNumber: 1 });
    virtual.pass(1000);
    expect(await virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "worker" })).toMatchObject({
      Layers,
    });
    expect(await setLayers(virtual)).not.toHaveProperty("Layers");
  });

  it.each([
    ["a version that is not there", [`${arn}:9`], /^Layer version .*:layer:tools:9 does not exist\.$/],
    [
      "two versions of one",
      [`${arn}:1`, `${arn}:2`],
      /layer:tools:1 and .*layer:tools:2 are versions of the same layer\.$/,
    ],
    ["the same version twice", [`${arn}:1`, `${arn}:1`], /^Two different versions of the same layer/],
    ["no version", [arn], /^1 validation error detected: Value '\[arn:.*tools\]' at 'layers'/],
    [
      "another region",
      [`${arn.replace("us-east-1", "eu-west-1")}:1`],
      /expected to be in region us-east-1\.$/,
    ],
    ["six", [1, 2, 3, 4, 5, 6].map((n) => `${arn}${n}:1`), /^Cannot reference more than 5 layers\.$/],
  ])("is refused with %s", async (_what, layers, words) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    await publish(virtual);
    await publish(virtual);
    await expect(setLayers(virtual, ...layers)).rejects.toThrow(words);
  });
});

describe("the policy of a layer version", () => {
  const version = { LayerName: "tools", VersionNumber: 1 };
  const everyone = { ...version, StatementId: "all", Action: "lambda:GetLayerVersion", Principal: "*" };
  const add = "lambda:AddLayerVersionPermission";
  const get = "lambda:GetLayerVersionPolicy";

  it("has statements, and a revision that changes with each of them", async () => {
    const virtual = virtualCloud();
    await publish(virtual);
    const first = await virtual.call(add, everyone);
    const statement = {
      Sid: "all",
      Effect: "Allow",
      Principal: "*",
      Action: "lambda:GetLayerVersion",
      Resource: `${arn}:1`,
    };
    expect(JSON.parse(String(first["Statement"]))).toEqual(statement);
    const shown = await virtual.call(get, version);
    expect(shown["RevisionId"]).toBe(first["RevisionId"]);
    expect(JSON.parse(String(shown["Policy"]))).toEqual({
      Version: "2012-10-17",
      Id: "default",
      Statement: [statement],
    });
    const one = {
      ...everyone,
      StatementId: "one",
      Principal: "123456789012",
      RevisionId: shown["RevisionId"],
    };
    const second = await virtual.call(add, one);
    expect(second["RevisionId"]).not.toBe(first["RevisionId"]);
    expect(String(second["Statement"])).toContain('{"AWS":"arn:aws:iam::123456789012:root"}');
    await virtual.call("lambda:RemoveLayerVersionPermission", { ...version, StatementId: "one" });
    expect((await virtual.call(get, version))["RevisionId"]).not.toBe(second["RevisionId"]);
  });

  it.each([
    ["lambda:GetLayerVersionPolicy", version, 404, "No policy is associated with the given resource."],
    [
      "lambda:GetLayerVersionPolicy",
      { LayerName: "none", VersionNumber: 1 },
      404,
      "Layer version arn:aws:lambda:us-east-1:000000000000:layer:none:1 does not exist.",
    ],
    [
      add,
      { ...everyone, Action: "*" },
      400,
      "1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion",
    ],
    [
      add,
      { ...everyone, RevisionId: "old" },
      412,
      "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id",
    ],
    [
      "lambda:RemoveLayerVersionPermission",
      { ...version, StatementId: "x" },
      404,
      "Statement x is not found in resource policy.",
    ],
  ])("refuses %s of %j", async (action, input, status, message) => {
    const virtual = virtualCloud();
    await publish(virtual);
    await expect(virtual.call(action, input)).rejects.toMatchObject({ status, message });
  });

  it("refuses a statement id that is taken", async () => {
    const virtual = virtualCloud();
    await publish(virtual);
    await virtual.call(add, everyone);
    await expect(virtual.call(add, everyone)).rejects.toMatchObject({
      status: 409,
      code: "ResourceConflictException",
    });
  });
});
