import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { arnMatches, globMatches } from "./patterns.ts";
import { readPolicy } from "./policy-document.ts";

type Keys = Readonly<Record<string, readonly string[]>>;
const fn = "arn:aws:lambda:us-east-1:000000000000:function:orders";

function decided(statements: readonly object[], action: string, resource = fn, keys: Keys = {}): string {
  const text = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return decide(readPolicy(text, "identity"), { action, resource }, keys);
}

type Row = readonly [name: string, statement: object, action: string, resource: string, decision: string];
const rows: readonly Row[] = [
  ["an action by name", { Action: "lambda:GetFunction", Resource: "*" }, "lambda:GetFunction", fn, "allowed"],
  ["another case", { Action: "LAMBDA:getfunction", Resource: "*" }, "lambda:GetFunction", fn, "allowed"],
  [
    "another action",
    { Action: "lambda:GetFunction", Resource: "*" },
    "lambda:GetFunctionConfiguration",
    fn,
    "implicitDeny",
  ],
  [
    "a star in an action",
    { Action: "lambda:Get*", Resource: "*" },
    "lambda:GetFunctionConfiguration",
    fn,
    "allowed",
  ],
  [
    "a question mark",
    { Action: "s3:?etObject", Resource: "*" },
    "s3:GetObject",
    "arn:aws:s3:::b/k",
    "allowed",
  ],
  ["all but", { NotAction: "iam:*", Resource: "*" }, "lambda:Invoke", fn, "allowed"],
  ["not all but", { NotAction: "lambda:*", Resource: "*" }, "lambda:Invoke", fn, "implicitDeny"],
  ["an ARN", { Action: "*", Resource: fn }, "lambda:GetFunction", fn, "allowed"],
  ["the ARN of a version", { Action: "*", Resource: fn }, "lambda:GetFunction", `${fn}:1`, "implicitDeny"],
  ["any version", { Action: "*", Resource: `${fn}:*` }, "lambda:GetFunction", `${fn}:1`, "allowed"],
  [
    "the function of any version",
    { Action: "*", Resource: `${fn}:*` },
    "lambda:GetFunction",
    fn,
    "implicitDeny",
  ],
  [
    "another region",
    { Action: "*", Resource: fn.replace("us-east-1", "eu-*") },
    "lambda:GetFunction",
    fn,
    "implicitDeny",
  ],
  [
    "any region and account",
    { Action: "*", Resource: "arn:aws:lambda:*:*:function:ord*" },
    "lambda:GetFunction",
    fn,
    "allowed",
  ],
  ["an ARN where there is none", { Action: "*", Resource: fn }, "lambda:ListFunctions", "*", "implicitDeny"],
  ["all but a resource", { Action: "*", NotResource: `${fn}-2` }, "lambda:GetFunction", fn, "allowed"],
];

describe("a policy", () => {
  it.each(rows)("decides by %s", (...[, statement, action, resource, decision]: Row) => {
    expect(decided([{ Effect: "Allow", ...statement }], action, resource)).toBe(decision);
  });

  it("denies whatever else allows it", () => {
    const both = [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "lambda:Update*", Resource: "*" },
    ];
    expect(decided(both, "lambda:UpdateFunctionCode")).toBe("explicitDeny");
    expect(decided(both, "lambda:GetFunction")).toBe("allowed");
  });

  const team: Keys = { "aws:resourcetag/team": ["chaos"], "aws:username": ["ann"] };
  const list: Keys = { "aws:tagkeys": ["a", "b"] };
  type Held = readonly [operator: string, key: string, values: unknown, keys: Keys, holds: boolean];
  const conditions: readonly Held[] = [
    ["StringEquals", "aws:ResourceTag/team", "chaos", team, true],
    ["StringEquals", "aws:ResourceTag/team", ["a", "chaos"], team, true],
    ["StringEquals", "aws:ResourceTag/team", "chaos", {}, false],
    ["StringEqualsIfExists", "aws:ResourceTag/team", "chaos", {}, true],
    ["StringNotEquals", "aws:ResourceTag/team", ["a", "chaos"], team, false],
    ["StringNotEquals", "aws:ResourceTag/team", "x", {}, true],
    ["StringEqualsIgnoreCase", "aws:ResourceTag/team", "CHAOS", team, true],
    ["StringLike", "aws:ResourceTag/team", "ch*", team, true],
    ["StringNotLike", "aws:ResourceTag/team", "ch*", team, false],
    ["StringEquals", "aws:username", "${aws:username}", team, true],
    [
      "ArnLike",
      "lambda:FunctionArn",
      "arn:aws:lambda:*:*:function:or*",
      { "lambda:functionarn": [fn] },
      true,
    ],
    ["ArnEquals", "lambda:FunctionArn", `${fn}x`, { "lambda:functionarn": [fn] }, false],
    ["Bool", "aws:SecureTransport", true, { "aws:securetransport": ["true"] }, true],
    ["Null", "aws:TokenIssueTime", "true", {}, true],
    ["Null", "aws:TokenIssueTime", "true", { "aws:tokenissuetime": ["x"] }, false],
    ["NumericLessThan", "s3:max-keys", "10", { "s3:max-keys": ["9"] }, true],
    [
      "DateLessThan",
      "aws:TokenIssueTime",
      "2026-01-02T00:00:00Z",
      { "aws:tokenissuetime": ["2026-01-01T00:00:00Z"] },
      true,
    ],
    ["DateLessThan", "aws:TokenIssueTime", "2026-01-02T00:00:00Z", {}, false],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], list, true],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["a"], list, false],
    ["ForAnyValue:StringEquals", "aws:TagKeys", ["a"], list, true],
    ["ForAnyValue:StringEquals", "aws:TagKeys", ["a"], {}, false],
  ];
  it.each(conditions)(
    "holds under %s of %s %j with %j: %s",
    (...[operator, key, values, keys, holds]: Held) => {
      const statement = {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { [operator]: { [key]: values } },
      };
      expect(decided([statement], "lambda:GetFunction", fn, keys)).toBe(holds ? "allowed" : "implicitDeny");
    },
  );

  it.each([
    ["no JSON", "{"],
    ["no statement", JSON.stringify({ Version: "2012-10-17" })],
    ["another version", JSON.stringify({ Version: "2020-01-01", Statement: [] })],
    ["no effect", JSON.stringify({ Statement: [{ Action: "*", Resource: "*" }] })],
    ["no resource", JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*" }] })],
    [
      "a principal",
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*", Principal: "*" }] }),
    ],
    [
      "an action without a service",
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: "Get", Resource: "*" }] }),
    ],
    [
      "a resource that is no ARN",
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "f" }] }),
    ],
    [
      "an unknown operator",
      JSON.stringify({
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*", Condition: { Like: {} } }],
      }),
    ],
    [
      "an unknown member",
      JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*", Note: "" }] }),
    ],
  ])("is refused with %s", (_name, text) => {
    expect(() => readPolicy(text, "identity")).toThrow(
      expect.objectContaining({ code: "MalformedPolicyDocument", status: 400 }),
    );
  });
});

describe("patterns", () => {
  it("end in time, whatever is compared", () => {
    expect(globMatches(`${"*a".repeat(2000)}b`, "a".repeat(4000))).toBe(false);
  });

  it("compare the parts of ARNs one by one", () => {
    expect(arnMatches("arn:aws:*:function:orders", fn)).toBe(false);
    expect(arnMatches("arn:aws:lambda", fn)).toBe(true);
  });
});
