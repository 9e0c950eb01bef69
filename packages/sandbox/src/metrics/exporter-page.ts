import type { Clock } from "../clock.ts";
import { statistics, statisticsOf, unitOf } from "./metric-statistics.ts";
import type { Dimensions, MetricSeries, MetricStore } from "./metric-store.ts";

export interface ExporterPageParts {
  readonly metrics: MetricStore;
  readonly clock: Clock;
  /** Twelve digits. */
  readonly account: string;
  /** The period ends this much before now. */
  readonly delayMs: number;
  /** Notes the levels of all queues as they are now. */
  readonly refresh: () => void;
}

/** As long as CloudWatch's own, when nobody asks for another. */
const usualPeriodMs = 60_000;

/**
 * All metrics as text for Prometheus, under the names that exporters of CloudWatch give them, e.g. `aws_lambda_errors_sum`.
 * Values are the statistics of the last minute, or of another period; a metric without an observation in it is not there, as in CloudWatch.
 * Exporters show the newest whole period instead, which in a local test would be up to a minute late.
 * Names and labels are those of both wide-spread exporters at once, so that queries written for either find them.
 * Source: prometheus/cloudwatch_exporter (job, instance, dimensions in snake case; HELP), and
 * prometheus-community/yet-another-cloudwatch-exporter (name, region, account_id, dimension_*), which agree on names.
 */
export function exporterPage(parts: ExporterPageParts, periodMs = usualPeriodMs): string {
  parts.refresh();
  const to = parts.clock.now() - parts.delayMs + 1;
  const families = new Map<string, { readonly help: string; readonly samples: string[] }>();
  for (const series of parts.metrics.series(null)) {
    const points = parts.metrics.points(series, to - periodMs, to, Math.min(periodMs, 10_000));
    if (points.length === 0) continue;
    const values = statisticsOf(points);
    const labels = labelsOf(series, parts.account);
    for (const statistic of statistics) {
      const name = nameOf(series, statistic);
      const family = families.get(name) ?? { help: helpOf(series, statistic), samples: [] };
      family.samples.push(`${name}${labels} ${values[statistic]}\n`);
      families.set(name, family);
    }
  }
  return [...families]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { help, samples }]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.join("")}`)
    .join("");
}

function snakeCase(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

function safe(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]+/g, "_");
}

function nameOf({ namespace, name }: MetricSeries, statistic: string): string {
  return safe(`${namespace.toLowerCase()}_${snakeCase(name)}_${snakeCase(statistic)}`);
}

function helpOf({ namespace, name, dimensions }: MetricSeries, statistic: string): string {
  const names = Object.keys(dimensions).join(", ");
  return `CloudWatch metric ${namespace} ${name} Dimensions: [${names}] Statistic: ${statistic} Unit: ${unitOf(namespace, name)}`;
}

/** The resource that the dimensions name; the other exporter's name for "none" otherwise. */
function resourceArn(region: string, account: string, dimensions: Dimensions): string {
  const { FunctionName, QueueName } = dimensions;
  if (FunctionName !== undefined) return `arn:aws:lambda:${region}:${account}:function:${FunctionName}`;
  return QueueName === undefined ? "global" : `arn:aws:sqs:${region}:${account}:${QueueName}`;
}

function labelsOf({ region, namespace, dimensions }: MetricSeries, account: string): string {
  const pairs = [
    ["job", safe(namespace.toLowerCase())],
    ["instance", ""],
    ["name", resourceArn(region, account, dimensions)],
    ["region", region],
    ["account_id", account],
    ...Object.entries(dimensions).flatMap(([name, value]) => [
      [safe(snakeCase(name)), value],
      [`dimension_${safe(name)}`, value],
    ]),
  ];
  return `{${pairs.map(([name, value = ""]) => `${name}="${escaped(value)}"`).join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (one) => (one === "\n" ? "\\n" : `\\${one}`));
}
