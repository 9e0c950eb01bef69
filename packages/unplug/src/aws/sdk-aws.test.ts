import { describe, expect, it } from "vitest";
import { type Aws, type AwsError, isMissing, isPassing } from "../contract/aws.ts";
import { type Answer, endpointFor, failure, json } from "./endpoint-for-test.ts";
import { sdkAws } from "./sdk-aws.ts";

function awsAt(endpoint: string, answerMs?: number) {
  return sdkAws(
    {
      region: "us-east-1",
      endpoint,
      newProvider: () => () => Promise.resolve({ accessKeyId: "a", secretAccessKey: "b" }),
      now: () => Date.now(),
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

const readOf = {
  sts: (aws: Aws) => aws.call("sts:GetCallerIdentity", {}),
  sqs: (aws: Aws) => aws.call("sqs:GetQueueUrl", { QueueName: "q" }),
  kinesis: (aws: Aws) =>
    aws.call("kinesis:DescribeStreamSummary", {
      StreamARN: "arn:aws:kinesis:us-east-1:123456789012:stream/s",
    }),
  cloudwatch: (aws: Aws) => aws.call("cloudwatch:ListMetrics", {}),
  logs: (aws: Aws) => aws.call("logs:FilterLogEvents", { logGroupName: "g", startTime: 0, endTime: 1 }),
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
      const { endpoint, asked } = await endpointFor(answer);
      expect(await failure(write(endpoint))).toMatchObject({ action: UPDATE, ...expected });
      // One attempt a call: who may try again is decided outside.
      expect(asked).toHaveLength(1);
    },
  );

  it.each<[string, number, string, string]>([
    ["a proxy's page", 200, "text/html", "<html>Welcome to the hotel</html>"],
    ["a gateway's page", 502, "text/html", "<html>Bad Gateway</html>"],
    ["a login page", 403, "text/html", "<html>Log in</html>"],
    ["a way to a login page", 302, "text/html", ""],
    ["a page that is not there", 404, "text/html", "<html><body>Not found</body></html>"],
    ["half an answer", 200, "application/json", '{"UUID": "u"'],
    ["another program's 404", 404, "application/json", '{"error":"not found"}'],
    ["another program's code", 404, "application/json", '{"code":404,"message":"not found"}'],
    ["a 404 of nothing", 404, "application/json", "null"],
    ["an empty 404", 404, "application/json", ""],
    ["an empty 504", 504, "text/plain", ""],
  ])("that is %s is unreadable: never absence, and the write unknown", async (_what, status, type, body) => {
    const { endpoint } = await endpointFor((response) => {
      response.writeHead(status, { "content-type": type });
      response.end(body);
    });
    const error = await failure(write(endpoint));
    expect(error).toMatchObject({ code: "UnreadableAnswer", status, outcome: "unknown" });
    expect(error.message).toContain(`HTTP ${status}`);
    expect(error.message).not.toContain("\n");
    expect(isMissing(error)).toBe(false);
    expect(isPassing(error)).toBe(true);
  });

  it.each(["sts", "sqs", "kinesis", "logs"] as const)(
    "that is no answer of AWS's to %s is unreadable, too",
    async (service) => {
      for (const [status, body] of [
        [404, "<html><body>Not found</body></html>"],
        [404, ""],
        [403, '{"error":"no"}'],
      ] as const) {
        const { endpoint } = await endpointFor((response) => response.writeHead(status).end(body));
        expect(await failure(readOf[service](awsAt(endpoint)))).toMatchObject({
          code: "UnreadableAnswer",
          status,
        });
      }
    },
  );

  it.each<[string, "sqs" | "kinesis" | "logs", Answer]>([
    ["a queue", "sqs", json(400, "QueueDoesNotExist", "none")],
    [
      "a queue, in the words of the old protocol",
      "sqs",
      (response) => {
        response.writeHead(400, {
          "content-type": "application/x-amz-json-1.0",
          "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender",
        });
        response.end('{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"}');
      },
    ],
    ["a stream", "kinesis", json(400, "ResourceNotFoundException", "none")],
    ["a log group", "logs", json(400, "ResourceNotFoundException", "none")],
  ])("that there is no such thing as %s is absence", async (_what, service, answer) => {
    const { endpoint } = await endpointFor(answer);
    const error = await failure(readOf[service](awsAt(endpoint)));
    expect(error.outcome).toBe("refused");
    expect(isMissing(error)).toBe(true);
  });

  it("that has no body is taken as AWS's", async () => {
    const { endpoint } = await endpointFor((response) => response.writeHead(200).end());
    expect(await write(endpoint)).toMatchObject({});
  });

  it("that never comes because the connection is reset leaves the write unknown", async () => {
    const { endpoint } = await endpointFor((response) => response.socket?.resetAndDestroy());
    expect(await failure(write(endpoint))).toMatchObject({
      code: "ECONNRESET",
      status: null,
      outcome: "unknown",
    });
  });

  it("that does not come in time leaves the write unknown", async () => {
    const { endpoint } = await endpointFor(() => undefined);
    expect(await failure(write(endpoint, 150))).toMatchObject({
      code: "TimeoutError",
      status: null,
      outcome: "unknown",
    });
  });

  it("that nobody can give, since nobody listens, means that nothing was sent", async () => {
    const { endpoint, close } = await endpointFor(() => undefined);
    await close();
    expect(await failure(write(endpoint))).toMatchObject({
      code: "ECONNREFUSED",
      status: null,
      outcome: "unsent",
    });
    // A name that no network is asked for.
    expect((await failure(write("http://nowhere..invalid"))).outcome).toBe("unsent");
    // A name of more than one address.
    const local = endpoint.replace("127.0.0.1", "localhost");
    expect((await failure(write(local))).outcome).toBe("unsent");
  });
});

describe("an abort", () => {
  it("ends a read that is under way", async () => {
    const abort = new AbortController();
    const { endpoint } = await endpointFor(() => abort.abort());
    const read = awsAt(endpoint).call("lambda:GetEventSourceMapping", { UUID: "u" }, abort.signal);
    expect(await failure(read)).toMatchObject({ code: "Aborted", outcome: "unsent" });
  });

  it("never ends a write that has left: its answer is awaited", async () => {
    const abort = new AbortController();
    const { endpoint } = await endpointFor((response) => {
      abort.abort();
      setImmediate(() => response.writeHead(202, { "content-type": "application/json" }).end('{"UUID":"u"}'));
    });
    expect(await write(endpoint, undefined, abort.signal)).toMatchObject({ UUID: "u" });
  });

  it("before a write keeps it from leaving", async () => {
    const { endpoint, asked } = await endpointFor((response) => response.end("{}"));
    const error = await failure(write(endpoint, undefined, AbortSignal.abort()));
    expect(error).toMatchObject({ code: "Aborted", outcome: "unsent" });
    expect(asked).toEqual([]);
  });
});

it("names the program and the run in the user agent of each call", async () => {
  const { endpoint, asked } = await endpointFor((response) =>
    response.writeHead(200, { "content-type": "application/json" }).end("{}"),
  );
  await write(endpoint);
  expect(asked[0]?.headers["user-agent"]).toMatch(/\bunplug\/1\.2\.3 run\/r-42\b/);
});

it("refuses a page that is said to come after itself, and no other", async () => {
  const { endpoint } = await endpointFor((response) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end('{"Versions":[],"Functions":[],"NextMarker":"m"}'),
  );
  const aws = awsAt(endpoint);
  const versions = (page: { Marker?: string }) =>
    aws.call("lambda:ListVersionsByFunction", { FunctionName: "orders", ...page });
  expect((await versions({})).NextMarker).toBe("m");
  expect((await versions({ Marker: "l" })).NextMarker).toBe("m");
  await expect(versions({ Marker: "m" })).rejects.toMatchObject({ code: "UnreadableAnswer" });
  await expect(aws.call("lambda:ListFunctions", { FunctionVersion: "ALL", Marker: "m" })).rejects.toThrow(
    "its list has no end",
  );
});

describe("a version", () => {
  const answer: Answer = (response) => response.writeHead(204).end();
  const remove = (endpoint: string, Version: string) =>
    awsAt(endpoint).call("lambda:DeleteVersion", { FunctionName: "orders", Version });

  it("is deleted by its number", async () => {
    const { endpoint, asked } = await endpointFor(answer);
    await remove(endpoint, "7");
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "DELETE /2015-03-31/functions/orders?Qualifier=7",
    ]);
  });

  it.each(["", " ", "0", "07", "7\n", "$LATEST", "live", "7 8", "<number of the version>"])(
    "that %j names is not deleted: without a number the whole function would be",
    async (version) => {
      const { endpoint, asked } = await endpointFor(answer);
      await expect(remove(endpoint, version)).rejects.toThrow("is not the number of a version");
      expect(asked).toEqual([]);
    },
  );
});
