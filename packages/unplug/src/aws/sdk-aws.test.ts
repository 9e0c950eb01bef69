import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { AwsError } from "../contract/aws.ts";
import { sdkAws } from "./sdk-aws.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that answers everything in one way; gives its URL and what it was asked. */
async function serve(answer: Answer): Promise<{ endpoint: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, asked };
}

function awsAt(endpoint: string, answerMs?: number) {
  return sdkAws(
    {
      region: "us-east-1",
      endpoint,
      credentials: () => Promise.resolve({ accessKeyId: "a", secretAccessKey: "b" }),
      maxAttempts: 1,
      customUserAgent: [
        ["unplug", "1.2.3"],
        ["run", "r-42"],
      ],
    },
    answerMs,
  );
}

const UPDATE = "lambda:UpdateEventSourceMapping";
const write = (endpoint: string, answerMs?: number, signal?: AbortSignal) =>
  awsAt(endpoint, answerMs).call(UPDATE, { UUID: "u", Enabled: true }, signal);

async function failure(work: Promise<unknown>): Promise<AwsError> {
  const error: unknown = await work.then(
    () => "it succeeded",
    (thrown: unknown) => thrown,
  );
  if (error instanceof AwsError) return error;
  throw new Error(`no AwsError: ${String(error)}`);
}

const json =
  (status: number, code: string, message: string): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": code });
    response.end(JSON.stringify({ Message: message, message }));
  };

describe("an answer of AWS", () => {
  it.each<[string, Answer, Partial<AwsError>]>([
    [
      "403",
      json(403, "AccessDeniedException", "not authorized"),
      { code: "AccessDeniedException", status: 403, outcome: "refused" },
    ],
    [
      "404",
      json(404, "ResourceNotFoundException", "none"),
      { code: "ResourceNotFoundException", status: 404, outcome: "refused" },
    ],
    [
      "409",
      json(409, "ResourceConflictException", "busy"),
      { code: "ResourceConflictException", status: 409, outcome: "refused" },
    ],
    [
      "412",
      json(412, "PreconditionFailedException", "old"),
      { code: "PreconditionFailedException", status: 412, outcome: "refused" },
    ],
    [
      "429",
      json(429, "TooManyRequestsException", "slow down"),
      { code: "TooManyRequestsException", status: 429, outcome: "refused" },
    ],
    [
      "500",
      json(500, "ServiceException", "sorry"),
      { code: "ServiceException", status: 500, outcome: "unknown" },
    ],
    ["503", json(503, "ServiceUnavailable", "sorry"), { status: 503, outcome: "unknown" }],
    [
      "an expired token",
      json(403, "ExpiredTokenException", "expired"),
      { code: "ExpiredTokenException", outcome: "refused" },
    ],
  ])(
    "of %s keeps its code and status, and says what is known of the write",
    async (_what, answer, expected) => {
      const { endpoint, asked } = await serve(answer);
      expect(await failure(write(endpoint))).toMatchObject({ action: UPDATE, ...expected });
      // One attempt a call: who may try again is decided outside.
      expect(asked).toHaveLength(1);
    },
  );

  it.each<[string, number, string]>([
    ["a proxy's page", 200, "<html>Welcome to the hotel</html>"],
    ["a gateway's page", 502, "<html>Bad Gateway</html>"],
    ["a login page", 403, "<html>Log in</html>"],
    ["half an answer", 200, '{"UUID": "u"'],
  ])("that is %s is unreadable, and the write unknown", async (_what, status, body) => {
    const { endpoint } = await serve((response) => {
      response.writeHead(status, { "content-type": "text/html" });
      response.end(body);
    });
    const error = await failure(write(endpoint));
    expect(error.outcome).toBe("unknown");
    expect(error.message).not.toContain("\n");
  });

  it("that has no body is taken as AWS's", async () => {
    const { endpoint } = await serve((response) => response.writeHead(200).end());
    expect(await write(endpoint)).toMatchObject({});
  });

  it("that never comes because the connection is reset leaves the write unknown", async () => {
    const { endpoint } = await serve((response) => response.socket?.resetAndDestroy());
    expect(await failure(write(endpoint))).toMatchObject({
      code: "ECONNRESET",
      status: null,
      outcome: "unknown",
    });
  });

  it("that does not come in time leaves the write unknown", async () => {
    const { endpoint } = await serve(() => undefined);
    expect(await failure(write(endpoint, 150))).toMatchObject({
      code: "TimeoutError",
      status: null,
      outcome: "unknown",
    });
  });

  it("that nobody can give, since nobody listens, means that nothing was sent", async () => {
    const { endpoint } = await serve(() => undefined);
    await closers.pop()?.();
    expect(await failure(write(endpoint))).toMatchObject({
      code: "ECONNREFUSED",
      status: null,
      outcome: "unsent",
    });
    expect((await failure(write("http://nowhere.invalid"))).outcome).toBe("unsent");
  });
});

describe("an abort", () => {
  it("ends a read that is under way", async () => {
    const abort = new AbortController();
    const { endpoint } = await serve(() => abort.abort());
    const read = awsAt(endpoint).call("lambda:GetEventSourceMapping", { UUID: "u" }, abort.signal);
    expect(await failure(read)).toMatchObject({ code: "Aborted", outcome: "unsent" });
  });

  it("never ends a write that has left: its answer is awaited", async () => {
    const abort = new AbortController();
    const { endpoint } = await serve((response) => {
      abort.abort();
      setImmediate(() => response.writeHead(202, { "content-type": "application/json" }).end('{"UUID":"u"}'));
    });
    expect(await write(endpoint, undefined, abort.signal)).toMatchObject({ UUID: "u" });
  });

  it("before a write keeps it from leaving", async () => {
    const { endpoint, asked } = await serve((response) => response.end("{}"));
    const error = await failure(write(endpoint, undefined, AbortSignal.abort()));
    expect(error).toMatchObject({ code: "Aborted", outcome: "unsent" });
    expect(asked).toEqual([]);
  });
});

it("names the program and the run in the user agent of each call", async () => {
  const { endpoint, asked } = await serve((response) =>
    response.writeHead(200, { "content-type": "application/json" }).end("{}"),
  );
  await write(endpoint);
  expect(asked[0]?.headers["user-agent"]).toMatch(/\bunplug\/1\.2\.3 run\/r-42\b/);
});
