import { describe, expect, it } from "vitest";
import { virtualCloud, withFunction } from "../cloud-for-test.ts";

const read = "lambda:GetFunctionConfiguration";
const update = "lambda:UpdateFunctionConfiguration";

describe("the settings of a function", () => {
  it("log with levels as JSON and without them as text", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const logging = async (LoggingConfig: Record<string, unknown>): Promise<unknown> => {
      await virtual.call(update, { FunctionName: "f", LoggingConfig });
      virtual.pass(1000);
      return (await virtual.call(read, { FunctionName: "f" }))["LoggingConfig"];
    };
    const LogGroup = "/aws/lambda/f";
    const json = { LogFormat: "JSON", LogGroup, ApplicationLogLevel: "DEBUG", SystemLogLevel: "INFO" };
    expect(await logging({ LogFormat: "JSON", ApplicationLogLevel: "DEBUG" })).toEqual(json);
    expect(await logging({ LogGroup: "mine" })).toEqual({ ...json, LogGroup: "mine" });
    expect(await logging({ LogFormat: "Text" })).toEqual({ LogFormat: "Text", LogGroup: "mine" });
  });

  it("show a network as long as it was ever given", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f", { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] } });
    const network = async (): Promise<unknown> =>
      (await virtual.call(read, { FunctionName: "f" }))["VpcConfig"];
    expect(await network()).toEqual({
      SubnetIds: ["subnet-1"],
      SecurityGroupIds: ["sg-1"],
      VpcId: expect.stringMatching(/^vpc-[0-9a-f]{17}$/),
      Ipv6AllowedForDualStack: false,
    });
    await virtual.call(update, { FunctionName: "f", VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } });
    virtual.pass(1000);
    expect(await network()).toMatchObject({ SubnetIds: [], SecurityGroupIds: [], VpcId: "" });
  });

  it("have a runtime management and a recursion config", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const named = { FunctionName: "f" };
    expect(await virtual.call("lambda:GetRuntimeManagementConfig", named)).toEqual({
      UpdateRuntimeOn: "Auto",
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
    });
    const put = { ...named, UpdateRuntimeOn: "FunctionUpdate" };
    expect(await virtual.call("lambda:PutRuntimeManagementConfig", put)).toMatchObject({
      UpdateRuntimeOn: "FunctionUpdate",
    });
    const manual = virtual.call("lambda:PutRuntimeManagementConfig", { ...named, UpdateRuntimeOn: "Manual" });
    await expect(manual).rejects.toThrow(/RuntimeVersionArn has to be given/);
    expect(await virtual.call("lambda:GetRuntimeManagementConfig", named)).toMatchObject({
      UpdateRuntimeOn: "FunctionUpdate",
    });
    expect(await virtual.call("lambda:GetFunctionRecursionConfig", named)).toEqual({
      RecursiveLoop: "Terminate",
    });
    await virtual.call("lambda:PutFunctionRecursionConfig", { ...named, RecursiveLoop: "Allow" });
    expect(await virtual.call("lambda:GetFunctionRecursionConfig", named)).toEqual({
      RecursiveLoop: "Allow",
    });
    const wrong = virtual.call("lambda:PutFunctionRecursionConfig", { ...named, RecursiveLoop: "Maybe" });
    await expect(wrong).rejects.toThrow(/\[Terminate, Allow\]/);
  });
});

it("has a function log where it was told to, once that is in force", async () => {
  const virtual = virtualCloud();
  await withFunction(virtual, "f");
  const group = (): string => virtual.cloud.functions.resolve("us-east-1", "f").logGroup;
  expect(group()).toBe("/aws/lambda/f");
  const LoggingConfig = { LogGroup: "/shop/carts" };
  await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", LoggingConfig });
  expect(group()).toBe("/aws/lambda/f");
  virtual.pass(1000);
  expect(group()).toBe("/shop/carts");
});

describe("what Lambda refuses", () => {
  const layer = (name: string): string => `arn:aws:lambda:us-east-1:111111111111:layer:${name}`;
  it.each([
    [
      "a reserved variable",
      { Environment: { Variables: { AWS_REGION: "x" } } },
      /Reserved keys used in this request: AWS_REGION/,
    ],
    [
      "4 KB of environment",
      { Environment: { Variables: { BIG: "x".repeat(4090) } } },
      /exceeded the 4KB limit/,
    ],
    ["a bad variable name", { Environment: { Variables: { "1A": "x" } } }, /Map keys/],
    ["little memory", { MemorySize: 127 }, /greater than or equal to 128/],
    ["much memory", { MemorySize: 10_241 }, /less than or equal to 10240/],
    ["a long timeout", { Timeout: 901 }, /less than or equal to 900/],
    ["an unknown runtime", { Runtime: "nodejs99.x" }, /enum value set/],
    [
      "six layers",
      { Layers: [1, 2, 3, 4, 5, 6].map((n) => layer(`l${n}:1`)) },
      /Cannot reference more than 5 layers/,
    ],
    ["an unknown layer", { Layers: [layer("l:1")] }, /l:1 does not exist/],
    ["a runtime of the past", { Runtime: "python3.7" }, /The runtime parameter of python3.7 is no longer/],
    ["a handler of two words", { Handler: "a b" }, /Value 'a b' at 'handler' failed/],
    ["a key that is none", { KMSKeyArn: "key" }, /Value 'key' at 'kMSKeyArn' failed/],
    ["a role that is none", { Role: "me" }, /Value 'me' at 'role' failed to satisfy constraint/],
    [
      "tracing of a kind",
      { TracingConfig: { Mode: "Some" } },
      /'tracingConfig.mode'.*\[Active, PassThrough\]/,
    ],
    ["a bad subnet", { VpcConfig: { SubnetIds: ["net-1"] } }, /'\[net-1\]' at 'vpcConfig.subnetIds'/],
    ["a bad group", { VpcConfig: { SecurityGroupIds: ["g"] } }, /'\[g\]' at 'vpcConfig.securityGroupIds'/],
    ["a log level", { LoggingConfig: { SystemLogLevel: "ALL" } }, /'loggingConfig.systemLogLevel'/],
    [
      "several things at once",
      { Timeout: 0, SnapStart: { ApplyOn: "All" } },
      /^2 validation errors detected: .*'timeout'.*; .*'snapStart.applyOn'.*\[PublishedVersions, None\]/,
    ],
  ])("refuses %s", async (_what, input, words) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    await expect(virtual.call(update, { FunctionName: "f", ...input })).rejects.toThrow(words);
    expect(await virtual.call(read, { FunctionName: "f" })).toMatchObject({ LastUpdateStatus: "Successful" });
  });

  it("measures the environment as JSON text", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const room = 4096 - JSON.stringify({ BIG: "" }).length;
    const fits = { Variables: { BIG: "x".repeat(room) } };
    await virtual.call(update, { FunctionName: "f", Environment: fits });
  });
});
