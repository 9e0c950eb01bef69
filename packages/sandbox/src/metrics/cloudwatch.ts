import type { CallContext, Handlers } from "../caller.ts";
import { type Input, instant, numeric, record, records, text, texts } from "../input.ts";
import { binsOf, dimensionList, dimensionsOf } from "./bins.ts";
import { checkPeriod, checkSpan, invalid, required, statisticOf } from "./cloudwatch-input.ts";
import { readQueries, runQueries } from "./metric-queries.ts";
import { unitOf } from "./metric-statistics.ts";
import type { MetricStore } from "./metric-store.ts";

export interface CloudWatchParts {
  readonly metrics: MetricStore;
  /** Points younger than this are not shown yet. */
  readonly delayMs: number;
  /** Notes the levels of all queues as they are now. */
  readonly refresh: () => void;
}

function getStatistics(parts: CloudWatchParts, input: Input, context: CallContext): unknown {
  parts.refresh();
  const namespace = required(input, "Namespace");
  const name = required(input, "MetricName");
  const periodMs = checkPeriod(numeric(input, "Period"));
  const span = checkSpan(input);
  const wanted = (texts(input, "Statistics") ?? []).map((one) => statisticOf(one));
  if (wanted.length === 0) {
    throw invalid(
      "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
      "MissingParameter",
    );
  }
  const most = Math.ceil((span.to - span.from) / periodMs);
  if (most > 1440) {
    throw invalid(
      `You have requested up to ${most} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      "InvalidParameterCombination",
    );
  }
  const { region } = context;
  const found = binsOf(
    parts.metrics,
    { region, namespace, name, dimensions: dimensionsOf(input), periodMs, ...span },
    context.now - parts.delayMs,
  );
  return {
    Label: name,
    Datapoints: found.map((bin) => ({
      Timestamp: bin.at / 1000,
      ...Object.fromEntries(wanted.map((statistic) => [statistic, bin.values[statistic]])),
      Unit: unitOf(namespace, name),
    })),
  };
}

function getData(parts: CloudWatchParts, input: Input, context: CallContext): unknown {
  parts.refresh();
  const span = checkSpan(input);
  const newestFirst = (text(input, "ScanBy") ?? "TimestampDescending") === "TimestampDescending";
  const results = runQueries(parts.metrics, readQueries(input, "MetricDataQueries"), {
    ...span,
    region: context.region,
    shownUntil: context.now - parts.delayMs,
  });
  return {
    MetricDataResults: results.map(({ query, series }) => {
      const points = [...series].sort(([a], [b]) => (newestFirst ? b - a : a - b));
      return {
        Id: query.id,
        Label: query.label,
        Timestamps: points.map(([at]) => at / 1000),
        Values: points.map(([, value]) => value),
        StatusCode: "Complete",
      };
    }),
    Messages: [],
  };
}

function listMetrics(parts: CloudWatchParts, input: Input, context: CallContext): unknown {
  const namespace = text(input, "Namespace");
  const name = text(input, "MetricName");
  const filters = records(input, "Dimensions") ?? [];
  const found = parts.metrics
    .series(context.region)
    .filter((series) => namespace === undefined || series.namespace === namespace)
    .filter((series) => name === undefined || series.name === name)
    .filter((series) =>
      filters.every((filter) => {
        const value = series.dimensions[text(filter, "Name") ?? ""];
        const wanted = text(filter, "Value");
        return value !== undefined && (wanted === undefined || wanted === value);
      }),
    );
  return {
    Metrics: found.map((series) => ({
      Namespace: series.namespace,
      MetricName: series.name,
      Dimensions: dimensionList(series.dimensions),
    })),
  };
}

/** Values, each as often as it was observed; sums that hide single values are not taken. */
function observations(datum: Input): readonly number[] {
  if (record(datum, "StatisticValues") !== undefined)
    throw invalid("StatisticValues are not taken here: send Value, or Values with Counts.");
  const value = numeric(datum, "Value");
  if (value !== undefined) return [value];
  const values = numbers(datum, "Values");
  const counts = numbers(datum, "Counts");
  if (values.length === 0)
    throw invalid("At least one of the parameters Value and Values must be specified.", "MissingParameter");
  return values.flatMap((one, i) => Array.from({ length: Math.round(counts[i] ?? 1) }, () => one));
}

function numbers(input: Input, member: string): readonly number[] {
  const list = input[member];
  return Array.isArray(list) ? list.map(Number).filter(Number.isFinite) : [];
}

function putData(parts: CloudWatchParts, input: Input, context: CallContext): unknown {
  const namespace = required(input, "Namespace");
  if (namespace.startsWith("AWS/"))
    throw invalid("The value AWS/ for parameter Namespace is invalid: it must not start with AWS/.");
  for (const datum of records(input, "MetricData") ?? []) {
    const { region } = context;
    const series = {
      region,
      namespace,
      name: required(datum, "MetricName"),
      dimensions: dimensionsOf(datum),
    };
    const at = instant(datum, "Timestamp") ?? context.now;
    for (const value of observations(datum)) parts.metrics.add(series, value, at);
  }
  return {};
}

/** CloudWatch: statistics of the metrics that this cloud writes, and of your own. No observation, no datapoint. */
export function cloudWatchHandlers(parts: CloudWatchParts): Handlers {
  return {
    GetMetricStatistics: (input, context) => getStatistics(parts, input, context),
    GetMetricData: (input, context) => getData(parts, input, context),
    ListMetrics: (input, context) => listMetrics(parts, input, context),
    PutMetricData: (input, context) => putData(parts, input, context),
  };
}
