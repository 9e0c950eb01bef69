import { describe, expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const start = startOfTest / 1000;
const invocations = {
  region: "us-east-1",
  namespace: "AWS/Lambda",
  name: "Invocations",
  dimensions: { FunctionName: "f" },
};

function ask(virtual: VirtualCloud, more: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  return virtual.call("cloudwatch:GetMetricStatistics", {
    Namespace: "AWS/Lambda",
    MetricName: "Invocations",
    Dimensions: [{ Name: "FunctionName", Value: "f" }],
    StartTime: start,
    EndTime: start + 600,
    Period: 60,
    Statistics: ["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
    ...more,
  });
}

function note(virtual: VirtualCloud, seconds: number, value: number): void {
  const at = startOfTest + seconds * 1000;
  virtual.cloud.metrics.add(invocations, value, at);
}

describe("metric statistics", () => {
  it("have a datapoint only where something was observed", async () => {
    const virtual = virtualCloud();
    note(virtual, 10, 1);
    note(virtual, 11, 3);
    note(virtual, 11.2, 2);
    note(virtual, 130, 5);
    virtual.pass(600_000);
    expect(await ask(virtual)).toEqual({
      Label: "Invocations",
      Datapoints: [
        { Timestamp: start, Sum: 6, Average: 2, Minimum: 1, Maximum: 3, SampleCount: 3, Unit: "Count" },
        { Timestamp: start + 120, Sum: 5, Average: 5, Minimum: 5, Maximum: 5, SampleCount: 1, Unit: "Count" },
      ],
    });
    expect(await ask(virtual, { Dimensions: [{ Name: "FunctionName", Value: "g" }] })).toMatchObject({
      Datapoints: [],
    });
  });

  it("hide points that are younger than the delay", async () => {
    const virtual = virtualCloud({ metricsDelayMs: 120_000 });
    note(virtual, 10, 1);
    virtual.pass(129_000);
    expect(await ask(virtual)).toMatchObject({ Datapoints: [] });
    virtual.pass(1000);
    expect(await ask(virtual)).toMatchObject({ Datapoints: [{ Sum: 1 }] });
  });

  it("follow the depth and the age of a queue", async () => {
    const virtual = virtualCloud();
    const { QueueUrl } = await virtual.call("sqs:CreateQueue", { QueueName: "q" });
    for (let n = 0; n < 3; n++) await virtual.call("sqs:SendMessage", { QueueUrl, MessageBody: "a" });
    virtual.pass(120_000);
    const Dimensions = [{ Name: "QueueName", Value: "q" }];
    const queue = { Namespace: "AWS/SQS", Dimensions, Statistics: ["Maximum"] };
    const depth = await ask(virtual, { ...queue, MetricName: "ApproximateNumberOfMessagesVisible" });
    expect(depth["Datapoints"]).toMatchObject([{ Maximum: 3 }, { Maximum: 3 }, { Maximum: 3 }]);
    const age = await ask(virtual, { ...queue, MetricName: "ApproximateAgeOfOldestMessage" });
    expect(age["Datapoints"]).toMatchObject([{ Maximum: 50 }, { Maximum: 110 }, { Maximum: 120 }]);
  });

  it("have neither depth nor age once their queue is gone", async () => {
    const virtual = virtualCloud();
    const { QueueUrl } = await virtual.call("sqs:CreateQueue", { QueueName: "q" });
    await virtual.call("sqs:SendMessage", { QueueUrl, MessageBody: "a" });
    virtual.pass(60_000);
    await virtual.call("sqs:DeleteQueue", { QueueUrl });
    virtual.pass(120_000);
    const Dimensions = [{ Name: "QueueName", Value: "q" }];
    const queue = { Namespace: "AWS/SQS", Dimensions, Statistics: ["Maximum"] };
    for (const MetricName of ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"]) {
      const { Datapoints } = await ask(virtual, { ...queue, MetricName, StartTime: start + 60 });
      expect(Datapoints).toMatchObject([{ Maximum: 0 }, { Maximum: 0 }, { Maximum: 0 }]);
    }
  });

  it("are refused for bad periods, spans and statistics", async () => {
    const virtual = virtualCloud();
    await expect(ask(virtual, { Period: 61 })).rejects.toThrow(/Period/);
    await expect(ask(virtual, { EndTime: start })).rejects.toThrow(/must be less than/);
    await expect(ask(virtual, { Statistics: ["Median"] })).rejects.toThrow(/Median/);
    await expect(ask(virtual, { EndTime: start + 1441 * 60 })).rejects.toMatchObject({
      code: "InvalidParameterCombination",
    });
  });

  it("come newest first from GetMetricData", async () => {
    const virtual = virtualCloud();
    note(virtual, 10, 1);
    note(virtual, 70, 2);
    virtual.pass(600_000);
    const Metric = {
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [{ Name: "FunctionName", Value: "f" }],
    };
    const MetricDataQueries = [{ Id: "a", MetricStat: { Metric, Period: 60, Stat: "Sum" } }];
    const span = { StartTime: start, EndTime: start + 600 };
    const { MetricDataResults } = await virtual.call("cloudwatch:GetMetricData", {
      ...span,
      MetricDataQueries,
    });
    expect(MetricDataResults).toMatchObject([{ Id: "a", Timestamps: [start + 60, start], Values: [2, 1] }]);
  });

  it("are kept for three hours", async () => {
    const virtual = virtualCloud();
    for (let second = 0; second < 5 * 3600; second += 2) note(virtual, second, 1);
    const kept = virtual.cloud.metrics.points(invocations, 0, Number.MAX_SAFE_INTEGER);
    expect(kept.length).toBeGreaterThanOrEqual(5400);
    expect(kept.length).toBeLessThan(6000);
  });
});
