import { flag, type Input, numeric, record, records, text } from "../input.ts";
import { type Bin, binsOf, dimensionsOf, firstBin } from "./bins.ts";
import { checkPeriod, required, statisticOf, validation } from "./cloudwatch-input.ts";
import { idsOf, type MathNode, readExpression } from "./math-syntax.ts";
import { computed, type MathValue, type Series, seriesOf } from "./metric-math.ts";
import type { Statistic } from "./metric-statistics.ts";
import type { Dimensions, MetricStore } from "./metric-store.ts";

/** One of the queries of GetMetricData, or of an alarm. */
export interface MetricQuery {
  readonly id: string;
  readonly label: string;
  readonly isReturned: boolean;
  /** Milliseconds; null: that of what an expression is made of. */
  readonly periodMs: number | null;
  readonly metric: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Dimensions;
    readonly statistic: Statistic;
  } | null;
  readonly expression: string | null;
}

/** A span in ms, and what may be seen of it. */
export interface QuerySpan {
  readonly region: string;
  readonly from: number;
  readonly to: number;
  readonly shownUntil: number;
}

export interface QueryResult {
  readonly query: MetricQuery;
  readonly series: Series;
}

/** Throws ValidationError for what cannot be computed: ids that are missing, twice there, or defined by themselves. */
export function readQueries(input: Input, member: string): readonly MetricQuery[] {
  const queries = (records(input, member) ?? []).map(readQuery);
  if (queries.length === 0) throw validation(`The parameter ${member} is required.`);
  if (queries.length > 500) throw validation("No more than 500 queries are allowed in a request.");
  const ids = queries.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw validation(`The values for parameter id are not unique: ${twice}.`);
  for (const { id, expression } of queries) {
    if (expression === null) continue;
    const missing = idsOf(readExpression(expression)).find(
      (name) => !ids.includes(name) && !/^REPEAT$/i.test(name),
    );
    if (missing !== undefined)
      throw validation(
        `Error in expression '${id}': Unknown identifier '${missing}' in the expression '${expression}'.`,
      );
  }
  return queries;
}

function readQuery(input: Input): MetricQuery {
  const id = required(input, "Id");
  if (!/^[a-z]\w*$/.test(id))
    throw validation(`The value ${id} for parameter Id is not matching the expression ^[a-z][a-zA-Z0-9_]*$.`);
  const expression = text(input, "Expression") ?? null;
  const stat = record(input, "MetricStat");
  if ((expression === null) === (stat === undefined))
    throw validation(`The query ${id} must have either MetricStat or Expression.`);
  const isReturned = flag(input, "ReturnData") ?? true;
  if (stat === undefined) {
    const period = numeric(input, "Period");
    const label = text(input, "Label") ?? id;
    return {
      id,
      label,
      isReturned,
      periodMs: period === undefined ? null : checkPeriod(period),
      metric: null,
      expression,
    };
  }
  const metric = record(stat, "Metric") ?? {};
  const name = required(metric, "MetricName");
  return {
    id,
    label: text(input, "Label") ?? name,
    isReturned,
    periodMs: checkPeriod(numeric(stat, "Period")),
    metric: {
      namespace: required(metric, "Namespace"),
      name,
      dimensions: dimensionsOf(metric),
      statistic: statisticOf(required(stat, "Stat"), "Stat"),
    },
    expression: null,
  };
}

/** As calls and answers have it. */
export function queryInput(query: MetricQuery): Readonly<Record<string, unknown>> {
  const { id, label, isReturned, periodMs, metric, expression } = query;
  const period = periodMs === null ? {} : { Period: periodMs / 1000 };
  const common = { Id: id, ...(label === id ? {} : { Label: label }), ReturnData: isReturned };
  if (metric === null) return { ...common, Expression: expression, ...period };
  const { namespace, name, dimensions, statistic } = metric;
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    ...common,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions },
      ...period,
      Stat: statistic,
    },
  };
}

/** The series of all queries whose data is returned, in their order; an expression may come to several. */
export function runQueries(
  metrics: MetricStore,
  queries: readonly MetricQuery[],
  span: QuerySpan,
): readonly QueryResult[] {
  const done = new Map<string, MathValue>();
  const running = new Set<string>();
  const periodOf = (query: MetricQuery): number => query.periodMs ?? shortestPeriod(queries);
  const of = (id: string): MathValue => {
    const query = queries.find((one) => one.id === id);
    if (query === undefined) throw validation(`Unknown identifier '${id}'.`);
    const known = done.get(id);
    if (known !== undefined) return known;
    if (running.has(id)) throw validation(`The expression '${id}' is defined by itself.`);
    running.add(id);
    const value = valueOf(query);
    done.set(id, value);
    return value;
  };
  const valueOf = (query: MetricQuery): MathValue => {
    const periodMs = periodOf(query);
    if (query.metric !== null) {
      const { statistic } = query.metric;
      return valuesOf(binsOf(metrics, { ...query.metric, ...span, periodMs }, span.shownUntil), statistic);
    }
    const node: MathNode = readExpression(query.expression ?? "");
    return computed(node, {
      of,
      metrics: (part) =>
        queries
          .filter(({ metric, id }) => metric !== null && id.includes(part))
          .flatMap(({ id }) => seriesOf(of(id), { grid: [] })),
      grid: gridOf({ ...span, periodMs }),
      period: periodMs / 1000,
    });
  };
  return queries
    .filter(({ isReturned }) => isReturned)
    .flatMap((query) =>
      seriesOf(of(query.id), { grid: gridOf({ ...span, periodMs: periodOf(query) }) }).map((series) => ({
        query,
        series,
      })),
    );
}

function valuesOf(bins: readonly Bin[], statistic: Statistic): Series {
  return new Map(bins.map(({ at, values }) => [at, values[statistic]]));
}

function shortestPeriod(queries: readonly MetricQuery[]): number {
  const periods = queries.flatMap(({ periodMs }) => (periodMs === null ? [] : [periodMs]));
  return periods.length === 0 ? 60_000 : Math.min(...periods);
}

/** Source: API reference of CloudWatch, GetMetricData, MaxDatapoints. */
const MOST_DATAPOINTS = 100_800;

function gridOf({
  from,
  to,
  shownUntil,
  periodMs,
}: QuerySpan & { readonly periodMs: number }): readonly number[] {
  const first = firstBin({ from, periodMs });
  const count = Math.max(0, Math.ceil((Math.min(to, shownUntil + 1) - first) / periodMs));
  if (count > MOST_DATAPOINTS)
    throw validation(
      `You have requested up to ${count} datapoints, which exceeds the limit of 100,800. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  return Array.from({ length: count }, (_, i) => first + i * periodMs);
}
