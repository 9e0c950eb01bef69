import { describe, expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { answerRequest } from "../http/answer-request.ts";
import { type AlarmState, judgeAlarm, type MissingTreatment } from "./alarm-judgement.ts";

const basic = {
  AlarmName: "burn",
  Namespace: "My",
  MetricName: "Errors",
  Statistic: "Sum",
  Period: 10,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
};

async function described(virtual: VirtualCloud, name = "burn"): Promise<Record<string, unknown>> {
  const { MetricAlarms } = await virtual.call("cloudwatch:DescribeAlarms", { AlarmNames: [name] });
  return Array.isArray(MetricAlarms) ? Object(MetricAlarms[0]) : {};
}

/** Errors in the second that is now. */
async function err(virtual: VirtualCloud, Value: number): Promise<void> {
  await virtual.call("cloudwatch:PutMetricData", {
    Namespace: "My",
    MetricData: [{ MetricName: "Errors", Value }],
  });
}

describe("an alarm", () => {
  it("begins without data, fires when the period is over, and is well again after", async () => {
    const virtual = virtualCloud();
    await virtual.call("cloudwatch:PutMetricAlarm", basic);
    expect(await described(virtual)).toEqual({
      AlarmName: "burn",
      AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:burn",
      AlarmConfigurationUpdatedTimestamp: startOfTest / 1000,
      ActionsEnabled: true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      StateValue: "INSUFFICIENT_DATA",
      StateReason: "Unchecked: Initial alarm creation",
      StateUpdatedTimestamp: startOfTest / 1000,
      StateTransitionedTimestamp: startOfTest / 1000,
      MetricName: "Errors",
      Namespace: "My",
      Statistic: "Sum",
      Dimensions: [],
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    await err(virtual, 0);
    virtual.pass(11_000);
    expect(await described(virtual)).toMatchObject({ StateValue: "OK" });
    await err(virtual, 2);
    virtual.pass(8_000);
    expect(await described(virtual)).toMatchObject({ StateValue: "OK" });
    virtual.pass(1_000);
    expect(await described(virtual)).toMatchObject({
      StateValue: "ALARM",
      StateReason:
        "Threshold Crossed: 1 out of the last 1 datapoints [2.0 (01/03/26 12:00:10)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).",
      StateUpdatedTimestamp: startOfTest / 1000 + 20,
    });
    await err(virtual, 0);
    virtual.pass(15_000);
    expect(await described(virtual)).toMatchObject({
      StateValue: "OK",
      StateReason:
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/03/26 12:00:20)] was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition).",
      StateUpdatedTimestamp: startOfTest / 1000 + 30,
    });
  });

  it("sees metrics as late as everybody does", async () => {
    const virtual = virtualCloud({ metricsDelayMs: 60_000 });
    await virtual.call("cloudwatch:PutMetricAlarm", { ...basic, TreatMissingData: "notBreaching" });
    await err(virtual, 5);
    virtual.pass(69_000);
    expect(await described(virtual)).toMatchObject({ StateValue: "OK" });
    virtual.pass(1_000);
    expect(await described(virtual)).toMatchObject({ StateValue: "ALARM" });
  });

  it("looks at metric math, and is not made of what cannot be computed", async () => {
    const virtual = virtualCloud();
    const { Namespace, MetricName, Statistic, Period, ...rule } = basic;
    const Metrics = (Expression: string) => [
      {
        Id: "e",
        MetricStat: { Metric: { Namespace, MetricName }, Period, Stat: Statistic },
        ReturnData: false,
      },
      { Id: "twice", Expression },
    ];
    const put = (expression: string) =>
      virtual.call("cloudwatch:PutMetricAlarm", { ...rule, Threshold: 6, Metrics: Metrics(expression) });
    await expect(put("nope * 2")).rejects.toThrow(/Unknown identifier 'nope'/);
    await expect(put("MEDIAN(e)")).rejects.toThrow(/MEDIAN/);
    await put("FILL(e, 0) * 2");
    await err(virtual, 3);
    virtual.pass(10_000);
    expect(await described(virtual)).toMatchObject({
      StateValue: "ALARM",
      Metrics: Metrics("FILL(e, 0) * 2"),
    });
    virtual.pass(10_000);
    expect(await described(virtual)).toMatchObject({ StateValue: "OK" });
  });

  it("can be set by hand until it is evaluated again", async () => {
    const virtual = virtualCloud();
    await virtual.call("cloudwatch:PutMetricAlarm", { ...basic, TreatMissingData: "notBreaching" });
    virtual.pass(10_000);
    const set = { AlarmName: "burn", StateValue: "ALARM", StateReason: "a trial" };
    await virtual.call("cloudwatch:SetAlarmState", set);
    expect(await described(virtual)).toMatchObject({ StateValue: "ALARM", StateReason: "a trial" });
    virtual.pass(10_000);
    expect(await described(virtual)).toMatchObject({
      StateValue: "OK",
      StateReason:
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
    });
    await expect(virtual.call("cloudwatch:SetAlarmState", { ...set, AlarmName: "x" })).rejects.toMatchObject({
      status: 404,
      code: "ResourceNotFound",
    });
    await expect(virtual.call("cloudwatch:SetAlarmState", { ...set, StateValue: "RED" })).rejects.toThrow(
      /enum value set/,
    );
  });

  it("is listed by name, prefix, state and page, and deleted", async () => {
    const virtual = virtualCloud();
    for (const AlarmName of ["a1", "a2", "b"])
      await virtual.call("cloudwatch:PutMetricAlarm", { ...basic, AlarmName });
    const names = async (input: Record<string, unknown>) => {
      const { MetricAlarms, NextToken } = await virtual.call("cloudwatch:DescribeAlarms", input);
      return [...Object(MetricAlarms).map((one: { AlarmName: string }) => one.AlarmName), NextToken];
    };
    expect(await names({ AlarmNamePrefix: "a" })).toEqual(["a1", "a2", undefined]);
    expect(await names({ StateValue: "ALARM" })).toEqual([undefined]);
    expect(await names({ MaxRecords: 2 })).toEqual(["a1", "a2", "2"]);
    expect(await names({ MaxRecords: 2, NextToken: "2" })).toEqual(["b", undefined]);
    await virtual.call("cloudwatch:DeleteAlarms", { AlarmNames: ["a1", "b", "nobody"] });
    expect(await names({})).toEqual(["a2", undefined]);
  });

  it.each([
    [{ Period: 7 }, /Period must be/],
    [{ ComparisonOperator: "Above" }, /comparisonOperator/],
    [{ DatapointsToAlarm: 2 }, /DatapointsToAlarm/],
    [{ TreatMissingData: "never" }, /TreatMissingData/],
    [{ Threshold: undefined }, /Threshold/],
    [{ Statistic: undefined }, /Statistic/],
    [{ MetricName: undefined }, /Either MetricName or Metrics/],
  ])("is refused with %j", async (change, words) => {
    await expect(virtualCloud().call("cloudwatch:PutMetricAlarm", { ...basic, ...change })).rejects.toThrow(
      words,
    );
  });

  it("answers the protocol of older clients too", async () => {
    const virtual = virtualCloud();
    const ask = async (fields: Record<string, string>) => {
      const body = Buffer.from(new URLSearchParams({ ...fields, Version: "2010-08-01" }).toString());
      const place = { requestId: "r-1", signal: new AbortController().signal };
      const answer = await answerRequest(
        virtual.cloud,
        { method: "POST", target: "/", headers: {}, body },
        place,
      );
      return answer.body.toString();
    };
    const fields = Object.fromEntries(Object.entries(basic).map(([name, value]) => [name, String(value)]));
    const dimension = { "Dimensions.member.1.Name": "Shop", "Dimensions.member.1.Value": "1" };
    expect(await ask({ Action: "PutMetricAlarm", ...fields, ...dimension })).not.toContain("Result");
    const xml = await ask({ Action: "DescribeAlarms", "AlarmNames.member.1": "burn" });
    expect(xml).toContain("<Dimensions><member><Name>Shop</Name><Value>1</Value></member></Dimensions>");
    expect(xml).toContain("<StateUpdatedTimestamp>2026-03-01T12:00:00.000Z</StateUpdatedTimestamp>");
    expect(xml).toContain("<Period>10</Period>");
  });
});

/** Newest last, as the documentation writes it: 0 is well, X breaches, - is missing. Source: alarms and missing data. */
const table: readonly [string, number, Record<MissingTreatment, AlarmState | "kept">][] = [
  ["0-X-X", 3, { missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" }],
  ["----0", 3, { missing: "OK", ignore: "OK", breaching: "OK", notBreaching: "OK" }],
  ["-----", 3, { missing: "INSUFFICIENT_DATA", ignore: "kept", breaching: "ALARM", notBreaching: "OK" }],
  ["0XX-X", 3, { missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" }],
  ["--X--", 3, { missing: "ALARM", ignore: "kept", breaching: "ALARM", notBreaching: "OK" }],
  ["----X", 3, { missing: "kept", ignore: "kept", breaching: "ALARM", notBreaching: "OK" }],
  ["0-X-X", 2, { missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" }],
  ["00X0X", 2, { missing: "ALARM", ignore: "ALARM", breaching: "ALARM", notBreaching: "ALARM" }],
  ["0-X--", 2, { missing: "OK", ignore: "OK", breaching: "ALARM", notBreaching: "OK" }],
  ["----0", 2, { missing: "OK", ignore: "OK", breaching: "ALARM", notBreaching: "OK" }],
  ["---X-", 2, { missing: "ALARM", ignore: "kept", breaching: "ALARM", notBreaching: "OK" }],
];

const cases = table.flatMap(([points, most, states]) =>
  Object.entries(states).map(([missing, state]) => ({ points, most, missing, state })),
);

it.each(cases)("$points, $most of 3, missing data $missing: $state", ({ points, most, missing, state }) => {
  const slots = [...points]
    .reverse()
    .map((one, at) => ({ at, value: one === "-" ? null : Number(one === "X") }));
  const rule = {
    evaluationPeriods: 3,
    datapointsToAlarm: most,
    threshold: 0,
    comparison: "GreaterThanThreshold" as const,
    missing: missing as MissingTreatment,
  };
  for (const current of ["OK", "ALARM"] as const)
    expect(judgeAlarm(slots, rule, current).state).toBe(state === "kept" ? current : state);
});
