import { describe, expect, test } from "vitest";
import { type ProbedWorld, probedWorld } from "../../../../test/support/probed-world.ts";
import { PLACE } from "../../../../test/support/world.ts";
import type { Aws } from "../contract/aws.ts";
import { cloudwatchProbe } from "./cloudwatch.ts";
import { cloudwatchAlarmProbe } from "./cloudwatch-alarm.ts";

const errors = {
  namespace: "AWS/Lambda",
  metric: "Errors",
  dimensions: { FunctionName: "orders" },
  statistic: "Sum",
};

/** Errors and invocations in a minute, which is counted from the beginning of the hour. */
function note(world: ProbedWorld, minute: number, name: string, value: number): void {
  const { region } = PLACE;
  const series = { region, namespace: "AWS/Lambda", name, dimensions: { FunctionName: "orders" } };
  world.cloud.metrics.add(series, value, hour(world) + minute * 60_000 + 5_000);
}

function hour({ clock }: ProbedWorld): number {
  return Math.floor(clock.now() / 3_600_000) * 3_600_000;
}

/** Ten minutes and twenty seconds past. */
async function tenPast(): Promise<ProbedWorld> {
  const world = await probedWorld();
  world.clock.jump(hour(world) + 3_600_000 + 620_000 - world.clock.now());
  return world;
}

describe("a metric", () => {
  test("has the value of the period that holds the instant which is asked about", async () => {
    const world = await tenPast();
    note(world, 6, "Errors", 2);
    note(world, 7, "Errors", 3);
    note(world, 7, "Errors", 4);
    note(world, 8, "Errors", 9);

    const { measures } = await world.ask(cloudwatchProbe, errors, { lagMs: 180_000 });

    expect(measures).toEqual({ value: 7 });
    expect(world.regions).toEqual([null]);
  });

  test("is never that of a period that is not over", async () => {
    const world = await tenPast();
    note(world, 9, "Errors", 1);
    note(world, 10, "Errors", 5);

    expect(await world.ask(cloudwatchProbe, errors)).toEqual({ measures: { value: 1 } });
    expect(await world.ask(cloudwatchProbe, { ...errors, period: "5m" }, { lagMs: 60_000 })).toEqual({
      measures: { value: 1 },
    });
  });

  test("without a datapoint says what was asked for, and when", async () => {
    const world = await tenPast();
    note(world, 2, "Errors", 1);

    const answer = await world.ask(cloudwatchProbe, { ...errors, region: "eu-west-1" }, { lagMs: 180_000 });

    expect(answer.measures).toEqual({ value: null });
    expect(answer.missing).toMatch(
      /^Sum of AWS\/Lambda Errors \{FunctionName=orders\} has no datapoint in the 60 s from \d\d:07:00 UTC$/,
    );
    expect(world.regions).toEqual(["eu-west-1"]);
  });

  test.each([
    [{ dimensions: { FunctionName: "order" } }, "it never had one: there is {FunctionName=orders}"],
    [{ metric: "Eror" }, "AWS/Lambda has no metric Eror, it has Errors"],
    [{ namespace: "AWS/Lambada" }, "the namespace AWS/Lambada has no metrics here"],
  ])("that does not exist names near ones: %j", async (change, words) => {
    const world = await tenPast();
    note(world, 7, "Errors", 1);

    const { missing } = await world.ask(cloudwatchProbe, { ...errors, ...change }, { lagMs: 180_000 });

    expect(missing).toContain(words);
  });

  test("that does not exist is told without near ones where they may not be listed", async () => {
    const world = await tenPast();
    world.cloud.switches.set({ deny: ["cloudwatch:ListMetrics"] });

    const { missing } = await world.ask(cloudwatchProbe, errors);

    expect(missing).toMatch(/UTC$/);
  });

  test.each([5_000, 15_000])(
    "is no data where near ones come too late, %d ms after it was asked",
    async (ms) => {
      const world = await tenPast();
      const aws: Aws = {
        async call(action, input, signal) {
          if (action === "cloudwatch:ListMetrics") await new Promise(() => undefined);
          await world.clock.sleep(ms);
          return await world.aws.call(action, input, signal);
        },
      };
      const connection = { aws, place: PLACE, identity: "arn:aws:iam::123456789012:user/tester" };
      const began = world.clock.now();

      const { missing } = await world.ask(cloudwatchProbe, errors, {
        timeoutMs: 20_000,
        aws: () => Promise.resolve(connection),
      });

      expect(missing).toMatch(/UTC$/);
      // A third of the timeout, or half of what is left of it.
      expect(Math.ceil(world.clock.now() - began)).toBe(ms === 5_000 ? 11_667 : 17_500);
    },
  );

  test("that may not be read is an error", async () => {
    const world = await tenPast();
    world.cloud.switches.set({ deny: ["cloudwatch:GetMetricData"] });

    await expect(world.ask(cloudwatchProbe, errors)).rejects.toThrow(/not authorized.*GetMetricData/);
  });
});

describe("metric math", () => {
  const { statistic, ...rest } = errors;
  const queries = [
    { id: "bad", statistic, ...rest },
    { id: "calls", statistic, ...rest, metric: "Invocations" },
    { id: "rate", expression: "100 * bad / calls" },
  ];

  test("is measured by its last query, or the one that is named", async () => {
    const world = await tenPast();
    note(world, 7, "Errors", 3);
    note(world, 7, "Invocations", 12);
    const ask = async (settings: object) =>
      (await world.ask(cloudwatchProbe, { queries, ...settings }, { lagMs: 180_000 })).measures;

    expect(await ask({})).toEqual({ value: 25 });
    expect(await ask({ result: "calls" })).toEqual({ value: 12 });
  });

  test("names the metric that it lacks", async () => {
    const world = await tenPast();
    note(world, 7, "Errors", 3);
    note(world, 2, "Invocations", 3);

    const answer = await world.ask(cloudwatchProbe, { queries }, { lagMs: 180_000 });

    expect(answer.measures).toEqual({ value: null });
    expect(answer.missing).toMatch(
      /^Sum of AWS\/Lambda Invocations \{FunctionName=orders\} has no datapoint/,
    );
  });

  test("that cannot be computed is an error", async () => {
    const world = await tenPast();
    const wrong = [...queries.slice(0, 2), { id: "rate", expression: "bad / call" }];

    await expect(world.ask(cloudwatchProbe, { queries: wrong })).rejects.toThrow(/Unknown identifier 'call'/);
  });
});

test.each([
  [{ ...errors, statistic: "Middle" }, /statistic.*like Sum/],
  [{ ...errors, period: 45 }, /period.*whole minutes/],
  [{ ...errors, period: "soon" }, /period.*whole minutes/],
  [{ ...errors, region: "here" }, /region.*eu-central-1/],
  [{ ...errors, queries: [{ id: "a", expression: "1" }] }, /use either/],
  [{ metric: "Errors" }, /namespace.*is required/],
  [{ namespace: "AWS/Lambda", metric: "Errors" }, /statistic.*is required/],
  [{ ...errors, result: "a" }, /belongs beside queries/],
  [{ queries: [] }, /one query at least/],
  [{ queries: [{ id: "a", expression: "1" }], result: "b" }, /must be the id of a query/],
  [{ queries: [{ id: "A", expression: "1" }] }, /small letter|must be \{id/],
  [
    {
      queries: [
        { id: "a", expression: "1" },
        { id: "a", expression: "2" },
      ],
    },
    /id twice/,
  ],
])("the settings %j are refused", (settings, words) => {
  const parsed = cloudwatchProbe.settings.safeParse(settings);
  const told = parsed.error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
  expect(told).toMatch(words);
});

describe("an alarm", () => {
  const alarm = {
    AlarmName: "OrdersBurnRate",
    Namespace: "Shop",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 10,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
  };

  test("is in the state that CloudWatch says, with its reason", async () => {
    const world = await tenPast();
    await world.call("cloudwatch:PutMetricAlarm", alarm);
    world.clock.jump(10_000);
    const ask = async () => (await world.ask(cloudwatchAlarmProbe, { alarm: "OrdersBurnRate" })).measures;

    expect(await ask()).toMatchObject({ state: "OK", reason: expect.stringContaining("no datapoints") });

    await world.call("cloudwatch:PutMetricData", {
      Namespace: "Shop",
      MetricData: [{ MetricName: "Errors", Value: 3 }],
    });
    world.clock.jump(10_000);

    expect(await ask()).toMatchObject({ state: "ALARM", reason: expect.stringContaining("[3.0 (") });
    expect(cloudwatchAlarmProbe.expects).toEqual([{ measure: "state", operator: "==", value: "OK" }]);
  });

  test("may be named by its ARN, which says its region", async () => {
    const world = await tenPast();
    await world.call("cloudwatch:PutMetricAlarm", alarm);
    const arn = `arn:aws:cloudwatch:${PLACE.region}:${PLACE.account}:alarm:OrdersBurnRate`;

    const { measures } = await world.ask(cloudwatchAlarmProbe, { alarm: arn });

    expect(measures).toMatchObject({ state: "INSUFFICIENT_DATA" });
    expect(world.regions).toEqual([PLACE.region]);
  });

  test("that is not there is an error that names near ones", async () => {
    const world = await tenPast();
    const ask = () => world.ask(cloudwatchAlarmProbe, { alarm: "OrderBurnrate" });

    await expect(ask()).rejects.toThrow('There is no alarm "OrderBurnrate" here, nor any other.');
    await world.call("cloudwatch:PutMetricAlarm", alarm);
    await expect(ask()).rejects.toThrow('There is no alarm "OrderBurnrate" here; there is OrdersBurnRate.');
  });
});

test("what is asked of AWS is scoped to the alarm, where IAM knows resources", () => {
  const of = (alarm: object) =>
    cloudwatchAlarmProbe.permissions?.(cloudwatchAlarmProbe.settings.parse(alarm), PLACE);
  const arn = (name: string, region = PLACE.region) =>
    `arn:aws:cloudwatch:${region}:${PLACE.account}:alarm:${name}`;

  expect(of({ alarm: "A" })).toEqual([
    { action: "cloudwatch:DescribeAlarms", resource: arn("A") },
    { action: "cloudwatch:DescribeAlarms", resource: arn("*"), optional: true },
  ]);
  expect(of({ alarm: "A", region: "eu-west-1" })?.[0]?.resource).toBe(arn("A", "eu-west-1"));
  expect(of({ alarm: arn("B") })?.[0]?.resource).toBe(arn("B"));
});
