import type { Aws } from "../contract/aws.ts";
import type { Dimension, MetricQuery } from "../contract/aws-metrics.ts";
import type { ProbeIo } from "../contract/probe.ts";

/** One metric as settings name it. */
export interface Metric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

/** One query: of a metric, or metric math over the others. */
export type Query = { readonly id: string } & (Metric | { readonly expression: string });

/** A period of time. Milliseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The period that holds the instant which is asked about; the newest before it while that one is not over. */
export function periodAbout({ about, clock }: Pick<ProbeIo, "about" | "clock">, seconds: number): Period {
  const length = seconds * 1000;
  const from = Math.floor(about / length) * length;
  return from + length <= clock.now() ? { from, to: from + length } : { from: from - length, to: from };
}

/** The value of each query in each period of a span; a query without a datapoint has no entry. Throws AwsError. */
export async function readMetrics(
  queries: readonly Query[],
  span: Period & { readonly seconds: number },
  { aws, signal }: { readonly aws: Aws; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const found = new Map<string, Map<number, number>>();
  let NextToken: string | undefined;
  do {
    const answer = await aws.call(
      "cloudwatch:GetMetricData",
      {
        StartTime: span.from,
        EndTime: span.to,
        MetricDataQueries: queries.map((query) => asked(query, span.seconds)),
        ...(NextToken === undefined ? {} : { NextToken }),
      },
      signal,
    );
    for (const { Id = "", Timestamps = [], Values = [], StatusCode = "" } of answer.MetricDataResults ?? []) {
      if (StatusCode === "Forbidden" || StatusCode === "InternalError")
        throw new Error(`CloudWatch could not compute "${Id}": ${StatusCode}${told(answer.Messages)}`);
      const values = found.get(Id) ?? new Map<number, number>();
      found.set(Id, values);
      for (const [i, at] of Timestamps.entries()) {
        const value = Values[i];
        if (value !== undefined) values.set(at, value);
      }
    }
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return found;
}

function told(messages: readonly { readonly Value?: string }[] = []): string {
  return messages.map(({ Value = "" }) => `; ${Value}`).join("");
}

function asked(query: Query, Period: number): MetricQuery {
  if ("expression" in query) return { Id: query.id, Expression: query.expression, Period };
  const { namespace, metric, dimensions, statistic } = query;
  return {
    Id: query.id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period,
      Stat: statistic,
    },
  };
}

/** `Sum of AWS/Lambda Errors {FunctionName=orders}` */
export function metricText({ namespace, metric, dimensions, statistic }: Metric): string {
  return `${statistic} of ${namespace} ${metric} ${dimensionsText(dimensions)}`;
}

function dimensionsText(dimensions: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  return `{${pairs.join(", ")}}`;
}

/** The metrics of a namespace, as many as one page has, each with its dimensions as text. Throws AwsError. */
async function listMetrics(
  filter: { readonly Namespace: string; readonly MetricName?: string },
  { aws, signal }: { readonly aws: Aws; readonly signal: AbortSignal },
): Promise<readonly { readonly metric: string; readonly dimensions: string }[]> {
  const { Metrics = [] } = await aws.call("cloudwatch:ListMetrics", filter, signal);
  return Metrics.map(({ MetricName = "", Dimensions = [] }) => ({
    metric: MetricName,
    dimensions: dimensionsText(byName(Dimensions)),
  }));
}

function byName(dimensions: readonly Dimension[]): Readonly<Record<string, string>> {
  return Object.fromEntries(dimensions.map(({ Name = "", Value = "" }) => [Name, Value]));
}

/** Whether a metric is there, and what there is instead; empty where it is. Throws AwsError. */
export async function absentMetric(
  metric: Metric,
  io: { readonly aws: Aws; readonly signal: AbortSignal },
  near: (name: string, known: readonly string[]) => readonly string[],
): Promise<string> {
  const { namespace, dimensions } = metric;
  const same = (await listMetrics({ Namespace: namespace, MetricName: metric.metric }, io)).map(
    (one) => one.dimensions,
  );
  const wanted = dimensionsText(dimensions);
  if (same.includes(wanted)) return "";
  if (same.length > 0) return `; it never had one: there is ${several(near(wanted, same), same)}`;
  const all = (await listMetrics({ Namespace: namespace }, io)).map((one) => one.metric);
  if (all.length === 0) return `; the namespace ${namespace} has no metrics here`;
  return `; ${namespace} has no metric ${metric.metric}, it has ${several(near(metric.metric, all), all)}`;
}

/** Those that are near, or else the first few. */
function several(near: readonly string[], all: readonly string[]): string {
  return (near.length > 0 ? near : [...new Set(all)].slice(0, 3)).join(", ");
}
