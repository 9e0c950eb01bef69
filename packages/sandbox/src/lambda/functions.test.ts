import { describe, expect, it } from "vitest";
import { smallestZip, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";
import { recordsOf } from "./functions-for-test.ts";

const read = "lambda:GetFunctionConfiguration";
const update = "lambda:UpdateFunctionConfiguration";

describe("the life of a function", () => {
  it("is pending after its creation and active when the time has passed", async () => {
    const virtual = virtualCloud();
    const made = await virtual.call("lambda:CreateFunction", {
      FunctionName: "f",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/r",
      Code: { ZipFile: smallestZip() },
    });
    expect(made).toMatchObject({ State: "Pending", StateReasonCode: "Creating", Version: "$LATEST" });
    expect(made).not.toHaveProperty("LastUpdateStatus");
    expect(made).not.toHaveProperty("Environment");
    expect(() => virtual.cloud.functions.resolve("us-east-1", "f")).toThrow(/Pending/);
    virtual.pass(1000);
    expect(await virtual.call(read, { FunctionName: "f" })).toMatchObject({
      State: "Active",
      LastUpdateStatus: "Successful",
    });
  });

  it("shows an update at once and runs on it only when it is successful", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f", { Environment: { Variables: { MODE: "old" } } });
    const before = virtual.cloud.functions.resolve("us-east-1", "f");
    const answer = await virtual.call(update, {
      FunctionName: "f",
      Environment: { Variables: { MODE: "new" } },
    });
    expect(answer).toMatchObject({
      State: "Active",
      LastUpdateStatus: "InProgress",
      Environment: { Variables: { MODE: "new" } },
    });
    virtual.pass(999);
    expect(virtual.cloud.functions.resolve("us-east-1", "f")).toEqual(before);
    virtual.pass(1);
    const after = virtual.cloud.functions.resolve("us-east-1", "f");
    expect(after.environment).toEqual({ MODE: "new" });
    expect(after.revision).not.toBe(before.revision);
  });

  it("changes the revision id in the answer of an update and again at its end", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const before = await virtual.call(read, { FunctionName: "f" });
    const answer = await virtual.call(update, { FunctionName: "f", Description: "x" });
    virtual.pass(1000);
    const after = await virtual.call(read, { FunctionName: "f" });
    const ids = [before["RevisionId"], answer["RevisionId"], after["RevisionId"]];
    expect(new Set(ids).size).toBe(3);
    expect((await virtual.call(read, { FunctionName: "f" }))["RevisionId"]).toBe(after["RevisionId"]);
  });

  it.each([
    [update, { Description: "x" }],
    ["lambda:UpdateFunctionCode", { ZipFile: smallestZip() }],
    [
      "lambda:TagResource",
      { Resource: "arn:aws:lambda:us-east-1:000000000000:function:f", Tags: { a: "b" } },
    ],
  ])("refuses %s with 409 while an update is in progress", async (action, input) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    await virtual.call(update, { FunctionName: "f", Timeout: 4 });
    await expect(virtual.call(action, { FunctionName: "f", ...input })).rejects.toMatchObject({
      code: "ResourceConflictException",
      status: 409,
      message:
        "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:us-east-1:000000000000:function:f",
    });
    virtual.pass(1000);
    await virtual.call(action, { FunctionName: "f", ...input });
  });

  it("refuses a revision id that is not the latest", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const { RevisionId } = await virtual.call(read, { FunctionName: "f" });
    await virtual.call(update, { FunctionName: "f", Timeout: 4, RevisionId });
    virtual.pass(1000);
    await expect(virtual.call(update, { FunctionName: "f", Timeout: 5, RevisionId })).rejects.toMatchObject({
      code: "PreconditionFailedException",
      status: 412,
    });
  });

  it("keeps members that an update leaves out and replaces the environment as a whole", async () => {
    const virtual = virtualCloud();
    const Content = { ZipFile: smallestZip() };
    const made = await virtual.call("lambda:PublishLayerVersion", { LayerName: "one", Content });
    const layer = made["LayerVersionArn"];
    await withFunction(virtual, "f", { Environment: { Variables: { AA: "1", BB: "2" } }, Layers: [layer] });
    await virtual.call(update, { FunctionName: "f", MemorySize: 256 });
    virtual.pass(1000);
    const kept = await virtual.call(read, { FunctionName: "f" });
    expect(kept).toMatchObject({
      MemorySize: 256,
      Environment: { Variables: { AA: "1", BB: "2" } },
      Layers: [{ Arn: layer }],
    });
    await virtual.call(update, { FunctionName: "f", Environment: { Variables: { CC: "3" } }, Layers: [] });
    virtual.pass(1000);
    const replaced = await virtual.call(read, { FunctionName: "f" });
    expect(replaced["Environment"]).toEqual({ Variables: { CC: "3" } });
    expect(replaced).not.toHaveProperty("Layers");
  });

  it("keeps the former image when an update fails", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    virtual.cloud.switches.set({ failFunctionUpdates: ["f"] });
    await virtual.call(update, { FunctionName: "f", Environment: { Variables: { AA: "1" } } });
    virtual.pass(1000);
    const failed = await virtual.call(read, { FunctionName: "f" });
    expect(failed).toMatchObject({ State: "Active", LastUpdateStatus: "Failed" });
    expect(virtual.cloud.functions.resolve("us-east-1", "f").environment).toEqual({});
  });
});

describe("the code of a function", () => {
  it("changes its hash with UpdateFunctionCode and not in a dry run", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const before = await virtual.call(read, { FunctionName: "f" });
    const other = smallestZip("other.js");
    await virtual.call("lambda:UpdateFunctionCode", { FunctionName: "f", ZipFile: other, DryRun: true });
    expect(await virtual.call(read, { FunctionName: "f" })).toEqual(before);
    await virtual.call("lambda:UpdateFunctionCode", { FunctionName: "f", ZipFile: other });
    virtual.pass(1000);
    const after = await virtual.call(read, { FunctionName: "f" });
    expect(after["CodeSha256"]).not.toBe(before["CodeSha256"]);
    expect(virtual.cloud.functions.code("f")).toEqual(other);
  });

  it("can be fetched from its location for ten minutes", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const { Code } = await virtual.call("lambda:GetFunction", { FunctionName: "f" });
    const location = isRecord(Code) ? new URL(String(Code["Location"])) : new URL("http://none");
    const path = location.pathname + location.search;
    virtual.pass(600_000);
    expect(virtual.cloud.codeAt(path)).toEqual(smallestZip());
    virtual.pass(1);
    expect(virtual.cloud.codeAt(path)).toBeUndefined();
  });
});

describe("the list of functions", () => {
  it("has each function once, or each version with ALL, in pages", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "b");
    await withFunction(virtual, "a");
    await virtual.call("lambda:PublishVersion", { FunctionName: "a" });
    const list = async (input: Record<string, unknown>): Promise<unknown[]> => {
      const { Functions, NextMarker } = await virtual.call("lambda:ListFunctions", input);
      const arns = recordsOf(Functions).map((one) => String(one["FunctionArn"]).split("function:")[1]);
      return NextMarker === undefined ? arns : [...arns, ...(await list({ ...input, Marker: NextMarker }))];
    };
    expect(await list({})).toEqual(["a", "b"]);
    expect(await list({ FunctionVersion: "ALL", MaxItems: 1 })).toEqual(["a:$LATEST", "a:1", "b:$LATEST"]);
    await expect(list({ FunctionVersion: "SOME" })).rejects.toThrow(/enum value set: \[ALL\]/);
  });

  it("leaves states out", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const { Functions } = await virtual.call("lambda:ListFunctions");
    for (const member of ["State", "LastUpdateStatus", "RuntimeVersionConfig"]) {
      expect(recordsOf(Functions)[0]).not.toHaveProperty(member);
    }
  });
});

describe("what Lambda refuses", () => {
  it.each([
    ["text", Buffer.from("no zip")],
    ["an empty archive", smallestZip().subarray(-22).fill(0, 8, 12)],
    [
      "a broken directory",
      Buffer.concat([smallestZip().subarray(0, 38), Buffer.alloc(54), smallestZip().subarray(-22)]),
    ],
  ])("refuses %s as code", async (_what, zip) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const attempt = virtual.call("lambda:UpdateFunctionCode", { FunctionName: "f", ZipFile: zip });
    await expect(attempt).rejects.toMatchObject({ code: "InvalidParameterValueException", status: 400 });
  });

  it.each([
    ["nope", 404, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nope"],
    ["f:7", 404, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:7"],
    ["arn:aws:lambda:eu-west-1:000000000000:function:f", 404, "not reachable in this region"],
    ["arn:aws:lambda:us-east-1:111111111111:function:f", 403, "not authorized"],
    ["a b", 400, "failed to satisfy constraint"],
  ])("does not find %s", async (name, status, words) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const attempt = virtual.call("lambda:GetFunction", { FunctionName: name });
    await expect(attempt).rejects.toMatchObject({ status, message: expect.stringContaining(words) });
  });

  it.each(["f", "f:$LATEST", "000000000000:function:f", "arn:aws:lambda:us-east-1:000000000000:function:f"])(
    "finds %s",
    async (name) => {
      const virtual = virtualCloud();
      await withFunction(virtual, "f");
      expect(await virtual.call(read, { FunctionName: name })).toMatchObject({ FunctionName: "f" });
    },
  );
});
