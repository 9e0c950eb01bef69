import type { Input } from "../input.ts";
import { records, text } from "../input.ts";
import { type Statistic, statisticsOf } from "./metric-statistics.ts";
import type { Dimensions, MetricPoint, MetricStore } from "./metric-store.ts";

/** One metric over a time. Milliseconds. */
export interface BinQuery {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly periodMs: number;
  readonly from: number;
  readonly to: number;
}

export interface Bin {
  /** ms, at the start of its period */
  readonly at: number;
  readonly values: Readonly<Record<Statistic, number>>;
}

/** Where the first period of a span begins: at the start time, rounded down to the minute (shorter periods: to the period). */
export function firstBin({ from, periodMs }: Pick<BinQuery, "from" | "periodMs">): number {
  const grid = Math.min(60_000, periodMs);
  return Math.floor(from / grid) * grid;
}

/** The periods in which something was observed, oldest first; what is younger than `shownUntil` (ms) is not there yet. */
export function binsOf(metrics: MetricStore, query: BinQuery, shownUntil: number): readonly Bin[] {
  const { periodMs } = query;
  const first = firstBin(query);
  const points = metrics.points(query, first, Math.min(query.to, shownUntil + 1));
  const byStart = new Map<number, MetricPoint[]>();
  for (const point of points) {
    const at = first + Math.floor((point.at - first) / periodMs) * periodMs;
    const bin = byStart.get(at);
    if (bin === undefined) byStart.set(at, [point]);
    else bin.push(point);
  }
  return [...byStart.entries()].map(([at, inside]) => ({ at, values: statisticsOf(inside) }));
}

/** Dimensions as calls give them. */
export function dimensionsOf(input: Input): Dimensions {
  const pairs = records(input, "Dimensions") ?? [];
  return Object.fromEntries(pairs.map((pair) => [text(pair, "Name") ?? "", text(pair, "Value") ?? ""]));
}

/** Dimensions as answers give them. */
export function dimensionList(dimensions: Dimensions): readonly Readonly<Record<string, string>>[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
