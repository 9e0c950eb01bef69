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

describe("lists of mappings", () => {
  it("have at most 100 entries a page, whatever was asked for", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "worker");
    for (let n = 0; n < 205; n++) {
      await virtual.call("kinesis:CreateStream", { StreamName: `s${n}`, ShardCount: 1 });
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
