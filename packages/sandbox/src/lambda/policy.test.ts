import { describe, expect, it } from "vitest";
import type { VirtualCloud } from "../cloud-for-test.ts";
import { withAlias } from "./functions-for-test.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const permission = {
  FunctionName: "f",
  StatementId: "bucket",
  Action: "lambda:InvokeFunction",
  Principal: "s3.amazonaws.com",
};

type Call = (virtual: VirtualCloud, input?: Record<string, unknown>) => Promise<Record<string, unknown>>;
const add: Call = (virtual, input) => virtual.call("lambda:AddPermission", { ...permission, ...input });
const remove: Call = (virtual, input) =>
  virtual.call("lambda:RemovePermission", { FunctionName: "f", StatementId: "bucket", ...input });
const get: Call = (virtual, input) => virtual.call("lambda:GetPolicy", { FunctionName: "f", ...input });

async function statements(virtual: VirtualCloud, input?: Record<string, unknown>): Promise<unknown> {
  return JSON.parse(String((await get(virtual, input))["Policy"])).Statement;
}

describe("the policy of a function", () => {
  it("has a statement for each permission and is gone with the last one", async () => {
    const virtual = await withAlias();
    await expect(get(virtual)).rejects.toMatchObject({ status: 404 });
    const SourceArn = "arn:aws:s3:::pictures";
    const { Statement } = await add(virtual, { SourceArn });
    const expected = {
      Sid: "bucket",
      Effect: "Allow",
      Principal: { Service: "s3.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: arn,
      Condition: { ArnLike: { "AWS:SourceArn": SourceArn } },
    };
    expect(JSON.parse(String(Statement))).toEqual(expected);
    await add(virtual, { StatementId: "more" });
    expect(await statements(virtual)).toMatchObject([expected, { Sid: "more" }]);
    await remove(virtual);
    await expect(remove(virtual)).rejects.toThrow("Statement bucket is not found in resource policy.");
    await remove(virtual, { StatementId: "more" });
    await expect(get(virtual)).rejects.toThrow("The resource you requested does not exist.");
    await expect(remove(virtual)).rejects.toThrow("No policy is associated with the given resource.");
  });

  it.each([
    ["*", "*"],
    ["123456789012", { AWS: "arn:aws:iam::123456789012:root" }],
    ["arn:aws:iam::123456789012:user/u", { AWS: "arn:aws:iam::123456789012:user/u" }],
    ["alexa-appkit.amazon.com", { Service: "alexa-appkit.amazon.com" }],
  ])("knows the principal %s", async (Principal, expected) => {
    const virtual = await withAlias();
    await add(virtual, { Principal });
    expect(await statements(virtual)).toMatchObject([{ Principal: expected }]);
  });

  it("names all conditions as IAM does", async () => {
    const virtual = await withAlias();
    await add(virtual, {
      SourceAccount: "123456789012",
      PrincipalOrgID: "o-abcdefghij",
      FunctionUrlAuthType: "AWS_IAM",
      EventSourceToken: "token",
      InvokedViaFunctionUrl: true,
    });
    const StringEquals = {
      "AWS:SourceAccount": "123456789012",
      "aws:PrincipalOrgID": "o-abcdefghij",
      "lambda:FunctionUrlAuthType": "AWS_IAM",
      "lambda:EventSourceToken": "token",
    };
    const Bool = { "lambda:InvokedViaFunctionUrl": "true" };
    expect(await statements(virtual)).toMatchObject([{ Condition: { StringEquals, Bool } }]);
  });

  it("is another one for each version and alias, with an own revision id", async () => {
    const virtual = await withAlias();
    await add(virtual);
    await add(virtual, { FunctionName: "f:1", Qualifier: "1" });
    const alias = await virtual.call("lambda:GetAlias", { FunctionName: "f", Name: "live" });
    await expect(add(virtual, { Qualifier: "live", RevisionId: "old" })).rejects.toMatchObject({
      status: 412,
      message: expect.stringContaining("Call the GetPolicy API"),
    });
    await add(virtual, { Qualifier: "live", RevisionId: alias["RevisionId"] });
    expect(await statements(virtual, { Qualifier: "1" })).toMatchObject([{ Resource: `${arn}:1` }]);
    expect(await statements(virtual, { Qualifier: "live" })).toMatchObject([{ Resource: `${arn}:live` }]);
    const before = await get(virtual);
    await add(virtual, { StatementId: "more", RevisionId: before["RevisionId"] });
    expect((await get(virtual))["RevisionId"]).not.toBe(before["RevisionId"]);
    await expect(remove(virtual, { RevisionId: before["RevisionId"] })).rejects.toMatchObject({
      status: 412,
    });
  });

  it.each([
    [{ StatementId: "a.b" }, "Value 'a.b' at 'statementId' failed to satisfy constraint"],
    [{ Qualifier: "$LATEST" }, "We currently do not support adding policies for $LATEST."],
    [{ Principal: "me.example.com" }, "The provided principal was invalid."],
    [{ FunctionName: "g" }, `Function not found: ${arn.slice(0, -1)}g`],
    [{ Qualifier: "none" }, `Cannot find alias arn: ${arn}:none`],
    [{ Qualifier: "7" }, `Function not found: ${arn}:7`],
    [{ Qualifier: "a?" }, "Value 'a?' at 'qualifier' failed to satisfy constraint"],
  ])("does not take %j", async (input, words) => {
    const virtual = await withAlias();
    await expect(add(virtual, input)).rejects.toMatchObject({ message: expect.stringContaining(words) });
  });

  it("has a greatest size", async () => {
    const virtual = await withAlias();
    const grow = async (): Promise<never> => {
      for (let i = 0; ; i++) await add(virtual, { StatementId: `${"long".repeat(20)}${i}` });
    };
    await expect(grow()).rejects.toMatchObject({
      code: "PolicyLengthExceededException",
      message: expect.stringMatching(
        /^The final policy size \(20\d{3}\) is bigger than the limit \(20480\)\.$/,
      ),
    });
    expect(Buffer.byteLength(String((await get(virtual))["Policy"]))).toBeLessThanOrEqual(20_480);
  });

  it("has each statement id once", async () => {
    const virtual = await withAlias();
    await add(virtual);
    await expect(add(virtual)).rejects.toMatchObject({ status: 409, code: "ResourceConflictException" });
    await expect(remove(virtual, { FunctionName: "g" })).rejects.toThrow(/^No policy found for: /);
    await expect(remove(virtual, { Qualifier: "none" })).rejects.toThrow(/^Cannot find alias arn: /);
  });
});
