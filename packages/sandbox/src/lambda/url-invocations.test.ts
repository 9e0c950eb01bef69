import { expect, it } from "vitest";
import { type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import type { InvokeAnswer } from "../runtime-port.ts";

const FunctionName = "greeter";

interface Called {
  readonly virtual: VirtualCloud;
  /** The events that the function was given. */
  readonly events: Record<string, unknown>[];
  call(request?: object): Promise<{ status: number; headers: Record<string, string>; text: string }>;
}

async function withUrl(said: unknown, more: object = {}, open = true): Promise<Called> {
  const events: Record<string, unknown>[] = [];
  const virtual = virtualCloud({
    invoke: async ({ payload }): Promise<InvokeAnswer> => {
      events.push(JSON.parse(String(payload)));
      const functionError = said === "throw" ? "Unhandled" : null;
      const answer = Buffer.from(JSON.stringify(said));
      return { payload: answer, functionError, logTail: null, executedVersion: "$LATEST" };
    },
  });
  await withFunction(virtual, FunctionName);
  const config = { FunctionName, AuthType: "NONE", ...more };
  const { FunctionUrl } = await virtual.call("lambda:CreateFunctionUrlConfig", config);
  const permission = { FunctionName, StatementId: "all", Action: "lambda:InvokeFunctionUrl", Principal: "*" };
  if (open) await virtual.call("lambda:AddPermission", { ...permission, FunctionUrlAuthType: "NONE" });
  return {
    virtual,
    events,
    call: async (request = {}) => {
      const input = { Domain: new URL(String(FunctionUrl)).host, Method: "GET", Target: "/", ...request };
      const { status, headers, body } = await virtual.call("lambda:InvokeFunctionUrl", input);
      return { status: Number(status), headers: Object(headers), text: String(body) };
    },
  };
}

it("gives the function the request in the format of version 2", async () => {
  const { events, call } = await withUrl("hi");
  const Headers = {
    "content-type": "text/plain",
    cookie: "a=1; b=2",
    "user-agent": "probe",
    connection: "close",
  };
  await call({
    Method: "POST",
    Target: "/a%20b?q=1&q=%2F",
    Headers,
    Body: Buffer.from("hello"),
    SourceIp: "10.0.0.9",
  });
  expect(events[0]).toMatchObject({
    version: "2.0",
    rawPath: "/a b",
    rawQueryString: "q=1&q=%2F",
    queryStringParameters: { q: "1,/" },
    cookies: ["a=1", "b=2"],
    headers: { "content-type": "text/plain", "x-forwarded-for": "10.0.0.9", "x-forwarded-proto": "https" },
    requestContext: {
      accountId: "anonymous",
      http: { method: "POST", path: "/a b", sourceIp: "10.0.0.9", userAgent: "probe" },
      time: "01/Mar/2026:12:00:01 +0000",
    },
    body: "hello",
    isBase64Encoded: false,
  });
  expect(Object(events[0]).headers).not.toHaveProperty("connection");
});

it("encodes a body that is no text, and leaves an empty one out", async () => {
  const { events, call } = await withUrl("hi");
  await call({ Method: "POST", Headers: { "content-type": "image/png" }, Body: Buffer.from([255, 0]) });
  await call();
  expect(events[0]).toMatchObject({ body: "/wA=", isBase64Encoded: true });
  expect(events[1]).toMatchObject({ isBase64Encoded: false });
  expect(events[1]).not.toHaveProperty("body");
});

it.each([
  [{ a: [1, 2] }, '{"a":[1,2]}'],
  ["hello", "hello"],
  [3.5, "3.5"],
  [true, "true"],
])("answers %j as JSON", async (said, text) => {
  const { call } = await withUrl(said);
  expect(await call()).toEqual({ status: 200, headers: { "content-type": "application/json" }, text });
});

it("takes status, headers and body from an answer that has a statusCode", async () => {
  const said = { statusCode: "418", headers: { "X-Pot": "tea" }, body: "dGVh", isBase64Encoded: true };
  const { call } = await withUrl(said);
  const headers = { "content-type": "application/json", "x-pot": "tea" };
  expect(await call()).toEqual({ status: 418, headers, text: "tea" });
});

it.each(["throw", { statusCode: "no number" }])("says 502 when the function answers %j", async (said) => {
  const { call } = await withUrl(said);
  expect(await call()).toMatchObject({ status: 502, text: "Internal Server Error" });
});

it("lets nobody in without a policy, or without a signature where one is asked for", async () => {
  for (const { call } of [await withUrl("hi", {}, false), await withUrl("hi", { AuthType: "AWS_IAM" })]) {
    expect(await call()).toMatchObject({
      status: 403,
      headers: { "x-amzn-ErrorType": "AccessDeniedException" },
      text: expect.stringContaining('{"Message":"Forbidden. For troubleshooting'),
    });
  }
});

it("knows no URL that was deleted", async () => {
  const { virtual, call } = await withUrl("hi");
  await virtual.call("lambda:DeleteFunctionUrlConfig", { FunctionName });
  expect(await call()).toMatchObject({ status: 403, text: '{"Message":null}' });
});

it("goes to the alias whose URL it is, and to nobody without it", async () => {
  const { virtual, events } = await withUrl("hi");
  await virtual.call("lambda:CreateAlias", { FunctionName, Name: "live", FunctionVersion: "$LATEST" });
  const alias = { FunctionName, Qualifier: "live" };
  const made = await virtual.call("lambda:CreateFunctionUrlConfig", { ...alias, AuthType: "NONE" });
  const permission = { StatementId: "all", Action: "lambda:InvokeFunctionUrl", Principal: "*" };
  await virtual.call("lambda:AddPermission", { ...alias, ...permission, FunctionUrlAuthType: "NONE" });
  const input = { Domain: new URL(String(made["FunctionUrl"])).host, Method: "GET", Target: "/" };
  expect(await virtual.call("lambda:InvokeFunctionUrl", input)).toMatchObject({ status: 200 });
  expect(events).toHaveLength(1);
  await virtual.call("lambda:DeleteAlias", { FunctionName, Name: "live" });
  expect(await virtual.call("lambda:InvokeFunctionUrl", input)).toMatchObject({ status: 403 });
});
