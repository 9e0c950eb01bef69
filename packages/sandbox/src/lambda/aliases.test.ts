import { describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { recordsOf } from "./functions-for-test.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

/** A function with the versions 1 (MODE=one) and 2 (MODE=two). */
async function started(random?: () => number): Promise<VirtualCloud> {
  const virtual = virtualCloud(random === undefined ? {} : { random });
  await withFunction(virtual, "f", { Environment: { Variables: { MODE: "one" } } });
  await virtual.call("lambda:PublishVersion", { FunctionName: "f" });
  const Environment = { Variables: { MODE: "two" } };
  await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", Environment });
  virtual.pass(1000);
  await virtual.call("lambda:PublishVersion", { FunctionName: "f" });
  return virtual;
}

const create = (virtual: VirtualCloud, input: Record<string, unknown> = {}) =>
  virtual.call("lambda:CreateAlias", { FunctionName: "f", Name: "live", FunctionVersion: "1", ...input });
const update = (virtual: VirtualCloud, input: Record<string, unknown> = {}) =>
  virtual.call("lambda:UpdateAlias", { FunctionName: "f", Name: "live", ...input });
const read = (virtual: VirtualCloud) => virtual.call("lambda:GetAlias", { FunctionName: "f", Name: "live" });
const weights = (given: Record<string, number>) => ({ RoutingConfig: { AdditionalVersionWeights: given } });
const modeOf = (virtual: VirtualCloud): string | undefined =>
  virtual.cloud.functions.resolve("us-east-1", "f:live").environment["MODE"];

describe("an alias", () => {
  it("stands for its version, under its own ARN", async () => {
    const virtual = await started();
    const made = await create(virtual, { Description: "what runs" });
    expect(made).toEqual({
      AliasArn: `${arn}:live`,
      Name: "live",
      FunctionVersion: "1",
      Description: "what runs",
      RevisionId: expect.any(String),
    });
    expect(await read(virtual)).toEqual(made);
    const seen = await virtual.call("lambda:GetFunctionConfiguration", { FunctionName: `${arn}:live` });
    expect(seen).toMatchObject({ FunctionArn: `${arn}:live`, Version: "1" });
    expect(virtual.cloud.functions.resolve("us-east-1", "f:live")).toMatchObject({
      functionArn: `${arn}:live`,
      version: "1",
      environment: { MODE: "one" },
    });
  });

  it("moves to another version with an own revision id, also when nothing changes", async () => {
    const virtual = await started();
    const made = await create(virtual);
    const latest = await virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "f" });
    const moved = await update(virtual, { FunctionVersion: "2", RevisionId: made["RevisionId"] });
    expect(moved).toMatchObject({ FunctionVersion: "2", Description: "" });
    expect(modeOf(virtual)).toBe("two");
    const again = await update(virtual);
    expect(new Set([made, moved, again].map((one) => one["RevisionId"])).size).toBe(3);
    await expect(update(virtual, { RevisionId: made["RevisionId"] })).rejects.toMatchObject({ status: 412 });
    expect(await virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "f" })).toEqual(latest);
  });

  it("is listed by name, for one version too, in pages", async () => {
    const virtual = await started();
    for (const [Name, FunctionVersion] of [
      ["b", "1"],
      ["a", "2"],
      ["c", "$LATEST"],
    ]) {
      await create(virtual, { Name, FunctionVersion });
    }
    const list = async (input: Record<string, unknown>): Promise<unknown[]> => {
      const { Aliases, NextMarker } = await virtual.call("lambda:ListAliases", {
        FunctionName: "f",
        ...input,
      });
      return [...recordsOf(Aliases).map((alias) => alias["Name"]), ...(NextMarker ? [NextMarker] : [])];
    };
    expect(await list({})).toEqual(["a", "b", "c"]);
    expect(await list({ FunctionVersion: "1" })).toEqual(["b"]);
    await expect(list({ MaxItems: 0 })).rejects.toThrow(/'maxItems'.*greater than or equal to 1$/);
    const [first, marker] = await list({ MaxItems: 1 });
    expect(first).toBe("a");
    expect(await list({ MaxItems: 2, Marker: marker })).toEqual(["b", "c"]);
  });

  it("is deleted as often as one likes, and not found afterwards", async () => {
    const virtual = await started();
    await create(virtual);
    for (let i = 0; i < 2; i++) await virtual.call("lambda:DeleteAlias", { FunctionName: "f", Name: "live" });
    await expect(read(virtual)).rejects.toThrow(`Cannot find alias arn: ${arn}:live`);
    await expect(update(virtual)).rejects.toThrow(`Alias not found: ${arn}:live`);
    expect(() => virtual.cloud.functions.resolve("us-east-1", "f:live")).toThrow(
      `Function not found: ${arn}:live`,
    );
  });
});

describe("the weights of an alias", () => {
  it("send that share of invocations to the second version, and reads to the first", async () => {
    let drawn = 0;
    const virtual = await started(() => drawn);
    await create(virtual, weights({ "2": 0.25 }));
    drawn = 0.249;
    expect(modeOf(virtual)).toBe("two");
    drawn = 0.25;
    expect(modeOf(virtual)).toBe("one");
    drawn = 0;
    const seen = await virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "f:live" });
    expect(seen["Version"]).toBe("1");
    expect(await read(virtual)).toMatchObject(weights({ "2": 0.25 }));
  });

  it("stay with an update that does not give them and go with empty ones", async () => {
    const virtual = await started();
    await create(virtual, weights({ "2": 0.5 }));
    expect(await update(virtual, { Description: "x" })).toMatchObject(weights({ "2": 0.5 }));
    expect(await update(virtual, weights({}))).not.toHaveProperty("RoutingConfig");
  });

  it.each([
    [weights({ "1": 0.5, "2": 0.5 }), "Number of items in AdditionalVersionWeights cannot be greater than 1"],
    [weights({ "1": 0.5 }), "Function version 1 is already included in routing configuration."],
    [weights({ "2": 1.5 }), "Value '{2=1.5}' at 'routingConfig.additionalVersionWeights' failed"],
    [weights({ "2": -1 }), "Value '{2=-1.0}' at 'routingConfig.additionalVersionWeights' failed"],
    [weights({ $LATEST: 0.5 }), "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed"],
    [{ FunctionVersion: "$LATEST", ...weights({ "1": 0.5 }) }, "$LATEST is not supported for an alias"],
    [weights({ "7": 0.5 }), `Function not found: ${arn}:7`],
    [{ FunctionVersion: "7" }, `Function not found: ${arn}:7`],
    [{ FunctionName: "g" }, `Function not found: ${arn.slice(0, -1)}g:1`],
    [{ Name: "2030" }, "Value '2030' at 'name' failed to satisfy constraint"],
  ])("and names are refused: %j", async (input, words) => {
    const virtual = await started();
    await expect(create(virtual, input)).rejects.toMatchObject({ message: expect.stringContaining(words) });
    await expect(read(virtual)).rejects.toMatchObject({ status: 404 });
  });

  it("do not let the main version become the second one", async () => {
    const virtual = await started();
    await create(virtual, weights({ "2": 0.5 }));
    await expect(update(virtual, { FunctionVersion: "2" })).rejects.toThrow(/already included/);
    expect(await read(virtual)).toMatchObject({ FunctionVersion: "1" });
  });

  it("cannot be given under a name that is taken", async () => {
    const virtual = await started();
    await create(virtual);
    await expect(create(virtual)).rejects.toMatchObject({
      status: 409,
      message: `Alias already exists: ${arn}:live`,
    });
  });
});
