import { describe, expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const start = startOfTest / 1000;

function note(virtual: VirtualCloud, name: string, ...values: readonly (number | null)[]): void {
  const series = { region: "us-east-1", namespace: "My", name, dimensions: {} };
  for (const [minute, value] of values.entries()) {
    if (value !== null) virtual.cloud.metrics.add(series, value, startOfTest + minute * 60_000);
  }
}

/** Values by minute of what an expression over `e` and `i` comes to; one list for each series. */
async function computed(expression: string, more: readonly object[] = []): Promise<readonly object[]> {
  const virtual = virtualCloud();
  note(virtual, "e", 1, null, 3, 4);
  note(virtual, "i", 10, 20, 0, 40);
  virtual.pass(4 * 60_000);
  const metric = (MetricName: string) => ({
    Metric: { Namespace: "My", MetricName },
    Period: 60,
    Stat: "Sum",
  });
  const { MetricDataResults } = await virtual.call("cloudwatch:GetMetricData", {
    StartTime: start,
    EndTime: start + 240,
    ScanBy: "TimestampAscending",
    MetricDataQueries: [
      { Id: "e", MetricStat: metric("e"), ReturnData: false },
      { Id: "i", MetricStat: metric("i"), ReturnData: false },
      ...more,
      { Id: "x", Expression: expression },
    ],
  });
  const results = Array.isArray(MetricDataResults) ? MetricDataResults : [];
  return results.map(({ Timestamps, Values }) =>
    Object.fromEntries(Timestamps.map((at: number, n: number) => [(at - start) / 60, Values[n]])),
  );
}

describe("metric math", () => {
  it.each([
    ["100 * e / i", { 0: 10, 3: 10 }],
    ["e + i", { 0: 11, 2: 3, 3: 44 }],
    ["2 ^ 3 ^ 0 - -e", { 0: 3, 2: 5, 3: 6 }],
    ["FILL(e, 0)", { 0: 1, 1: 0, 2: 3, 3: 4 }],
    ["FILL(e, REPEAT)", { 0: 1, 1: 1, 2: 3, 3: 4 }],
    ["SUM(e) - AVG(i)", { 0: -9.5, 1: -9.5, 2: -9.5, 3: -9.5 }],
    ["SUM([e, i])", { 0: 11, 1: 20, 2: 3, 3: 44 }],
    ["MAX(METRICS())", { 0: 10, 1: 20, 2: 3, 3: 40 }],
    ["MIN(METRICS('e'))", { 0: 1, 2: 3, 3: 4 }],
    ["IF(i > 15, i, 0)", { 0: 0, 1: 20, 2: 0, 3: 40 }],
    ["IF(FILL(e, 0) == 0, 1)", { 1: 1 }],
    ["e >= 3 AND i != 0", { 0: 0, 2: 0, 3: 1 }],
    ["DIFF(i)", { 1: 10, 2: -20, 3: 40 }],
    ["RATE(i) * PERIOD(i)", { 1: 10, 2: -20, 3: 40 }],
    ["RUNNING_SUM(e)", { 0: 1, 2: 4, 3: 8 }],
    ["ABS(DIFF(i)) + CEIL(0.2) + FLOOR(0.9)", { 1: 11, 2: 21, 3: 41 }],
    ["7", { 0: 7, 1: 7, 2: 7, 3: 7 }],
  ])("computes %s", async (expression, expected) => {
    expect(await computed(expression)).toEqual([expected]);
  });

  it("gives a series for each that an expression comes to, and one for one of another expression", async () => {
    expect(await computed("METRICS()")).toHaveLength(2);
    const more = [{ Id: "half", Expression: "i / 2", ReturnData: false }];
    expect(await computed("half + 1", more)).toEqual([{ 0: 6, 1: 11, 2: 1, 3: 21 }]);
  });

  it.each([
    ["e +", /ends too early/],
    ["e ) 1", /unexpected '\)'/],
    ["e $ 1", /unexpected text at position/],
    ["f * 2", /Unknown identifier 'f'/],
    ["MEDIAN(e)", /MEDIAN is none/],
    ["x + 1", /defined by itself/],
    ["FILL(e, LINEAR)", /Unknown identifier 'LINEAR'/],
  ])("refuses %s", async (expression, words) => {
    await expect(computed(expression)).rejects.toThrow(words);
  });
});
