import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { sdkAws } from "../../packages/unplug/src/aws/sdk-aws.ts";
import { type Action, AwsError } from "../../packages/unplug/src/contract/aws.ts";
import { isMatch } from "../../packages/unplug/src/engine/is-match.ts";
import { parseLog } from "../../packages/unplug/src/faults/invocation-reports.ts";
import { JournalUnusable } from "../../packages/unplug/src/journal/journal-unusable.ts";
import { openJournal } from "../../packages/unplug/src/journal/sqlite-journal.ts";
import { exchange } from "../../packages/unplug/src/probes/http-exchange.ts";
import { jsonMeasures, jsonText } from "../../packages/unplug/src/probes/json-measures.ts";
import { readReport } from "../../packages/unplug/src/probes/lambda-report.ts";
import { readAnswer } from "../../packages/unplug/src/probes/prometheus-answer.ts";
import { openRegistry, RegistryError } from "../../packages/unplug/src/registry/index.ts";
import { printable } from "../../packages/unplug/src/report/printable.ts";
import { type FuzzTarget, holds } from "./target.ts";

const texts = (...all: readonly string[]) => all.map((text) => Buffer.from(text));

/** Asks a server that answers each request with these very bytes. */
async function withAnswer(bytes: Buffer, ask: (url: string) => Promise<unknown>): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).once("data", () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await ask(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  } finally {
    server.close();
  }
}

const http = (body: string | Buffer, ...headers: readonly string[]) =>
  Buffer.concat([
    Buffer.from(["HTTP/1.1 200 OK", `content-length: ${body.length}`, ...headers, "", ""].join("\r\n")),
    Buffer.from(body),
  ]);
const httpWords = [
  "HTTP/1.1 401 No\r\n",
  "content-length: ",
  "transfer-encoding: chunked\r\n",
  "location: /v2/\r\n",
  "\r\n",
  "content-encoding: gzip\r\n",
];

const actions: readonly (readonly [Action, Record<string, unknown>])[] = [
  ["lambda:GetFunction", { FunctionName: "orders" }],
  ["lambda:ListEventSourceMappings", { FunctionName: "orders" }],
  ["sts:GetCallerIdentity", {}],
  ["sqs:GetQueueAttributes", { QueueUrl: "http://127.0.0.1/1/q", AttributeNames: ["All"] }],
  ["logs:FilterLogEvents", { logGroupName: "a" }],
  ["cloudwatch:DescribeAlarms", { AlarmNames: ["a"] }],
];

const awsAnswers: FuzzTarget = {
  name: "aws-answers",
  samples: () => [
    http(
      '{"FunctionName":"orders","MemorySize":128,"Environment":{"Variables":{"A":"b"}},"State":"Active","Layers":[{"Arn":"a"}],"Account":"123456789012"}',
      "content-type: application/json",
    ),
    http(
      '{"EventSourceMappings":[{"UUID":"u","State":"Enabled","LastModified":1764000000.5}],"NextMarker":"m"}',
      "content-type: application/json",
    ),
    http(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      "content-type: text/xml",
    ),
    Buffer.from(
      'HTTP/1.1 400 Bad\r\nx-amzn-errortype: ThrottlingException\r\ncontent-length: 15\r\n\r\n{"message":"a"}',
    ),
    Buffer.from([0xa1, 0x6c, ...Buffer.from("MetricAlarms"), 0x80]),
  ],
  words: [
    ...httpWords,
    "&lt;",
    '<!ENTITY a "b">',
    "<![CDATA[",
    "]]>",
    '{"__type":"x"}',
    "\xa1",
    "\x9f",
    "\xbf",
  ],
  read: async (input) =>
    withAnswer(input, async (endpoint) => {
      const credentials = { accessKeyId: "a", secretAccessKey: "b" };
      const aws = sdkAws(
        {
          region: "us-east-1",
          endpoint,
          maxAttempts: 1,
          customUserAgent: [],
          now: () => 0,
          newProvider: () => () => Promise.resolve(credentials),
        },
        1_000,
      );
      const asked = await Promise.allSettled(
        actions.map(([action, about]) => aws.call(action, about as never)),
      );
      for (const one of asked) {
        if (one.status === "rejected" && !(one.reason instanceof AwsError)) throw one.reason;
      }
    }),
};

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { digest: `sha256:${"a".repeat(64)}`, size: 2 },
  layers: [],
});

const registry: FuzzTarget = {
  name: "registry",
  samples: () => [
    http(manifest, "content-type: application/vnd.oci.image.manifest.v1+json"),
    http(
      '{"token":"abc"}',
      'www-authenticate: Bearer realm="http://127.0.0.1/token",service="s",scope="repository:a:pull"',
    ),
    Buffer.from(
      'HTTP/1.1 401 No\r\nwww-authenticate: Basic realm="a", Bearer realm="http://127.0.0.1:1/t"\r\ncontent-length: 0\r\n\r\n',
    ),
    Buffer.from("HTTP/1.1 307 Go\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
    Buffer.from(
      'HTTP/1.1 404 No\r\ncontent-length: 48\r\n\r\n{"errors":[{"code":"MANIFEST_UNKNOWN","message":1}]}',
    ),
  ],
  words: [...httpWords, "www-authenticate: ", "Bearer ", 'realm="', "docker-content-digest: ", '"errors":['],
  read: async (input) =>
    withAnswer(input, async (url) => {
      const limits = { idleMs: 300, totalMs: 1_000, streamMs: 1_000, pauseMs: 1, smallBytes: 100_000 };
      const asked = openRegistry(url, { username: "a", password: "b" }, limits);
      const blob = { repository: "orders", digest: `sha256:${"a".repeat(64)}` };
      const all = await Promise.allSettled([
        asked.manifest("orders", "latest"),
        asked.hasBlob(blob),
        asked.smallBlob({ ...blob, size: 10 }),
      ]);
      for (const one of all)
        if (one.status === "rejected" && !(one.reason instanceof RegistryError)) throw one.reason;
    }),
};

const httpAnswers: FuzzTarget = {
  name: "http-answers",
  samples: () => [
    http('{"ok":true}', "content-type: application/json"),
    http(gzipSync(Buffer.alloc(200_000)), "content-encoding: gzip"),
    Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
  ],
  words: httpWords,
  read: async (input) =>
    withAnswer(input, async (url) => {
      const { body } = await exchange(url, { most: 50_000 });
      holds(Buffer.byteLength(body) <= 150_000, "more of a body is kept than may be");
    }),
  refuses: (error) => error instanceof Error && !(error instanceof RangeError),
};

const journal: FuzzTarget = {
  name: "journal",
  samples: async () => {
    const folder = mkdtempSync(join(tmpdir(), "unplug-journal-"));
    const made = openJournal(folder, { now: () => 1_764_000_000_000 });
    await made.take("r-1", ["a", "b"]);
    await made.append("r-1", 1_764_000_000_000, [
      { type: "step.skipped", step: "first", reason: "a test" },
      { type: "abort.requested", request: { by: "ctrl-c", signal: "SIGINT", leave: false } },
    ]);
    made.close();
    const whole = new DatabaseSync(join(folder, "journal.db"));
    whole.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    whole.close();
    const bytes = readFileSync(join(folder, "journal.db"));
    rmSync(folder, { recursive: true, force: true });
    return [bytes];
  },
  words: ["step.skipped", '{"type":', "SQLite format 3\0", "CREATE TABLE"],
  read: async (input) => {
    const folder = mkdtempSync(join(tmpdir(), "unplug-journal-"));
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "journal.db"), input, { mode: 0o600 });
      const opened = openJournal(folder, { now: () => 0 });
      try {
        for (const { run, startedAt } of await opened.runs()) {
          new Date(startedAt).toISOString();
          const events = await opened.read(run);
          holds(
            events.every(({ event }) => typeof event.type === "string"),
            "an event has no type",
          );
        }
      } finally {
        opened.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  refuses: (error) => error instanceof JournalUnusable,
};

const logs: FuzzTarget = {
  name: "logs",
  samples: () =>
    texts(
      "START RequestId: 8f5 Version: $LATEST\nunplug: blocked pid=1 n=1 behavior=refuse to=10.0.0.1:443 target=*\nREPORT RequestId: 8f5\tDuration: 12.3 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tInit Duration: 99.1 ms\tStatus: timeout\n",
      '{"time":"2026","type":"platform.report","record":{"requestId":"8f5","metrics":{"durationMs":12.3,"billedDurationMs":13,"initDurationMs":9},"status":"error"}}\n{"type":"platform.start"}\n',
      'INIT_REPORT Init Duration: 10000 ms\tPhase: init\tStatus: timeout\n{"errorType":"Error","errorMessage":"no","trace":["a"]}\n[ERROR] ValueError: no\nTraceback',
    ),
  words: [
    "REPORT RequestId: ",
    "Duration: ",
    " ms",
    "\t",
    "unplug: ",
    '{"type":"platform.report","record":',
    "Task timed out",
  ],
  read: (input) => {
    const text = input.toString();
    readReport(text);
    holds(!printable(text).includes("\n"), "a text is not on one line");
    const lines = text.split("\n").map((line, i) => ({ stream: String(i % 3), at: i, text: line }));
    parseLog(lines);
    parseLog([{ stream: "all", at: 0, text }]);
  },
};

const measures: FuzzTarget = {
  name: "json-measures",
  samples: () =>
    texts(
      '{"order":{"state":"open","items":[{"id":1},{"id":2}],"total":12.5,"paid":null,"ok":true}}',
      "[[1,2],[3]]",
    ),
  words: ['{"a":', "[", "]", "}", ",", '"__proto__":'],
  read: (input) => {
    const found = jsonMeasures(input.toString());
    jsonText(found);
    holds(Object.keys(found ?? {}).length <= 5_000 + 1, "there are more measures than may be");
  },
};

const prometheus: FuzzTarget = {
  name: "prometheus",
  samples: () =>
    texts(
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","queue":"orders"},"value":[1764000000.1,"12.5"]}]}}',
      '{"status":"success","data":{"resultType":"scalar","result":[1764000000.1,"NaN"]}}',
      '{"status":"success","data":["a","b"]}',
    ),
  read: (input) => {
    const answer = { statusCode: 200, statusText: "OK", headers: {}, body: input.toString(), isWhole: true };
    const { samples } = readAnswer(Object({ ...answer, bytes: input }), "http://prometheus.example.com");
    holds(
      (samples ?? []).every(({ value }) => typeof value === "number"),
      "a sample is no number",
    );
  },
  refuses: (error) => error instanceof Error && /answered|refuses/.test(error.message),
};

const patterns: FuzzTarget = {
  name: "patterns",
  samples: () => texts("(a+)+$\n" + "a".repeat(40), "^order-\\d+$\norder-12", "[\\p{L}]+\nüber"),
  words: ["(a|a)*$", "+", "*", "{1,99}", "(?=", "\\1", "|", "$"],
  read: (input) => {
    const [pattern = "", ...text] = input.toString().split("\n");
    isMatch(pattern, text.join("\n"));
  },
  refuses: (error) =>
    Object(error).name === "SyntaxError" ||
    /took longer than|Regular expression too large/.test(String(error)),
};

export const answerTargets: readonly FuzzTarget[] = [
  awsAnswers,
  registry,
  httpAnswers,
  journal,
  logs,
  measures,
  prometheus,
  patterns,
];
