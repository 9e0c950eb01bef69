import { describe, expect, it } from "vitest";
import {
  testQueueArn,
  type VirtualCloud,
  virtualCloud,
  withFunction,
  withMapping,
} from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";
import { timings } from "../timing.ts";

const update = "lambda:UpdateEventSourceMapping";

async function stateOf(virtual: VirtualCloud, uuid: string): Promise<unknown> {
  return (await virtual.call("lambda:GetEventSourceMapping", { UUID: uuid }))["State"];
}

function polling(virtual: VirtualCloud): number {
  return virtual.cloud.mappings.enabledSqs().length;
}

describe("the states of a mapping", () => {
  it("goes from Creating to Enabled and polls only then", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
    const made = await virtual.call("lambda:CreateEventSourceMapping", {
      FunctionName: "worker",
      EventSourceArn: testQueueArn,
    });
    expect(made).toMatchObject({ State: "Creating", StateTransitionReason: "USER_INITIATED", BatchSize: 10 });
    virtual.pass(1999);
    expect(polling(virtual)).toBe(0);
    virtual.pass(1);
    expect(await stateOf(virtual, String(made["UUID"]))).toBe("Enabled");
    expect(virtual.cloud.mappings.enabledSqs()).toMatchObject([{ queueArn: testQueueArn, batchSize: 10 }]);
  });

  it("goes over Disabling to Disabled and over Enabling back", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    expect(await virtual.call(update, { UUID: uuid, Enabled: false })).toMatchObject({ State: "Disabling" });
    expect(polling(virtual)).toBe(1);
    virtual.pass(2000);
    expect(await stateOf(virtual, uuid)).toBe("Disabled");
    expect(polling(virtual)).toBe(0);
    expect(await virtual.call(update, { UUID: uuid, Enabled: true })).toMatchObject({ State: "Enabling" });
    virtual.pass(2000);
    expect(await stateOf(virtual, uuid)).toBe("Enabled");
    expect(polling(virtual)).toBe(1);
  });

  it("goes on polling for the lag after it says Disabled", async () => {
    const sqs = { ...timings.fast.mapping.sqs, pollStopLagMs: 5000 };
    const virtual = virtualCloud({ timing: { ...timings.fast, mapping: { ...timings.fast.mapping, sqs } } });
    const uuid = await withMapping(virtual);
    await virtual.call(update, { UUID: uuid, Enabled: false });
    virtual.pass(6999);
    expect(await stateOf(virtual, uuid)).toBe("Disabled");
    expect(polling(virtual)).toBe(1);
    virtual.pass(1);
    expect(polling(virtual)).toBe(0);
  });

  it("does not poll again when it is disabled before it was enabled", async () => {
    const sqs = { ...timings.fast.mapping.sqs, pollStopLagMs: 5000 };
    const virtual = virtualCloud({ timing: { ...timings.fast, mapping: { ...timings.fast.mapping, sqs } } });
    const uuid = await withMapping(virtual);
    await virtual.call(update, { UUID: uuid, Enabled: false });
    virtual.pass(10_000);
    await virtual.call(update, { UUID: uuid, Enabled: true });
    virtual.pass(1000);
    await virtual.call(update, { UUID: uuid, Enabled: false });
    virtual.pass(2000);
    expect(await stateOf(virtual, uuid)).toBe("Disabled");
    expect(polling(virtual)).toBe(0);
  });

  it("says Disabled at once when it is created disabled", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
    const made = await virtual.call("lambda:CreateEventSourceMapping", {
      FunctionName: "worker",
      EventSourceArn: testQueueArn,
      Enabled: false,
    });
    expect(made["State"]).toBe("Disabled");
  });

  it("is gone some time after its deletion", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    expect(await virtual.call("lambda:DeleteEventSourceMapping", { UUID: uuid })).toMatchObject({
      State: "Deleting",
    });
    virtual.pass(1000);
    await expect(stateOf(virtual, uuid)).rejects.toMatchObject({
      status: 404,
      message: "The resource you requested does not exist.",
    });
  });

  it("stays when its function is deleted", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    await virtual.call("lambda:DeleteFunction", { FunctionName: "worker" });
    expect(await stateOf(virtual, uuid)).toBe("Enabled");
  });

  it("stays in its transition while it is stuck, and ends it afterwards", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    virtual.cloud.switches.set({ stuckMappings: [uuid] });
    await virtual.call(update, { UUID: uuid, Enabled: false });
    virtual.pass(600_000);
    expect(await stateOf(virtual, uuid)).toBe("Disabling");
    virtual.cloud.switches.set({ stuckMappings: [] });
    expect(await stateOf(virtual, uuid)).toBe("Disabled");
  });

  it("can be re-enabled while it is disabling, unless the switch refuses that", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    await virtual.call(update, { UUID: uuid, Enabled: false });
    virtual.pass(1000);
    expect(await virtual.call(update, { UUID: uuid, Enabled: true })).toMatchObject({ State: "Enabling" });
    virtual.cloud.switches.set({ mappingUpdateInTransition: "refuse" });
    const refused = virtual.call(update, { UUID: uuid, Enabled: false });
    await expect(refused).rejects.toMatchObject({ status: 400, code: "ResourceInUseException" });
    virtual.pass(2000);
    expect(await stateOf(virtual, uuid)).toBe("Enabled");
  });

  it("refuses updates while it is being created", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
    const input = { FunctionName: "worker", EventSourceArn: testQueueArn };
    const { UUID } = await virtual.call("lambda:CreateEventSourceMapping", input);
    const refused = virtual.call(update, { UUID, Enabled: false });
    await expect(refused).rejects.toMatchObject({ code: "ResourceInUseException" });
  });
});

describe("what a mapping may be", () => {
  it.each([
    ["kinesis", "arn:aws:kinesis:us-east-1:000000000000:stream/s", "TRIM_HORIZON", "User action"],
    ["dynamodb", "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026", "LATEST", "User action"],
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

  it("takes events from Kafka that is not AWS's", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    const source = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["k:9092"] } };
    const made = await virtual.call("lambda:CreateEventSourceMapping", {
      FunctionName: "worker",
      SelfManagedEventSource: source,
      Topics: ["t"],
      StartingPosition: "LATEST",
    });
    expect(made).toMatchObject({ SelfManagedEventSource: source, Topics: ["t"] });
    expect(made).not.toHaveProperty("EventSourceArn");
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
    ["a function that is not there", { FunctionName: "nope" }, /Function not found/],
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
    await expect(virtual.call("lambda:ListTags", { Resource: `${Resource}9` })).rejects.toThrow(
      /does not exist/,
    );
  });
});

describe("lists of mappings", () => {
  it("have at most 100 entries a page, whatever was asked for", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    for (let n = 0; n < 205; n++) {
      await virtual.call("lambda:CreateEventSourceMapping", {
        FunctionName: "worker",
        EventSourceArn: `arn:aws:kinesis:us-east-1:000000000000:stream/s${n}`,
        StartingPosition: "LATEST",
      });
    }
    const sizes: number[] = [];
    const seen = new Set<unknown>();
    let Marker: unknown;
    do {
      const page = await virtual.call("lambda:ListEventSourceMappings", { MaxItems: 1000, Marker });
      const items = Array.isArray(page["EventSourceMappings"]) ? page["EventSourceMappings"] : [];
      for (const item of items) if (isRecord(item)) seen.add(item["UUID"]);
      sizes.push(items.length);
      Marker = page["NextMarker"];
    } while (Marker !== undefined);
    expect(sizes).toEqual([100, 100, 5]);
    expect(seen.size).toBe(205);
  });

  it.each([
    ["worker", 1],
    ["000000000000:function:worker", 1],
    ["arn:aws:lambda:us-east-1:000000000000:function:worker", 1],
    ["worker:live", 0],
    ["other", 0],
  ])("by the function %s have %i entries", async (FunctionName, count) => {
    const virtual = virtualCloud();
    await withMapping(virtual);
    const listed = await virtual.call("lambda:ListEventSourceMappings", { FunctionName });
    expect(listed["EventSourceMappings"]).toHaveLength(count);
  });
});
