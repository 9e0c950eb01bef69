import { request as httpRequest } from "node:http";
import * as lambda from "@aws-sdk/client-lambda";
import * as sqs from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, createCloud } from "../cloud.ts";
import { timings } from "../timing.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

let cloud: Cloud;
let server: CloudServer;
let clients: { destroy(): void }[];

function client<T extends { destroy(): void }>(
  Client: new (settings: {
    endpoint: string;
    region: string;
    maxAttempts: number;
    customUserAgent: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  }) => T,
): T {
  const made = new Client({
    endpoint: server.url,
    region: "eu-west-1",
    maxAttempts: 1,
    customUserAgent: "unplug-test",
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  });
  clients.push(made);
  return made;
}

beforeEach(async () => {
  clients = [];
  cloud = createCloud({
    clock: { now: () => Date.now() },
    timing: timings.none,
    endpoint: () => server.url,
  });
  server = await serveCloud(cloud, { port: 0 });
});

afterEach(async () => {
  for (const made of clients) made.destroy();
  cloud.close();
  await server.close();
});

describe("Lambda over HTTP", () => {
  const path = "/2019-09-30/functions/f/provisioned-concurrency";

  async function raw(
    method: string,
    target: string,
    body?: unknown,
  ): Promise<[number, string | null, unknown]> {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
    const answer = await fetch(server.url + target, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [
      answer.status,
      answer.headers.get("x-amzn-errortype"),
      JSON.parse((await answer.text()) || "null"),
    ];
  }

  it("tells two operations of one path apart by what the query asks for", async () => {
    await expect(raw("GET", `${path}?Qualifier=live`)).resolves.toEqual([
      404,
      "ResourceNotFoundException",
      {
        Message: "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:f:live",
        Type: "User",
      },
    ]);
    await expect(raw("GET", `${path}?List=ALL`)).resolves.toMatchObject([
      404,
      "ResourceNotFoundException",
      { Message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f" },
    ]);
  });

  it.each([
    [
      "PUT",
      "/2020-06-30/functions/f/code-signing-config",
      { CodeSigningConfigArn: "csc" },
      ["Message", "Type"],
    ],
    ["POST", "/2015-03-31/functions", { FunctionName: "a b" }, ["message"]],
    [
      "POST",
      "/2015-03-31/functions/f/policy",
      { StatementId: "a", Action: "*", Principal: "x" },
      ["Type", "message"],
    ],
  ])("names the words of an error as that error does: %s %s", async (method, target, body, members) => {
    const [, , answer] = await raw(method, target, body);
    expect(Object.keys(Object(answer)).sort()).toEqual(members);
  });

  it("says nothing to another account", async () => {
    const FunctionName = "arn:aws:lambda:us-east-1:111111111111:function:f";
    const [status, code, body] = await raw("POST", "/2015-03-31/functions", { FunctionName });
    expect([status, code, body]).toEqual([403, "AccessDeniedException", { Message: null }]);
  });
});

describe("faults of the cloud over HTTP", () => {
  async function put(settings: unknown): Promise<Response> {
    return fetch(`${server.url}/_unplug/switches`, { method: "PUT", body: JSON.stringify(settings) });
  }

  it("deny, throttle and fail with errors that the SDK knows", async () => {
    const api = client(lambda.LambdaClient);
    await put({ deny: ["lambda:ListFunctions"] });
    await expect(api.send(new lambda.ListFunctionsCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("is not authorized to perform: lambda:ListFunctions on resource: *"),
    });
    await put({ deny: [], throttle: { ratePerSecond: 0.001, burst: 0 } });
    await expect(api.send(new lambda.ListFunctionsCommand({}))).rejects.toMatchObject({
      name: "TooManyRequestsException",
      $metadata: { httpStatusCode: 429 },
    });
    await put({
      throttle: null,
      fail: [{ action: "lambda:*", count: 1, status: 503, code: "ServiceException" }],
    });
    await expect(api.send(new lambda.ListFunctionsCommand({}))).rejects.toMatchObject({
      name: "ServiceException",
      $metadata: { httpStatusCode: 503 },
    });
    await api.send(new lambda.ListFunctionsCommand({}));
  });

  it("cut the connection after the work is done", async () => {
    const api = client(sqs.SQSClient);
    await put({ lose: [{ action: "sqs:CreateQueue", when: "after", count: 1 }] });
    await expect(api.send(new sqs.CreateQueueCommand({ QueueName: "q" }))).rejects.toThrow(
      /hang up|ECONNRESET/,
    );
    expect(cloud.queues.exists("arn:aws:sqs:eu-west-1:000000000000:q")).toBe(true);
  });

  it("are refused when they cannot be read", async () => {
    for (const settings of [
      { dny: [] },
      { deny: [1] },
      { lose: [{ action: "x", when: "never", count: 1 }] },
      [],
    ]) {
      expect((await put(settings)).status).toBe(400);
    }
  });
});

describe("the front", () => {
  it("records each call with its caller", async () => {
    await client(STSClient).send(new GetCallerIdentityCommand({}));
    const answer = await fetch(`${server.url}/_unplug/calls?action=sts:GetCallerIdentity`);
    expect(await answer.json()).toMatchObject({
      calls: [
        {
          action: "sts:GetCallerIdentity",
          region: "eu-west-1",
          accessKey: "AKIATEST",
          userAgent: expect.stringContaining("unplug-test"),
          outcome: "ok",
        },
      ],
    });
  });

  it.each([
    ["GET", "/", undefined, {}],
    ["POST", "/", "{", { "x-amz-target": "AmazonSQS.ListQueues" }],
    ["POST", "/", "[]", { "x-amz-target": "AmazonSQS.ListQueues" }],
    ["POST", "/", "{}", { "x-amz-target": "Firehose_20150804.ListDeliveryStreams" }],
    ["POST", "/", "{}", { "x-amz-target": "AmazonSQS.NoSuchThing" }],
    ["POST", "/", "Action=Nothing&Version=2011-06-15", {}],
    ["POST", "/", "Action=ListQueues&Version=2012-11-05&__proto__.x=1&constructor.y=2", {}],
    ["GET", "/2015-03-31/functions/%E0%A4%A", undefined, {}],
    ["PUT", "/2015-03-31/functions/f/configuration", "nonsense", {}],
    ["PUT", "/_unplug/switches", "nonsense", {}],
    ["POST", "/2015-03-31/functions", '{"FunctionName":7}', {}],
    ["GET", "//x", undefined, {}],
  ])("answers a bad request and lives on: %s %s %s", async (method, path, body, headers) => {
    const request = { method, headers, ...(body === undefined ? {} : { body }) };
    const answer = await fetch(`${server.url}${path}`, request);
    expect(answer.status).toBeGreaterThanOrEqual(body?.startsWith("Action=ListQueues") ? 200 : 400);
    expect(answer.status).toBeLessThan(500);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
    expect((await fetch(`${server.url}/_unplug/health`)).status).toBe(200);
  });

  it("closes while a long poll is open", async () => {
    const api = client(sqs.SQSClient);
    const { QueueUrl } = await api.send(new sqs.CreateQueueCommand({ QueueName: "q" }));
    const polled = api
      .send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
      .catch(() => "cut");
    await expect.poll(() => cloud.record.of("sqs:ReceiveMessage").length).toBe(1);
    await server.close();
    expect(await polled).toBe("cut");
    await expect(fetch(`${server.url}/_unplug/health`)).rejects.toThrow();
    server = await serveCloud(cloud, { port: 0 });
  });
});

describe("unusual requests", () => {
  it("are refused when they come from a web page", async () => {
    const headers = { origin: "http://evil.example", "content-type": "text/plain" };
    const answer = await fetch(`${server.url}/2015-03-31/functions`, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(403);
    expect(cloud.record.all()).toEqual([]);
  });

  function send(
    headers: Record<string, string>,
    parts: readonly (string | Buffer)[],
    path = "/",
  ): Promise<[number, string, number]> {
    return new Promise((resolve, reject) => {
      let continued = 0;
      const sent = httpRequest(server.url + path, { method: "POST", headers }, (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          body += chunk;
        });
        answer.on("end", () => resolve([answer.statusCode ?? 0, body, continued]));
      });
      const rest = (): void => {
        for (const part of parts) sent.write(part);
        sent.end();
      };
      sent.on("error", reject);
      sent.on("continue", () => {
        continued += 1;
        rest();
      });
      if (headers["expect"] === undefined) rest();
      else sent.flushHeaders();
    });
  }

  it("may come in chunks", async () => {
    const parts = ["Action=GetCaller", "Identity&Version", "=2011-06-15"];
    const [status, body] = await send({ "transfer-encoding": "chunked" }, parts);
    expect([status, body.includes("<Account>000000000000</Account>")]).toEqual([200, true]);
  });

  it("may ask whether to go on", async () => {
    const form = "Action=GetCallerIdentity&Version=2011-06-15";
    const headers = { expect: "100-continue", "content-length": String(form.length) };
    const [status, , continued] = await send(headers, [form]);
    expect([status, continued]).toEqual([200, 1]);
  });

  it("are refused above the size that Lambda takes", async () => {
    const megabyte = Buffer.alloc(1_048_576, "a");
    const chunked = { "transfer-encoding": "chunked" };
    const [status, body] = await send(chunked, Array(68).fill(megabyte), "/2015-03-31/functions");
    expect(status).toBe(413);
    const message = "Request must be smaller than 70167211 bytes for the CreateFunction operation";
    expect(JSON.parse(body)).toEqual({ message });
  });
});
