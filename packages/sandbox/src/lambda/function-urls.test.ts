import { describe, expect, it } from "vitest";
import type { VirtualCloud } from "../cloud-for-test.ts";
import { recordsOf, withAlias } from "./functions-for-test.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

type Call = (virtual: VirtualCloud, input?: Record<string, unknown>) => Promise<Record<string, unknown>>;
const create: Call = (virtual, input) =>
  virtual.call("lambda:CreateFunctionUrlConfig", { FunctionName: "f", AuthType: "NONE", ...input });
const get: Call = (virtual, input) =>
  virtual.call("lambda:GetFunctionUrlConfig", { FunctionName: "f", ...input });
const update: Call = (virtual, input) =>
  virtual.call("lambda:UpdateFunctionUrlConfig", { FunctionName: "f", ...input });

describe("a function URL", () => {
  it("is told in full by reads only", async () => {
    const virtual = await withAlias();
    const made = await create(virtual);
    expect(made).toEqual({
      FunctionUrl: expect.stringMatching(/^https:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws\/$/),
      FunctionArn: arn,
      AuthType: "NONE",
      CreationTime: expect.any(String),
    });
    const LastModifiedTime = made["CreationTime"];
    expect(await get(virtual)).toEqual({ ...made, InvokeMode: "BUFFERED", LastModifiedTime });
    virtual.pass(5000);
    const changed = await update(virtual, { AuthType: "AWS_IAM", Cors: { MaxAge: 60 } });
    expect(changed).toMatchObject({
      AuthType: "AWS_IAM",
      CreationTime: made["CreationTime"],
      Cors: { MaxAge: 60 },
    });
    expect(changed["LastModifiedTime"]).not.toBe(LastModifiedTime);
    expect(changed).not.toHaveProperty("InvokeMode");
  });

  it("is one of the function and one of each alias, which outlives the alias", async () => {
    const virtual = await withAlias();
    await create(virtual);
    const ofAlias = await create(virtual, { Qualifier: "live", InvokeMode: "RESPONSE_STREAM" });
    expect(ofAlias).toMatchObject({ FunctionArn: `${arn}:live`, InvokeMode: "RESPONSE_STREAM" });
    await virtual.call("lambda:DeleteFunctionUrlConfig", { FunctionName: "f" });
    await virtual.call("lambda:DeleteAlias", { FunctionName: "f", Name: "live" });
    const { FunctionUrlConfigs } = await virtual.call("lambda:ListFunctionUrlConfigs", { FunctionName: "f" });
    expect(recordsOf(FunctionUrlConfigs)).toMatchObject([{ FunctionUrl: ofAlias["FunctionUrl"] }]);
    const many = virtual.call("lambda:ListFunctionUrlConfigs", { FunctionName: "f", MaxItems: 51 });
    await expect(many).rejects.toThrow(/'maxItems'.*less than or equal to 50$/);
    await expect(get(virtual)).rejects.toThrow("The resource you requested does not exist.");
  });

  it.each([
    [{ FunctionName: "g" }, "Function does not exist"],
    [{ Qualifier: "none" }, "Function does not exist"],
    [{ Qualifier: "1" }, "Value '1' at 'qualifier' failed to satisfy constraint"],
    [{ Qualifier: "$LATEST" }, "Value '$LATEST' at 'qualifier' failed to satisfy constraint"],
    [
      { FunctionName: "f:a", Qualifier: "live" },
      "The derived qualifier from the function name does not match",
    ],
    [{ AuthType: "ALL" }, "Member must satisfy enum value set: [NONE, AWS_IAM]"],
    [{ InvokeMode: "FAST" }, "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"],
  ])("is refused: %j", async (input, words) => {
    const virtual = await withAlias();
    await expect(create(virtual, input)).rejects.toMatchObject({ message: expect.stringContaining(words) });
  });

  it("is made once, and updated only where it is", async () => {
    const virtual = await withAlias();
    await expect(update(virtual, { AuthType: "AWS_IAM" })).rejects.toMatchObject({ status: 404 });
    await create(virtual);
    await expect(create(virtual)).rejects.toMatchObject({
      status: 409,
      message: `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    });
  });
});
