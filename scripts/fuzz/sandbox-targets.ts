import { ApiError } from "../../packages/sandbox/src/api-error.ts";
import { createCloud } from "../../packages/sandbox/src/cloud.ts";
import { readManifest } from "../../packages/sandbox/src/ecr/manifest.ts";
import { eventFilter } from "../../packages/sandbox/src/event-filter.ts";
import { answerRequest } from "../../packages/sandbox/src/http/answer-request.ts";
import { decodeAwsChunked } from "../../packages/sandbox/src/http/aws-chunked.ts";
import { arnMatches, globMatches } from "../../packages/sandbox/src/iam/patterns.ts";
import { readPolicy } from "../../packages/sandbox/src/iam/policy-document.ts";
import { jsonComplaint } from "../../packages/sandbox/src/lambda/json-complaint.ts";
import { filterPattern } from "../../packages/sandbox/src/logs/filter-pattern.ts";
import { idsOf, readExpression } from "../../packages/sandbox/src/metrics/math-syntax.ts";
import { elfHeader } from "../../packages/sandbox/src/runtime/elf-header.ts";
import { tarEntries } from "../../packages/sandbox/src/runtime/tar-entries.ts";
import { tokenClaims } from "../../packages/sandbox/src/sts/web-identity-token.ts";
import { timings } from "../../packages/sandbox/src/timing.ts";
import { realArchives, withChecksums } from "./real-archives.ts";
import { type FuzzTarget, holds } from "./target.ts";

const texts = (...all: readonly string[]) => all.map((text) => Buffer.from(text));
const isApiError = (error: unknown) => error instanceof ApiError;

/** A first line of method and target, headers, an empty line, the body. */
const requests: FuzzTarget = {
  name: "sandbox-requests",
  mostBytes: 400_000,
  samples: () => {
    const signed = (service: string) =>
      `authorization: AWS4-HMAC-SHA256 Credential=test/20260301/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const json = (target: string, service: string, body: unknown) =>
      `POST /\nx-amz-target: ${target}\ncontent-type: application/x-amz-json-1.0\n${signed(service)}\n\n${JSON.stringify(body)}`;
    return texts(
      json("AmazonSQS.CreateQueue", "sqs", {
        QueueName: "orders",
        Attributes: { VisibilityTimeout: "30" },
        tags: { a: "b" },
      }),
      json("AmazonSQS.SendMessage", "sqs", {
        QueueUrl: "/000000000000/orders",
        MessageBody: "x",
        DelaySeconds: 1,
      }),
      json("Logs_20140328.FilterLogEvents", "logs", {
        logGroupName: "/aws/lambda/f",
        filterPattern: '?"a b" -c',
        limit: 3,
      }),
      json("GraniteServiceVersion20100801.GetMetricData", "monitoring", {
        StartTime: 1_764_000_000,
        EndTime: 1_764_000_600,
        MetricDataQueries: [
          {
            Id: "a",
            MetricStat: {
              Metric: {
                Namespace: "AWS/Lambda",
                MetricName: "Errors",
                Dimensions: [{ Name: "FunctionName", Value: "f" }],
              },
              Period: 60,
              Stat: "Sum",
            },
          },
          { Id: "b", Expression: "FILL(a, 0) * 2 + IF(a > 1, a, 0)" },
        ],
      }),
      `POST /\n${signed("monitoring")}\ncontent-type: application/x-www-form-urlencoded\n\nAction=PutMetricAlarm&Version=2010-08-01&AlarmName=a&Namespace=AWS%2FSQS&MetricName=m&Period=60&EvaluationPeriods=3&Statistic=Sum&Threshold=1&ComparisonOperator=GreaterThanThreshold&Dimensions.member.1.Name=QueueName&Dimensions.member.1.Value=q`,
      `POST /\n${signed("sts")}\n\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fr&RoleSessionName=s&WebIdentityToken=a.b.c`,
      `POST /\n${signed("iam")}\n\nAction=SimulateCustomPolicy&Version=2010-05-08&PolicyInputList.member.1=%7B%22Version%22%3A%222012-10-17%22%7D&ActionNames.member.1=lambda%3AInvoke`,
      `POST /2015-03-31/event-source-mappings/\n${signed("lambda")}\n\n{"EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:orders","FunctionName":"f","BatchSize":10,"FilterCriteria":{"Filters":[{"Pattern":"{\\"body\\":{\\"a\\":[1]}}"}]}}`,
      `PUT /2015-03-31/functions/f/configuration\n${signed("lambda")}\n\n{"MemorySize":256,"Environment":{"Variables":{"A":"b"}},"Layers":[]}`,
      `GET /2015-03-31/functions?Marker=a&MaxItems=10\n${signed("lambda")}\n\n`,
      `PUT /bucket/key%20a?partNumber=1&uploadId=x\n${signed("s3")}\nx-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\nx-amz-meta-a: b\n\n5;chunk-signature=ab\r\nhello\r\n0\r\n\r\n`,
      `POST /bucket?delete\n${signed("s3")}\n\n<Delete><Object><Key>a&amp;b</Key></Object><Quiet>true</Quiet></Delete>`,
      `POST /bucket/key?uploadId=x\n${signed("s3")}\n\n<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"a"</ETag></Part></CompleteMultipartUpload>`,
      `PUT /_unplug/switches\n\n{"deny":["lambda:Invoke"],"latencyMs":0}`,
    );
  },
  words: [
    "&",
    "=",
    ".member.1.",
    "%00",
    "%",
    "<",
    "</",
    "&amp;",
    "-6\r\n",
    "STREAMING-",
    "constructor",
    '"constructor":',
    "Version=constructor",
  ],
  read: async (input) => {
    // Made anew each time: what one request leaves is no matter of the next.
    const cloud = createCloud({ clock: { now: () => 1_764_000_000_000 }, timing: timings.none });
    try {
      const end = input.indexOf("\n\n");
      const [first = "", ...lines] = input.toString("latin1", 0, end < 0 ? input.length : end).split("\n");
      const [method = "GET", target = "/"] = first.split(" ");
      const headers = Object.fromEntries(
        lines.map((line) => [
          line.split(":")[0]?.toLowerCase() ?? "",
          line.slice(line.indexOf(":") + 1).trim(),
        ]),
      );
      const request = {
        method,
        target: target.startsWith("/") ? target : `/${target}`,
        headers,
        body: end < 0 ? Buffer.alloc(0) : input.subarray(end + 2),
      };
      const answer = await answerRequest(cloud, request, {
        requestId: "r",
        signal: new AbortController().signal,
      });
      holds(
        !answer.body.includes("The cloud failed inside"),
        `the cloud failed inside: ${answer.body.toString().slice(0, 300)}`,
      );
    } finally {
      cloud.close();
    }
  },
};

const layers: FuzzTarget = {
  name: "sandbox-layers",
  samples: () =>
    realArchives([
      ["tar", "-c", "--format=gnu", "-f", "MADE", "."],
      ["tar", "-c", "--format=pax", "-f", "MADE", "."],
      ["bsdtar", "-c", "--format=pax", "-f", "MADE", "."],
    ]),
  words: ["30 mtime=1.5\n", "12 path=usr\n", "path=", "size=", "ustar"],
  mend: withChecksums,
  read: async (input) => {
    async function* pieces() {
      for (let at = 0; at < input.length; at += 7_000) yield input.subarray(at, at + 7_000);
    }
    for await (const entry of tarEntries(pieces())) {
      holds(entry.size >= 0, "an entry is shorter than nothing");
      if (entry.size % 2 === 0) for await (const _ of entry.content());
    }
  },
  refuses: (error) => error instanceof Error && /tar/i.test(error.message),
};

const policies: FuzzTarget = {
  name: "sandbox-policies",
  samples: () =>
    texts(
      '{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["lambda:*","s3:Get*"],"Resource":"arn:aws:lambda:*:*:function:o?ders","Condition":{"StringLikeIfExists":{"aws:username":["a*"]},"ForAnyValue:StringEquals":{"aws:TagKeys":["x"]}}}]}',
    ),
  words: ['"constructor":', '"NotAction":', "*", "?"],
  read: (input) => readPolicy(input.toString(), "identity"),
  refuses: isApiError,
};

const smallTexts: FuzzTarget = {
  name: "sandbox-texts",
  samples: () =>
    texts(
      "FILL(m1, 0) + IF(m2 > 5, m2, 0) / SUM([m1, m2]) ^ 2",
      '{"body":{"kind":["order",{"prefix":"a"}],"price":[{"numeric":[">",10]}],"$or":[{"a":[1]}]}}',
      '?"START RequestId" -b "a phrase"',
      "arn:aws:lambda:*:000000000000:function:o*s?",
      "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2lzc3VlciIsImF1ZCI6WyJhIl0sImV4cCI6MX0.c2ln",
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:a","size":1},"layers":[]}',
      "5;chunk-signature=ab\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n",
    ),
  words: ["(", "[", "-", "^", "{", '"', "*", "?", ",", ".", "-6\r\n"],
  read: (input) => {
    const text = input.toString();
    const tried: readonly (() => unknown)[] = [
      () => idsOf(readExpression(text)),
      () => filterPattern(text)("START RequestId"),
      () => tokenClaims(text),
      () => readManifest(input),
      () => decodeAwsChunked(input),
    ];
    for (const attempt of tried) {
      try {
        attempt();
      } catch (error) {
        if (!isApiError(error)) throw error;
      }
    }
    try {
      eventFilter([text])({ body: text });
    } catch (error) {
      holds(
        error instanceof SyntaxError || /^The filter|JSON/.test(String(Object(error).message)),
        `a filter throws ${String(error)}`,
      );
    }
    const [pattern, arn] = [text.slice(0, 3_000), text.slice(-3_000)];
    globMatches(pattern, arn);
    arnMatches(pattern, arn);
    holds(
      globMatches(text.replace(/[*?]/g, "x"), text.replace(/[*?]/g, "x")),
      "a text is not matched by itself",
    );
    jsonComplaint(input);
    elfHeader(input);
  },
};

export const sandboxTargets: readonly FuzzTarget[] = [requests, layers, policies, smallTexts];
