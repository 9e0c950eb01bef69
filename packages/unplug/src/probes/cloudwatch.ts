import * as z from "zod";
import { defineProbe, type ProbeAnswer } from "../contract/probe.ts";
import { periodSetting, regionSetting, timeText } from "./aws-settings.ts";
import { hint } from "./hint.ts";
import {
  absentMetric,
  type Metric,
  metricText,
  periodAbout,
  type Query,
  readMetrics,
} from "./metric-values.ts";
import { nearNames } from "./near-names.ts";

const metricShape = {
  namespace: z.string().min(1).describe("Namespace, like AWS/Lambda"),
  metric: z.string().min(1).describe("Name of the metric"),
  dimensions: z
    .record(z.string(), z.union([z.string(), z.number().transform(String)]))
    .default({})
    .describe("All dimensions of the metric: CloudWatch knows a metric by all of them"),
  statistic: z
    .string()
    .regex(
      /^(Sum|Average|Minimum|Maximum|SampleCount|IQM|(p|tm|wm|tc|ts)\d+(\.\d+)?|(PR|TM|WM|TC|TS)\(.+\))$/,
      "must be a statistic like Sum, Average, Maximum or p99",
    )
    .describe("Sum, Average, Minimum, Maximum, SampleCount, or one like p99"),
};

const id = z
  .string()
  .regex(/^[a-z]\w*$/, "must begin with a small letter, and be letters, digits and underscores");

const query = z.union(
  [
    z.strictObject({ id, ...metricShape }),
    z.strictObject({ id, expression: z.string().min(1).describe("Metric math over the other ids") }),
  ],
  "must be {id, namespace, metric, dimensions, statistic} or {id, expression}",
);

const common = { period: periodSetting, region: regionSetting };

const settings = z
  .strictObject({
    ...common,
    namespace: metricShape.namespace.optional(),
    metric: metricShape.metric.optional(),
    dimensions: metricShape.dimensions,
    statistic: metricShape.statistic.optional(),
    queries: z
      .array(query)
      .min(1, "must have one query at least")
      .max(500, "must have 500 queries at most")
      .refine((all) => new Set(all.map((one) => one.id)).size === all.length, "must not name an id twice")
      .optional()
      .describe("Instead of one metric: metrics and metric math over them"),
    result: id.optional().describe("Id of the query that is measured; left out: the last one"),
  })
  .transform(({ namespace, metric, dimensions, statistic, queries, result, ...rest }, context) => {
    const bad = (message: string, path: readonly string[]) => {
      context.addIssue({ code: "custom", message, path: [...path] });
      return z.NEVER;
    };
    if (queries === undefined) {
      if (namespace === undefined) return bad("is required, or else queries", ["namespace"]);
      if (metric === undefined) return bad("is required", ["metric"]);
      if (statistic === undefined) return bad("is required", ["statistic"]);
      if (result !== undefined) return bad("belongs beside queries", ["result"]);
      const only: Query = { id: "m", namespace, metric, dimensions, statistic };
      return { ...rest, queries: [only], result: "m" };
    }
    if (namespace !== undefined || metric !== undefined || statistic !== undefined)
      return bad("stands for namespace, metric and statistic: use either", ["queries"]);
    const measured = result ?? queries.at(-1)?.id ?? "";
    if (!queries.some((one) => one.id === measured)) return bad("must be the id of a query", ["result"]);
    return { ...rest, queries: queries as readonly Query[], result: measured };
  });

type Settings = z.output<typeof settings>;

/** Asks CloudWatch for one period of a metric, which it shows minutes later. */
export const cloudwatchProbe = defineProbe({
  type: "cloudwatch",
  summary: "Measures a metric of CloudWatch, or metric math over several.",
  settings,
  measures: { value: { kind: "number", description: "Datapoint of the period that is asked about" } },
  expects: null,
  defaults: { lagMs: 180_000, timing: { intervalMs: 60_000, timeoutMs: 20_000 } },
  late: "error",
  example: {
    settings: {
      namespace: "AWS/Lambda",
      metric: "Errors",
      dimensions: { FunctionName: "orders" },
      statistic: "Sum",
    },
    expect: { value: { rises: true } },
  },
  actions: ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"],
  permissions: () => [
    { action: "cloudwatch:GetMetricData", resource: "*" },
    { action: "cloudwatch:ListMetrics", resource: "*", optional: true },
  ],
  async check(settings, io) {
    const began = io.clock.now();
    const { aws } = await io.aws(settings.region ?? null);
    const period = periodAbout(io, settings.period);
    const span = { ...period, seconds: settings.period };
    const values = await readMetrics(settings.queries, span, { aws, signal: io.signal });
    const value = values.get(settings.result)?.get(period.from);
    if (value !== undefined) return { measures: { value } };
    const instead = (metric: Metric) =>
      hint(io, began, (signal) => absentMetric(metric, { aws, signal }, nearNames));
    return await withoutValue(settings, { period, values, instead });
  },
});

async function withoutValue(
  { queries, period: seconds }: Settings,
  { period, values, instead }: Asked,
): Promise<ProbeAnswer> {
  const when = `no datapoint in the ${seconds} s from ${timeText(period.from)}`;
  const empty = queries.flatMap((one) =>
    "expression" in one || values.get(one.id)?.has(period.from) === true ? [] : [one],
  );
  const [first] = empty;
  if (first === undefined) return { measures: { value: null }, missing: `the expression has ${when}` };
  const names = empty.map(metricText).join(" nor ");
  return { measures: { value: null }, missing: `${names} has ${when}${await instead(first)}` };
}

interface Asked {
  readonly period: { readonly from: number };
  readonly values: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** What there is instead of a metric. */
  readonly instead: (metric: Metric) => Promise<string>;
}
