import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, instant, numeric, record, records, text, texts } from "../input.ts";
import { type Statistic, statistics, statisticsOf, unitOf } from "./metric-statistics.ts";
import type { Dimensions, MetricPoint, MetricStore } from "./metric-store.ts";

export interface CloudWatchParts {
  readonly metrics: MetricStore;
  /** Points younger than this are not shown yet. */
  readonly delayMs: number;
  /** Notes the levels of all queues as they are now. */
  readonly refresh: () => void;
}

function invalid(message: string, code = "InvalidParameterValue"): ApiError {
  return new ApiError(400, code, message);
}

function isStatistic(value: string): value is Statistic {
  return statistics.some((known) => known === value);
}

function statisticOf(value: string): Statistic {
  if (isStatistic(value)) return value;
  throw invalid(
    `The value ${value} for parameter Statistics is not supported: expected one of ${statistics.join(", ")}.`,
  );
}

interface Bin {
  readonly at: number;
  readonly values: Readonly<Record<Statistic, number>>;
}

interface Query {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly periodMs: number;
  readonly from: number;
  readonly to: number;
}

function checkPeriod(seconds: number | undefined): number {
  if (seconds === undefined) throw invalid("The parameter Period is required.", "MissingParameter");
  if (![1, 5, 10, 20, 30].includes(seconds) && (seconds < 60 || seconds % 60 !== 0)) {
    throw invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
  }
  return seconds * 1000;
}

function checkSpan(input: Input): { from: number; to: number } {
  const from = instant(input, "StartTime");
  const to = instant(input, "EndTime");
  if (from === undefined) throw invalid("The parameter StartTime is required.", "MissingParameter");
  if (to === undefined) throw invalid("The parameter EndTime is required.", "MissingParameter");
  if (from >= to) throw invalid("The parameter StartTime must be less than the parameter EndTime.");
  return { from, to };
}

/** Bins that begin at the start time, rounded down to the minute (shorter periods: to the period). */
function bins(parts: CloudWatchParts, query: Query, context: CallContext): Bin[] {
  const { periodMs } = query;
  const grid = Math.min(60_000, periodMs);
  const first = Math.floor(query.from / grid) * grid;
  const end = Math.min(query.to, context.now - parts.delayMs + 1);
  const points = parts.metrics.points({ ...query, region: context.region }, first, end);
  const byStart = new Map<number, MetricPoint[]>();
  for (const point of points) {
    const at = first + Math.floor((point.at - first) / periodMs) * periodMs;
    const bin = byStart.get(at);
    if (bin === undefined) byStart.set(at, [point]);
    else bin.push(point);
  }
  return [...byStart.entries()].map(([at, inside]) => ({ at, values: statisticsOf(inside) }));
}

function dimensionsOf(input: Input): Dimensions {
  const pairs = records(input, "Dimensions") ?? [];
  return Object.fromEntries(pairs.map((pair) => [text(pair, "Name") ?? "", text(pair, "Value") ?? ""]));
}

function required(input: Input, name: string): string {
  const value = text(input, name);
  if (value !== undefined && value !== "") return value;
  throw invalid(`The parameter ${name} is required.`, "MissingParameter");
}

function getStatistics(parts: CloudWatchParts, input: Input, context: CallContext): unknown {
  parts.refresh();
  const namespace = required(input, "Namespace");
  const name = required(input, "MetricName");
  const periodMs = checkPeriod(numeric(input, "Period"));
  const span = checkSpan(input);
  const wanted = (texts(input, "Statistics") ?? []).map(statisticOf);
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
  const found = bins(parts, { namespace, name, dimensions: dimensionsOf(input), periodMs, ...span }, context);
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
  const results = (records(input, "MetricDataQueries") ?? []).flatMap((query) => {
    const stat = record(query, "MetricStat");
    const metric = stat && record(stat, "Metric");
    if (stat === undefined || metric === undefined) {
      throw invalid(
        "Each of MetricDataQueries needs a MetricStat: expressions are not supported here.",
        "ValidationError",
      );
    }
    if (query["ReturnData"] === false || query["ReturnData"] === "false") return [];
    const name = required(metric, "MetricName");
    const statistic = statisticOf(required(stat, "Stat"));
    const periodMs = checkPeriod(numeric(stat, "Period"));
    const namespace = required(metric, "Namespace");
    const found = bins(
      parts,
      { namespace, name, dimensions: dimensionsOf(metric), periodMs, ...span },
      context,
    );
    if (newestFirst) found.reverse();
    return [
      {
        Id: required(query, "Id"),
        Label: text(query, "Label") ?? name,
        Timestamps: found.map((bin) => bin.at / 1000),
        Values: found.map((bin) => bin.values[statistic]),
        StatusCode: "Complete",
      },
    ];
  });
  return { MetricDataResults: results, Messages: [] };
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
      Dimensions: Object.entries(series.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
  };
}

/** CloudWatch: statistics of the metrics that this cloud writes. No observation, no datapoint. */
export function cloudWatchHandlers(parts: CloudWatchParts): Handlers {
  return {
    GetMetricStatistics: (input, context) => getStatistics(parts, input, context),
    GetMetricData: (input, context) => getData(parts, input, context),
    ListMetrics: (input, context) => listMetrics(parts, input, context),
  };
}
