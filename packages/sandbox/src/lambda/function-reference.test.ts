import { describe, expect, it } from "vitest";
import { namedFunction } from "./function-reference.ts";

const place = { region: "us-east-1", account: "000000000000" };
const arn = "arn:aws:lambda:us-east-1:000000000000:function";
const read = (FunctionName: string, Qualifier?: string) =>
  namedFunction({ FunctionName, ...(Qualifier !== undefined && { Qualifier }) }, place);

describe("the name of a function in an input", () => {
  it.each([
    ["f", null, "f"],
    ["f:7", "7", "f"],
    ["us-east-1:f", null, "f"],
    ["function:f:live", "live", "f"],
    ["000000000000:function:f", null, "f"],
    [`${arn}:f:$LATEST`, "$LATEST", "f"],
    [arn, null, "function"],
  ])("reads %s", (given, qualifier, name) => {
    const qualifiedArn = `${arn}:${name}${qualifier === null ? "" : `:${qualifier}`}`;
    expect(read(given)).toEqual({ name, qualifier, arn: `${arn}:${name}`, qualifiedArn });
  });

  it.each([
    "f!",
    "a:b:c",
    "wrong:function:f",
    `${arn}:f:1:2`,
    `${arn}:f:$LAST`,
    "arn:aws:lambda::000000000000:function:f",
    "arn:aws:lambda:us-east-1::function:f",
    "arn:aws:lambda:nowhere:000000000000:function:f",
    "arn:aws:s3:us-east-1:000000000000:function:f",
  ])("refuses %s", (given) => {
    expect(() => read(given)).toThrow(
      `1 validation error detected: Value '${given}' at 'functionName' failed`,
    );
  });

  it("tells all that is wrong at once", () => {
    expect(() => read("f!", "q!")).toThrow(
      /^2 validation errors detected: Value 'f!' at 'functionName' .*; Value 'q!' at 'qualifier' /,
    );
    expect(() => read("f", "q".repeat(129))).toThrow(/length less than or equal to 128$/);
  });

  it("takes one qualifier, however often it is given", () => {
    expect(read("f:live", "live").qualifier).toBe("live");
    expect(() => read("f:live", "1")).toThrow("The derived qualifier from the function name does not match");
  });

  it("is narrower where something is made", () => {
    const plain = (FunctionName: string) => namedFunction({ FunctionName }, place, "plain");
    expect(read("f.x").name).toBe("f.x");
    expect(() => plain("f.x")).toThrow(/at 'functionName' failed/);
    expect(() => plain("f".repeat(141))).toThrow(/length less than or equal to 140/);
    expect(() => namedFunction({ FunctionName: "f:1" }, place, "bare")).toThrow(/at 'functionName' failed/);
  });
});
