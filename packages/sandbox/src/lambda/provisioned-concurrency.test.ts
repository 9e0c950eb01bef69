import { describe, expect, it } from "vitest";
import type { VirtualCloud } from "../cloud-for-test.ts";
import { recordsOf, withAlias } from "./functions-for-test.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

function put(virtual: VirtualCloud, Qualifier: string, count: number): Promise<Record<string, unknown>> {
  return virtual.call("lambda:PutProvisionedConcurrencyConfig", {
    FunctionName: "f",
    Qualifier,
    ProvisionedConcurrentExecutions: count,
  });
}

const get = (virtual: VirtualCloud, Qualifier: string) =>
  virtual.call("lambda:GetProvisionedConcurrencyConfig", { FunctionName: "f", Qualifier });
const reserve = (virtual: VirtualCloud, ReservedConcurrentExecutions: number) =>
  virtual.call("lambda:PutFunctionConcurrency", { FunctionName: "f", ReservedConcurrentExecutions });

describe("provisioned concurrency", () => {
  it("is in progress at first and ready when its time has passed", async () => {
    const virtual = await withAlias();
    const counts = (ready: number) => ({
      RequestedProvisionedConcurrentExecutions: 3,
      AvailableProvisionedConcurrentExecutions: ready,
      AllocatedProvisionedConcurrentExecutions: ready,
    });
    const made = await put(virtual, "1", 3);
    expect(made).toEqual({ ...counts(0), Status: "IN_PROGRESS", LastModified: "2026-03-01T12:00:01+0000" });
    virtual.pass(1999);
    expect(await get(virtual, "1")).toEqual(made);
    expect(virtual.cloud.functions.resolve("us-east-1", "f:1")).not.toHaveProperty("initialization");
    const before = virtual.cloud.functions.resolve("us-east-1", "f:1").revision;
    virtual.pass(1);
    expect(await get(virtual, "1")).toEqual({ ...made, ...counts(3), Status: "READY" });
    const image = virtual.cloud.functions.resolve("us-east-1", "f:1");
    expect(image.initialization).toBe("provisioned-concurrency");
    expect(image.revision).not.toBe(before);
    const { ProvisionedConcurrencyConfigs } = await virtual.call("lambda:ListProvisionedConcurrencyConfigs", {
      FunctionName: "f",
    });
    expect(recordsOf(ProvisionedConcurrencyConfigs)).toMatchObject([
      { FunctionArn: `${arn}:1`, ...counts(3) },
    ]);
  });

  it("is for a version or an alias of it, not for both", async () => {
    const virtual = await withAlias();
    await put(virtual, "1", 1);
    await expect(put(virtual, "live", 1)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining("already Provisioned version"),
    });
    const remove = { FunctionName: "f", Qualifier: "1" };
    await virtual.call("lambda:DeleteProvisionedConcurrencyConfig", remove);
    await virtual.call("lambda:DeleteProvisionedConcurrencyConfig", remove);
    await put(virtual, "live", 1);
    await expect(put(virtual, "1", 1)).rejects.toThrow(
      "Version is pointed by a Provisioned Concurrency alias",
    );
  });

  it("is made anew where an alias moves to, and goes with the alias", async () => {
    const virtual = await withAlias();
    await put(virtual, "live", 2);
    virtual.pass(2000);
    await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", Timeout: 9 });
    virtual.pass(1000);
    await virtual.call("lambda:PublishVersion", { FunctionName: "f" });
    await virtual.call("lambda:UpdateAlias", { FunctionName: "f", Name: "live", FunctionVersion: "2" });
    expect(await get(virtual, "live")).toMatchObject({
      Status: "IN_PROGRESS",
      AvailableProvisionedConcurrentExecutions: 2,
    });
    virtual.pass(2000);
    expect(await get(virtual, "live")).toMatchObject({ Status: "READY" });
    await virtual.call("lambda:DeleteAlias", { FunctionName: "f", Name: "live" });
    await expect(get(virtual, "live")).rejects.toThrow(`Cannot find alias arn: ${arn}:live`);
  });

  it("is taken from the reserved concurrency, which must be enough", async () => {
    const virtual = await withAlias();
    await put(virtual, "1", 2);
    await expect(reserve(virtual, 1)).rejects.toMatchObject({
      message:
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
      type: null,
    });
    await reserve(virtual, 2);
    await expect(put(virtual, "1", 3)).rejects.toThrow(/should not be greater than the reservedConcurrent/);
    expect(virtual.cloud.functions.resolve("us-east-1", "f").reservedConcurrency).toBe(0);
    expect(virtual.cloud.functions.resolve("us-east-1", "f:1").reservedConcurrency).toBe(2);
  });

  it.each([
    ["f", "$LATEST", 1, "cannot be applied to unpublished function versions"],
    ["f", "7", 1, `Function not found: ${arn}:7`],
    ["f", "none", 1, `Cannot find alias arn: ${arn}:none`],
    ["g", "1", 1, `Function not found: ${arn.slice(0, -1)}g:1`],
    ["f", "1", 0, "Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint"],
    ["f", "1", 1001, "greater than account's unreserved concurrency [1000]"],
    ["f", "1", 901, "below its minimum value of [100]"],
  ])("is refused for %s:%s and %i", async (FunctionName, Qualifier, count, words) => {
    const virtual = await withAlias();
    const input = { FunctionName, Qualifier, ProvisionedConcurrentExecutions: count };
    const attempt = virtual.call("lambda:PutProvisionedConcurrencyConfig", input);
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining(words) });
  });

  it("is not found where there is none", async () => {
    const virtual = await withAlias();
    await expect(get(virtual, "1")).rejects.toMatchObject({
      status: 404,
      code: "ProvisionedConcurrencyConfigNotFoundException",
    });
    await expect(get(virtual, "$LATEST")).rejects.toThrow(/must be an alias or a published version/);
  });
});

describe("reserved concurrency", () => {
  it("is of the function as a whole", async () => {
    const virtual = await withAlias();
    for (const FunctionName of ["f:1", "f:$LATEST"]) {
      const input = { FunctionName, ReservedConcurrentExecutions: 1 };
      await expect(virtual.call("lambda:PutFunctionConcurrency", input)).rejects.toThrow(
        /unqualified function ARN/,
      );
    }
    const missing = { FunctionName: "g", ReservedConcurrentExecutions: 1 };
    await expect(virtual.call("lambda:PutFunctionConcurrency", missing)).rejects.toThrow(
      /:function:g:\$LATEST$/,
    );
  });
});
