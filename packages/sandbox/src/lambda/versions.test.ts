import { describe, expect, it } from "vitest";
import { smallestZip, type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { recordsOf } from "./functions-for-test.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

async function started(more: Record<string, unknown> = {}): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await withFunction(virtual, "f", more);
  return virtual;
}

async function configure(virtual: VirtualCloud, input: Record<string, unknown>): Promise<void> {
  await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", ...input });
  virtual.pass(1000);
}

const publish = (virtual: VirtualCloud, input: Record<string, unknown> = {}) =>
  virtual.call("lambda:PublishVersion", { FunctionName: "f", ...input });
const read = (virtual: VirtualCloud, Qualifier?: string) =>
  virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "f", ...(Qualifier && { Qualifier }) });

async function listed(virtual: VirtualCloud): Promise<unknown[]> {
  const { Versions } = await virtual.call("lambda:ListVersionsByFunction", { FunctionName: "f" });
  return recordsOf(Versions).map((version) => version["Version"]);
}

describe("publishing a version", () => {
  it("keeps code and configuration of that moment under the next number", async () => {
    const virtual = await started({ Description: "plain", Environment: { Variables: { MODE: "one" } } });
    const first = await publish(virtual, { Description: "the first" });
    expect(first).toMatchObject({
      FunctionArn: `${arn}:1`,
      Version: "1",
      Description: "the first",
      State: "Active",
      LastUpdateStatus: "Successful",
    });
    await configure(virtual, { Environment: { Variables: { MODE: "two" } } });
    expect(await read(virtual, "1")).toEqual(first);
    expect(first["LastModified"]).toBe("2026-03-01T12:00:00.000+0000");
    expect(await publish(virtual)).toMatchObject({ Version: "2", Description: "plain" });
    expect(virtual.cloud.functions.resolve("us-east-1", "f:1").environment).toEqual({ MODE: "one" });
    expect(virtual.cloud.functions.resolve("us-east-1", "f", "2")).toMatchObject({
      environment: { MODE: "two" },
      functionArn: `${arn}:2`,
      version: "2",
    });
  });

  it("gives the last version again when nothing has changed, whatever description is asked for", async () => {
    const virtual = await started();
    const first = await publish(virtual, { Description: "one" });
    expect(await publish(virtual, { Description: "other" })).toEqual(first);
    await configure(virtual, { Timeout: 9 });
    await publish(virtual);
    await configure(virtual, { Timeout: 3 });
    expect(await publish(virtual)).toMatchObject({ Version: "3", Timeout: 3 });
    expect(await listed(virtual)).toEqual(["$LATEST", "1", "2", "3"]);
  });

  it("changes the revision id of $LATEST and leaves that of the version for ever", async () => {
    const virtual = await started();
    const before = await read(virtual);
    const version = await publish(virtual, { RevisionId: before["RevisionId"] });
    const after = await read(virtual);
    expect(new Set([before, version, after].map((one) => one["RevisionId"])).size).toBe(3);
    await publish(virtual);
    expect(await read(virtual)).toEqual(after);
    await configure(virtual, { Timeout: 9 });
    expect((await read(virtual, "1"))["RevisionId"]).toBe(version["RevisionId"]);
  });

  it("is refused for another revision, another hash, a qualifier and while an update runs", async () => {
    const virtual = await started();
    const { CodeSha256 } = await read(virtual);
    await expect(publish(virtual, { RevisionId: "old" })).rejects.toMatchObject({ status: 412 });
    await expect(publish(virtual, { CodeSha256: "abc=" })).rejects.toThrow(
      `CodeSHA256 (abc=) is different from current CodeSHA256 in $LATEST (${String(CodeSha256)}).`,
    );
    await expect(publish(virtual, { FunctionName: "f:1" })).rejects.toThrow(/unqualified function ARN/);
    await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", Timeout: 9 });
    await expect(publish(virtual)).rejects.toMatchObject({ status: 409 });
    virtual.pass(1000);
    await publish(virtual, { CodeSha256 });
  });

  it("comes with a creation, which is described as version 1", async () => {
    const virtual = virtualCloud();
    const made = await virtual.call("lambda:CreateFunction", {
      FunctionName: "f",
      Runtime: "python3.13",
      Handler: "a.b",
      Role: "arn:aws:iam::000000000000:role/r",
      Code: { ZipFile: smallestZip() },
      Publish: true,
    });
    expect(made).toMatchObject({ FunctionArn: arn, Version: "1", State: "Pending" });
    expect(await read(virtual, "1")).toMatchObject({ FunctionArn: `${arn}:1`, State: "Pending" });
    virtual.pass(1000);
    expect(await read(virtual, "1")).toMatchObject({ State: "Active", LastUpdateStatus: "Successful" });
  });

  it("comes with new code, which answers as the version that waits for $LATEST", async () => {
    const virtual = await started();
    const ZipFile = smallestZip("other.js");
    const input = { FunctionName: "f", ZipFile, Publish: true };
    const made = await virtual.call("lambda:UpdateFunctionCode", input);
    expect(made).toMatchObject({ FunctionArn: `${arn}:1`, State: "Pending", StateReasonCode: "Creating" });
    expect(made).not.toHaveProperty("LastUpdateStatus");
    expect(await read(virtual)).toMatchObject({ State: "Active", LastUpdateStatus: "InProgress" });
    expect(() => virtual.cloud.functions.resolve("us-east-1", "f:1")).toThrow(/Pending/);
    virtual.pass(1000);
    expect(await read(virtual, "1")).toEqual({
      ...made,
      State: "Active",
      LastUpdateStatus: "Successful",
      StateReason: undefined,
      StateReasonCode: undefined,
    });
    expect(virtual.cloud.functions.resolve("us-east-1", "f:1").zip).toEqual(ZipFile);
  });

  it("takes its time with a snapshot", async () => {
    const virtual = await started({ SnapStart: { ApplyOn: "PublishedVersions" } });
    expect(await publish(virtual)).toMatchObject({
      State: "Pending",
      SnapStart: { ApplyOn: "PublishedVersions", OptimizationStatus: "Off" },
    });
    virtual.pass(1000);
    expect(await read(virtual, "1")).toMatchObject({
      State: "Active",
      SnapStart: { OptimizationStatus: "On" },
    });
    expect(await read(virtual)).toMatchObject({ SnapStart: { OptimizationStatus: "Off" } });
  });
});

describe("a version", () => {
  it("is deleted alone, and its number does not come back", async () => {
    const virtual = await started();
    await publish(virtual);
    await virtual.call("lambda:DeleteFunction", { FunctionName: "f", Qualifier: "1" });
    await virtual.call("lambda:DeleteFunction", { FunctionName: "f:1" });
    expect(await listed(virtual)).toEqual(["$LATEST"]);
    await expect(read(virtual, "1")).rejects.toThrow(`Function not found: ${arn}:1`);
    expect(await publish(virtual)).toMatchObject({ Version: "2" });
  });

  it("stays while an alias uses it, also with a weight", async () => {
    const virtual = await started();
    await publish(virtual);
    await configure(virtual, { Timeout: 9 });
    await publish(virtual);
    const alias = { FunctionName: "f", Name: "live", FunctionVersion: "1" };
    const RoutingConfig = { AdditionalVersionWeights: { "2": 0.1 } };
    await virtual.call("lambda:CreateAlias", { ...alias, RoutingConfig });
    for (const Qualifier of ["1", "2"]) {
      const attempt = virtual.call("lambda:DeleteFunction", { FunctionName: "f", Qualifier });
      await expect(attempt).rejects.toMatchObject({
        status: 409,
        message: "Unable to delete version because the following aliases reference it: [live]",
      });
    }
    await virtual.call("lambda:DeleteAlias", { FunctionName: "f", Name: "live" });
    await virtual.call("lambda:DeleteFunction", { FunctionName: "f", Qualifier: "2" });
    expect(await listed(virtual)).toEqual(["$LATEST", "1"]);
  });

  it("goes with its function", async () => {
    const virtual = await started();
    await publish(virtual);
    await virtual.call("lambda:DeleteFunction", { FunctionName: "f" });
    await expect(read(virtual, "1")).rejects.toMatchObject({ status: 404 });
  });

  it("can be neither updated nor tagged", async () => {
    const virtual = await started();
    await publish(virtual);
    const update = virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f:1", Timeout: 9 });
    await expect(update).rejects.toMatchObject({ status: 400, code: "InvalidParameterValueException" });
    const tag = virtual.call("lambda:TagResource", { Resource: `${arn}:1`, Tags: { a: "b" } });
    await expect(tag).rejects.toThrow("Tags on function aliases and versions are not supported.");
  });
});
