import { describe, expect, it } from "vitest";
import {
  testQueueArn,
  type VirtualCloud,
  virtualCloud,
  withFunction,
  withMapping,
} from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

const update = "lambda:UpdateEventSourceMapping";
const tableStream = "arn:aws:dynamodb:us-east-1:000000000000:table/carts/stream/2026-03-01T12:00:00.000";

function filteredBy(Pattern: string): Record<string, unknown> {
  return { FilterCriteria: { Filters: [{ Pattern }] } };
}

/** Makes a Kinesis stream; gives its ARN. */
async function withStream(virtual: VirtualCloud): Promise<string> {
  await virtual.call("kinesis:CreateStream", { StreamName: "clicks", ShardCount: 1 });
  return "arn:aws:kinesis:us-east-1:000000000000:stream/clicks";
}

/** Makes a table with a stream; gives the ARN of the stream. */
async function withTableStream(virtual: VirtualCloud): Promise<string> {
  const { TableDescription } = await virtual.call("dynamodb:CreateTable", {
    TableName: "carts",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  });
  return isRecord(TableDescription) ? String(TableDescription["LatestStreamArn"]) : "";
}

async function stateOf(virtual: VirtualCloud, uuid: string): Promise<unknown> {
  return (await virtual.call("lambda:GetEventSourceMapping", { UUID: uuid }))["State"];
}

describe("what a mapping may be", () => {
  it.each([
    ["kafka", "arn:aws:kafka:us-east-1:000000000000:cluster/c/1", "LATEST", "User action"],
    ["mq", "arn:aws:mq:us-east-1:000000000000:broker:b:1", undefined, "User action"],
  ])("takes events from %s", async (_kind, arn, position, reason) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    const made = await virtual.call("lambda:CreateEventSourceMapping", {
      FunctionName: "worker",
      EventSourceArn: arn,
      ...(position === undefined ? {} : { StartingPosition: position }),
    });
    expect(made).toMatchObject({ EventSourceArn: arn, StateTransitionReason: reason });
    virtual.pass(2000);
    expect(await stateOf(virtual, String(made["UUID"]))).toBe("Enabled");
  });

  it.each([
    ["a Kinesis stream", withStream],
    ["the stream of a table", withTableStream],
  ])("shows of %s all that can be set, with what Lambda fills in", async (_what, source) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    const EventSourceArn = await source(virtual);
    const made = await virtual.call("lambda:CreateEventSourceMapping", {
      FunctionName: "worker:$LATEST",
      EventSourceArn,
      StartingPosition: "TRIM_HORIZON",
      FilterCriteria: { Filters: [] },
    });
    const { UUID, EventSourceMappingArn, LastModified, ...others } = made;
    expect(EventSourceMappingArn).toContain(String(UUID));
    expect(typeof LastModified).toBe("number");
    expect(others).toEqual({
      BatchSize: 100,
      BisectBatchOnFunctionError: false,
      DestinationConfig: { OnFailure: {} },
      EventSourceArn,
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:worker:$LATEST",
      FunctionResponseTypes: [],
      LastProcessingResult: "No records processed",
      MaximumBatchingWindowInSeconds: 0,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: -1,
      ParallelizationFactor: 1,
      StartingPosition: "TRIM_HORIZON",
      State: "Creating",
      StateTransitionReason: "User action",
      TumblingWindowInSeconds: 0,
    });
  });

  it("shows of a queue no member of streams", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    const shown = await virtual.call("lambda:GetEventSourceMapping", { UUID: uuid });
    expect(Object.keys(shown).sort()).toEqual([
      "BatchSize",
      "EventSourceArn",
      "EventSourceMappingArn",
      "FunctionArn",
      "FunctionResponseTypes",
      "LastModified",
      "MaximumBatchingWindowInSeconds",
      "State",
      "StateTransitionReason",
      "UUID",
    ]);
  });

  it("takes events from Kafka that is not AWS's", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    const source = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["k:9092"] } };
    const input = { FunctionName: "worker", SelfManagedEventSource: source, Topics: ["t"] };
    const create = "lambda:CreateEventSourceMapping";
    await expect(virtual.call(create, input)).rejects.toThrow(
      /Required 'sourceAccessConfigurations' parameter is missing/,
    );
    const SourceAccessConfigurations = [
      { Type: "BASIC_AUTH", URI: "arn:aws:secretsmanager:us-east-1:1:secret:s" },
    ];
    const made = await virtual.call(create, { ...input, SourceAccessConfigurations });
    expect(made).toMatchObject({
      SelfManagedEventSource: source,
      Topics: ["t"],
      StartingPosition: "TRIM_HORIZON",
      StateTransitionReason: "USER_INITIATED",
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: made["UUID"] },
    });
    expect(made).not.toHaveProperty("EventSourceArn");
    const more = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["k:9092", "l:9092"] } };
    const again = { ...input, SelfManagedEventSource: more, SourceAccessConfigurations };
    await expect(virtual.call(create, again)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('event source ("k:9092,l:9092")'),
    });
  });

  it.each([
    ["a queue that is not there", { EventSourceArn: `${testQueueArn}2` }, /NonExistentQueue/],
    [
      "a large batch without a window",
      { BatchSize: 11 },
      /Maximum batch window in seconds must be greater than 0/,
    ],
    ["a batch of 10001", { BatchSize: 10_001 }, /less than or equal to 10000/],
    [
      "a stream without a start",
      { EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s" },
      /Value null at 'startingPosition'/,
    ],
    [
      "a source that Lambda does not poll",
      { EventSourceArn: "arn:aws:s3:::bucket" },
      /Unrecognized event source/,
    ],
    ["a function that is not there", { FunctionName: "nope" }, /^Function does not exist$/],
    [
      "a stream that is not there",
      { EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", StartingPosition: "LATEST" },
      /^Stream not found: arn:aws:kinesis:us-east-1:000000000000:stream\/s$/,
    ],
    [
      "a start by time in a table's stream",
      { EventSourceArn: tableStream, StartingPosition: "AT_TIMESTAMP" },
      /^Unsupported starting position for arn type: arn:aws:dynamodb/,
    ],
    [
      "a start that is none",
      { EventSourceArn: tableStream, StartingPosition: "NOW" },
      /at 'startingPosition' .* enum value set: \[LATEST, AT_TIMESTAMP, TRIM_HORIZON\]$/,
    ],
    [
      "a member of streams for a queue",
      { DestinationConfig: { OnFailure: { Destination: testQueueArn } } },
      /^Unsupported DestinationConfig parameter for given event source mapping type\.$/,
    ],
    ["a pattern that is no JSON", filteredBy("words"), /^Invalid filter pattern definition\.$/],
    ["an operator of none", filteredBy('{"a":[{"near":1}]}'), /^Invalid filter pattern definition\.$/],
    ["a pattern of null", filteredBy("null"), /^Invalid filter pattern definition\.$/],
    ["a pattern without a list", filteredBy('{"a":"b"}'), /^Invalid filter pattern definition\.$/],
    ["a pattern with an empty list", filteredBy('{"a":[]}'), /^Invalid filter pattern definition\.$/],
  ])("refuses %s", async (_what, input, words) => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
    const all = { FunctionName: "worker", EventSourceArn: testQueueArn, ...input };
    await expect(virtual.call("lambda:CreateEventSourceMapping", all)).rejects.toThrow(words);
  });

  it("refuses the same pair of queue and function twice", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    const again = { FunctionName: "worker", EventSourceArn: testQueueArn };
    await expect(virtual.call("lambda:CreateEventSourceMapping", again)).rejects.toMatchObject({
      status: 409,
      message: `An event source mapping with SQS arn (" ${testQueueArn} ") and function (" worker ") already exists. Please update or delete the existing mapping with UUID ${uuid}`,
    });
  });

  it("refuses the same pair of stream and function twice, in words of their own", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    const EventSourceArn = await withStream(virtual);
    const input = { FunctionName: "worker", EventSourceArn, StartingPosition: "LATEST" };
    const { UUID } = await virtual.call("lambda:CreateEventSourceMapping", input);
    await expect(virtual.call("lambda:CreateEventSourceMapping", input)).rejects.toMatchObject({
      status: 409,
      message: `The event source arn (" ${EventSourceArn} ") and function (" worker ") provided mapping already exists. Please update or delete the existing mapping with UUID ${String(UUID)}`,
    });
  });

  it("refuses to enable a mapping whose queue has gone", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    await virtual.call(update, { UUID: uuid, Enabled: false });
    virtual.pass(2000);
    await virtual.call("sqs:DeleteQueue", { QueueUrl: "/000000000000/orders" });
    await expect(virtual.call(update, { UUID: uuid, Enabled: true })).rejects.toThrow(/NonExistentQueue/);
    expect(await stateOf(virtual, uuid)).toBe("Disabled");
  });

  it("keeps tags of its own", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    const Resource = `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid}`;
    await virtual.call("lambda:TagResource", { Resource, Tags: { "unplug:run": "1", other: "2" } });
    await virtual.call("lambda:UntagResource", { Resource, TagKeys: ["other"] });
    expect(await virtual.call("lambda:ListTags", { Resource })).toEqual({ Tags: { "unplug:run": "1" } });
    const other = Resource.replace(uuid, "00000000-1111-2222-3333-444444444444");
    await expect(virtual.call("lambda:ListTags", { Resource: other })).rejects.toThrow(
      `Event source mapping not found: ${other}`,
    );
  });
});
