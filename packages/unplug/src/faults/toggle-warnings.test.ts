import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { ACCOUNT, REGION } from "../../../../test/support/world.ts";
import { AwsError } from "../contract/aws.ts";
import { lambdaToggleEventMappingState as fault } from "./lambda-toggle-event-mapping-state.ts";

const HOUR = 3_600_000;
const arnOf = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const stream = { EventSourceArn: arnOf("kinesis", "stream/clicks"), StartingPosition: "LATEST" };
const table = { EventSourceArn: arnOf("dynamodb", "table/carts/stream/1"), StartingPosition: "LATEST" };
const keeps = (RetentionPeriodHours: number) => ({
  "kinesis:DescribeStreamSummary": () => ({ StreamDescriptionSummary: { RetentionPeriodHours } }),
});

async function warningsWith(trial: FaultTrial, holdMs = 300_000): Promise<string> {
  return (await trial.targets({ EVENT_UUIDS: "all" }, holdMs)).warnings.join("\n");
}

/** AWS's own failure of ListTags. */
function answer(code: string, status: number): never {
  const outcome = status < 500 ? "refused" : "unknown";
  throw new AwsError("lambda:ListTags", { code, status, outcome, message: "no tags" });
}

describe("a hold that outlives what the source keeps", () => {
  it.each([
    ["a Kinesis stream", stream, keeps(24), 24 * HOUR],
    ["a DynamoDB stream, always a day", table, {}, 24 * HOUR],
  ])("of %s is refused as certain loss", async (_what, source, answers, holdMs) => {
    const trial = await FaultTrial.of(fault, {}, answers);
    await trial.addMapping(source);
    const said = await trial.refusal({ EVENT_UUIDS: "all" }, holdMs);
    expect(said).toContain("certain to outlive the source's retention");
    expect(said).toContain(`keeps events for ${24 * 3600} s, the fault would be held for ${holdMs / 1000} s`);
    expect(said).toContain("Shorten TOTAL_CHAOS_DURATION");
  });

  it("of a queue is refused by the queue's own retention, and one that may lose something is warned of", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    const QueueUrl = String((await trial.cloud("sqs:GetQueueUrl", { QueueName: "orders-0" })).QueueUrl);
    await trial.cloud("sqs:SetQueueAttributes", { QueueUrl, Attributes: { MessageRetentionPeriod: "600" } });
    expect(await trial.refusal({ EVENT_UUIDS: "all" }, 600_000)).toContain("keeps events for 600 s");
    expect(await warningsWith(trial, 300_000)).toContain("keeps events for 600 s only");
    expect(await warningsWith(trial, 299_000)).not.toContain("only: what is older");
  });

  it.each([
    [29_000, false],
    [30_000, true],
  ])(
    "of a queue is asked for only where some queue could lose something: %i ms, %s",
    async (holdMs, isAsked) => {
      const asked: unknown[] = [];
      const answers = {
        "sqs:GetQueueAttributes": (input: unknown) => {
          asked.push(input);
          return { Attributes: { MessageRetentionPeriod: "60" } };
        },
      };
      const trial = await FaultTrial.of(fault, { mappings: 1 }, answers);
      expect((await warningsWith(trial, holdMs)).includes("keeps events for 60 s only")).toBe(isAsked);
      expect(asked).toHaveLength(isAsked ? 1 : 0);
    },
  );

  it("is not known of a stream that we may not ask, and nothing is claimed", async () => {
    const trial = await FaultTrial.of(fault);
    await trial.addMapping(stream);
    trial.world.cloud.switches.set({ deny: ["kinesis:DescribeStreamSummary"] });
    expect(await warningsWith(trial, 48 * HOUR)).toBe("");
  });
});

describe("a warning", () => {
  it.each([
    ["SQS", null, 59_000, 60],
    ["a stream", stream, 89_000, 90],
  ])("says of %s that polling may outlast a short hold", async (_what, source, holdMs, seconds) => {
    const trial = await FaultTrial.of(fault, { mappings: source === null ? 1 : 0 });
    if (source !== null) await trial.addMapping(source);
    const said = await warningsWith(trial, holdMs);
    expect(said).toContain(
      `polling for up to ${seconds} s after Disabled, and the fault is held for ${holdMs / 1000} s`,
    );
    expect(await warningsWith(trial, seconds * 1000)).not.toContain("polling");
  });

  it("says that a FIFO queue drains in order", async () => {
    const trial = await FaultTrial.of(fault);
    await trial.cloud("sqs:CreateQueue", { QueueName: "orders.fifo", Attributes: { FifoQueue: "true" } });
    await trial.addMapping({ EventSourceArn: arnOf("sqs", "orders.fifo") });
    expect(await warningsWith(trial)).toContain("FIFO queue: its backlog drains in order");
  });

  it("says what caps a drain and how to lift it", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    expect(await warningsWith(trial)).toBe("");
    const reserve = (ReservedConcurrentExecutions: number) =>
      trial.cloud("lambda:PutFunctionConcurrency", { FunctionName: "orders", ReservedConcurrentExecutions });
    await reserve(5);
    expect(await warningsWith(trial)).toMatch(/may run 5 at a time.*raise its reserved concurrency/);
    await reserve(6);
    expect(await warningsWith(trial)).toBe("");
    await trial.cloud("lambda:UpdateEventSourceMapping", {
      UUID: trial.world.mappings[0],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    trial.world.clock.jump(10_000);
    expect(await warningsWith(trial)).toContain("may run 2 at a time");
    await reserve(0);
    expect(await warningsWith(trial)).toContain(
      "reserved concurrency of 0: nothing is delivered to it anyway",
    );
  });

  it("says when nothing marks the mappings, and why", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    trial.world.cloud.switches.set({ deny: ["lambda:ListTags"] });
    expect(await warningsWith(trial)).toContain("not marked (lambda:ListTags is not permitted)");
  });

  it.each([
    ["InvalidParameterValueException", 400],
    ["ResourceNotFoundException", 404],
  ])("says that nothing marks them when AWS knows no tags here: %s", async (code, status) => {
    const trial = await FaultTrial.of(
      fault,
      { mappings: 1 },
      { "lambda:ListTags": () => answer(code, status) },
    );
    const { targets, warnings } = await trial.targets({ EVENT_UUIDS: "all" });
    expect(warnings.join()).toContain(`not marked (lambda:ListTags answered ${code}: no tags)`);
    expect(warnings.join()).toContain("no marker of another machine's run was looked for");
    expect(targets[0]?.about.marked).toBe(false);
  });

  it.each([
    ["TooManyRequestsException", 429],
    ["ExpiredTokenException", 403],
    ["ServiceException", 500],
  ])("is none when the tags could be read another time: %s", async (code, status) => {
    const trial = await FaultTrial.of(
      fault,
      { mappings: 1 },
      { "lambda:ListTags": () => answer(code, status) },
    );
    await expect(trial.targets({ EVENT_UUIDS: "all" })).rejects.toThrow(AwsError);
  });

  it("is a refusal when another run's marker is on a mapping, over or not", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    const Resource = arnOf("lambda", `event-source-mapping:${trial.world.mappings[0]}`);
    const mark = (until: number) =>
      trial.cloud("lambda:TagResource", {
        Resource,
        Tags: { "unplug:run": "r-other", "unplug:until": new Date(until).toISOString() },
      });
    await mark(trial.world.clock.now() + HOUR);
    const said = await trial.refusal({ EVENT_UUIDS: "all" });
    expect(said).toContain("marked by run r-other");
    expect(said).not.toContain("its run died");
    await mark(trial.world.clock.now() - HOUR);
    expect(await trial.refusal({ EVENT_UUIDS: "all" })).toContain("over: its run died");
  });
});
