import { describe, expect, it } from "vitest";
import { smallestZip, virtualCloud, withFunction } from "../cloud-for-test.ts";

const wanted = {
  FunctionName: "f",
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Role: "arn:aws:iam::000000000000:role/r",
  Code: { ZipFile: smallestZip() },
};

const create = (input: Record<string, unknown>): Promise<unknown> =>
  virtualCloud().call("lambda:CreateFunction", { ...wanted, ...input });

describe("making a function", () => {
  it.each(["arn:aws:lambda:us-east-1:000000000000:function:f", "000000000000:function:f", "f"])(
    "takes its name from %s",
    async (FunctionName) => {
      expect(await create({ FunctionName })).toMatchObject({
        FunctionName: "f",
        FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
      });
    },
  );

  it.each([
    [
      "a long name",
      { FunctionName: "f".repeat(65) },
      "InvalidParameterValueException",
      `Value '${"f".repeat(65)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    [
      "two architectures",
      { Architectures: ["x86_64", "arm64"] },
      "ValidationException",
      "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
    [
      "another architecture",
      { Architectures: ["mips"] },
      "ValidationException",
      "Value '[mips]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    ],
    [
      "code in a bucket",
      { Code: { S3Bucket: "code", S3Key: "f.zip" } },
      "InvalidParameterValueException",
      "S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
    ],
    ["no code", { Code: {} }, "InvalidParameterValueException", "Please provide a source for function code."],
    [
      "no handler",
      { Handler: undefined },
      "InvalidParameterValueException",
      "Runtime and Handler are mandatory parameters",
    ],
    [
      "no role",
      { Role: undefined },
      "ValidationException",
      "Value null at 'role' failed to satisfy constraint",
    ],
    [
      "a region that is elsewhere",
      { FunctionName: "arn:aws:lambda:eu-west-1:000000000000:function:f" },
      "ResourceNotFoundException",
      "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ],
    [
      "an unknown code signing config",
      { CodeSigningConfigArn: "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0" },
      "CodeSigningConfigNotFoundException",
      "The code signing configuration cannot be found.",
    ],
  ])("refuses %s", async (_what, input, code, words) => {
    await expect(create(input)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it("refuses another account without a word", async () => {
    const FunctionName = "arn:aws:lambda:us-east-1:111111111111:function:f";
    await expect(create({ FunctionName })).rejects.toMatchObject({
      status: 403,
      code: "AccessDeniedException",
      body: { Message: null },
    });
  });

  it("refuses a name that is taken", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    await expect(virtual.call("lambda:CreateFunction", wanted)).rejects.toMatchObject({
      status: 409,
      message: "Function already exist: f",
    });
  });
});

describe("deleting", () => {
  it.each([
    ["f", "$LATEST", "$LATEST version cannot be deleted without deleting the function."],
    ["f", "live", "Deletion of aliases is not currently supported."],
    ["g", undefined, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g"],
    ["g", "7", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g"],
  ])("refuses %s with the qualifier %s", async (FunctionName, Qualifier, message) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const input = { FunctionName, ...(Qualifier !== undefined && { Qualifier }) };
    await expect(virtual.call("lambda:DeleteFunction", input)).rejects.toMatchObject({ message });
  });
});
