import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import * as lambda from "@aws-sdk/client-lambda";
import * as sqs from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, createCloud } from "../cloud.ts";
import { smallestZip } from "../cloud-for-test.ts";
import type { InvokeAnswer, InvokeRequest } from "../runtime-port.ts";
import { timings } from "../timing.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

const arn = "arn:aws:lambda:eu-west-1:000000000000:function:f";
const newFunction = {
  FunctionName: "f",
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Role: "arn:aws:iam::000000000000:role/r",
  Code: { ZipFile: smallestZip() },
  Tags: { team: "a b" },
} as const;

let cloud: Cloud;
let server: CloudServer;
let clients: { destroy(): void }[];

async function echo({ payload, image, logTail }: InvokeRequest): Promise<InvokeAnswer> {
  const failed = payload.includes("boom");
  return {
    payload,
    functionError: failed ? "Unhandled" : null,
    logTail: logTail ? "bG9n" : null,
    executedVersion: image.version,
  };
}

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
    invoke: echo,
  });
  server = await serveCloud(cloud, { port: 0 });
});

afterEach(async () => {
  for (const made of clients) made.destroy();
  cloud.close();
  await server.close();
});

describe("Lambda over HTTP", () => {
  it("lets the SDK make, read, change and delete a function", async () => {
    const api = client(lambda.LambdaClient);
    await api.send(new lambda.CreateFunctionCommand(newFunction));
    const got = await api.send(new lambda.GetFunctionCommand({ FunctionName: arn }));
    expect(got).toMatchObject({ Configuration: { State: "Active" }, Tags: { team: "a b" } });
    const code = await fetch(got.Code?.Location ?? "");
    expect(Buffer.from(await code.arrayBuffer())).toEqual(smallestZip());
    const updated = await api.send(
      new lambda.UpdateFunctionConfigurationCommand({
        FunctionName: arn,
        Environment: { Variables: { AA: "ü" } },
      }),
    );
    expect(updated.Environment?.Variables).toEqual({ AA: "ü" });
    await lambda.waitUntilFunctionUpdatedV2({ client: api, maxWaitTime: 10 }, { FunctionName: "f" });
    await api.send(new lambda.TagResourceCommand({ Resource: arn, Tags: { x: "y" } }));
    await api.send(new lambda.UntagResourceCommand({ Resource: arn, TagKeys: ["team", "none"] }));
    expect((await api.send(new lambda.ListTagsCommand({ Resource: arn }))).Tags).toEqual({ x: "y" });
    await api.send(new lambda.DeleteFunctionCommand({ FunctionName: "f" }));
    const missing = api.send(new lambda.GetFunctionCommand({ FunctionName: "f" }));
    await expect(missing).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: `Function not found: ${arn}`,
      Type: "User",
    });
  });

  it("lets the SDK toggle a mapping", async () => {
    const api = client(lambda.LambdaClient);
    await client(sqs.SQSClient).send(new sqs.CreateQueueCommand({ QueueName: "q" }));
    await api.send(new lambda.CreateFunctionCommand(newFunction));
    const { UUID } = await api.send(
      new lambda.CreateEventSourceMappingCommand({
        FunctionName: "f",
        EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:q",
      }),
    );
    const off = await api.send(new lambda.UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    expect(off).toMatchObject({ State: "Disabling" });
    expect(off.LastModified).toBeInstanceOf(Date);
    const listed = await api.send(
      new lambda.ListEventSourceMappingsCommand({ FunctionName: arn, MaxItems: 5 }),
    );
    expect(listed.EventSourceMappings).toMatchObject([{ UUID, State: "Disabled" }]);
    const missing = api.send(new lambda.GetEventSourceMappingCommand({ UUID: "no uuid/ü" }));
    await expect(missing).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("lets the SDK invoke, with log, error and throttle", async () => {
    const api = client(lambda.LambdaClient);
    await api.send(new lambda.CreateFunctionCommand(newFunction));
    const answer = await api.send(
      new lambda.InvokeCommand({ FunctionName: "f", Payload: '{"a":1}', LogType: "Tail" }),
    );
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST", LogResult: "bG9n" });
    expect(answer.Payload?.transformToString()).toBe('{"a":1}');
    const failed = await api.send(new lambda.InvokeCommand({ FunctionName: "f", Payload: '"boom"' }));
    expect(failed.FunctionError).toBe("Unhandled");
    await api.send(
      new lambda.PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions: 0 }),
    );
    const throttled = api.send(new lambda.InvokeCommand({ FunctionName: "f" }));
    await expect(throttled).rejects.toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    });
    const concurrency = await api.send(new lambda.GetFunctionConcurrencyCommand({ FunctionName: "f" }));
    expect(concurrency.ReservedConcurrentExecutions).toBe(0);
    expect((await api.send(new lambda.GetAccountSettingsCommand({}))).AccountUsage?.FunctionCount).toBe(1);
  });
});

describe("SQS over HTTP", () => {
  it("lets the SDK send, receive and delete, with binary attributes", async () => {
    const api = client(sqs.SQSClient);
    const { QueueUrl } = await api.send(new sqs.CreateQueueCommand({ QueueName: "q" }));
    const bytes = Uint8Array.of(0, 255, 7);
    const polled = api.send(
      new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ["All"] }),
    );
    await api.send(
      new sqs.SendMessageCommand({
        QueueUrl,
        MessageBody: "<ü&>",
        MessageAttributes: { bin: { DataType: "Binary", BinaryValue: bytes } },
      }),
    );
    const { Messages } = await polled;
    expect(Messages?.[0]?.Body).toBe("<ü&>");
    expect(Messages?.[0]?.MessageAttributes?.["bin"]?.BinaryValue).toEqual(bytes);
    const Entries = [{ Id: "a", ReceiptHandle: Messages?.[0]?.ReceiptHandle }];
    const deleted = await api.send(new sqs.DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(deleted.Successful).toEqual([{ Id: "a" }]);
    const { Attributes } = await api.send(
      new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: "arn:aws:sqs:eu-west-1:000000000000:q",
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
    });
  });

  it("tells the SDK that a queue is not there", async () => {
    const missing = client(sqs.SQSClient).send(new sqs.GetQueueUrlCommand({ QueueName: "none" }));
    await expect(missing).rejects.toBeInstanceOf(sqs.QueueDoesNotExist);
  });

  it("keeps a message that arrives after the poller has gone", async () => {
    const api = client(sqs.SQSClient);
    const { QueueUrl } = await api.send(new sqs.CreateQueueCommand({ QueueName: "q" }));
    const gone = new AbortController();
    const polled = api.send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: gone.signal,
    });
    await expect.poll(() => cloud.record.of("sqs:ReceiveMessage").length).toBe(1);
    gone.abort();
    await expect(polled).rejects.toThrow();
    await expect.poll(() => cloud.record.of("sqs:ReceiveMessage")[0]?.outcome).toBe("ok");
    await api.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    const { Messages } = await api.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toHaveLength(1);
  });
});

describe("the other services over HTTP", () => {
  it("tell the SDK who it is, before and after a role is assumed", async () => {
    const api = client(STSClient);
    expect(await api.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: "000000000000" });
    const input = { RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "run" };
    const { Credentials, AssumedRoleUser } = await api.send(new AssumeRoleCommand(input));
    expect(Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now());
    expect(AssumedRoleUser?.Arn).toBe("arn:aws:sts::123456789012:assumed-role/r/run");
    const refused = api.send(new AssumeRoleCommand({ ...input, RoleArn: "arn:aws:iam::1:nothing/at/all" }));
    await expect(refused).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("give the SDK metrics", async () => {
    const at = Math.floor(Date.now() / 60_000) * 60_000;
    const dimensions = { FunctionName: "f" };
    const series = { region: "eu-west-1", namespace: "AWS/Lambda", name: "Invocations", dimensions };
    cloud.metrics.add(series, 2, at);
    const api = client(CloudWatchClient);
    const span = { StartTime: new Date(at - 60_000), EndTime: new Date(at + 60_000) };
    const metric = {
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [{ Name: "FunctionName", Value: "f" }],
    };
    const found = await api.send(
      new GetMetricStatisticsCommand({ ...metric, ...span, Period: 60, Statistics: ["Sum"] }),
    );
    expect(found.Datapoints).toEqual([{ Timestamp: new Date(at), Sum: 2, Unit: "Count" }]);
    const MetricDataQueries = [{ Id: "a", MetricStat: { Metric: metric, Period: 60, Stat: "Sum" } }];
    const data = await api.send(new GetMetricDataCommand({ ...span, MetricDataQueries }));
    expect(data.MetricDataResults?.[0]).toMatchObject({ Timestamps: [new Date(at)], Values: [2] });
  });

  it("give the SDK logs", async () => {
    const place = { region: "eu-west-1", group: "/aws/lambda/f", stream: "s" };
    cloud.logs.append(place, Date.now(), "ERROR boom");
    cloud.logs.append(place, Date.now(), "fine");
    const api = client(CloudWatchLogsClient);
    const input = { logGroupName: "/aws/lambda/f", filterPattern: "ERROR" };
    const { events } = await api.send(new FilterLogEventsCommand(input));
    expect(events).toMatchObject([{ message: "ERROR boom", logStreamName: "s" }]);
    expect((await api.send(new DescribeLogGroupsCommand({}))).logGroups).toHaveLength(1);
    const missing = api.send(new FilterLogEventsCommand({ logGroupName: "none" }));
    await expect(missing).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
