/** What happened to a metric in one second. */
export interface MetricPoint {
  /** ms, at the start of the second */
  readonly at: number;
  sum: number;
  count: number;
  minimum: number;
  maximum: number;
}

export type Dimensions = Readonly<Record<string, string>>;

export interface MetricSeries {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

export interface MetricStore {
  /** Adds one observation, at `atMs` (ms since the epoch). */
  add(series: MetricSeries, value: number, atMs: number): void;
  /** Says that from `atMs` on a quantity has this value. */
  level(series: MetricSeries, value: number, atMs: number): void;
  /** Says since when (ms; null: not at all) something has been there: what is measured is its age in seconds. */
  since(series: MetricSeries, sinceMs: number | null, atMs: number): void;
  /** Points in [from, to), one a second at most, oldest first. Levels and ages are sampled every ten seconds, or every `sampleMs`. */
  points(series: MetricSeries, from: number, to: number, sampleMs?: number): readonly MetricPoint[];
  /** Null: of all regions. */
  series(region: string | null): readonly MetricSeries[];
}

interface Stored extends MetricSeries {
  points: MetricPoint[];
  steps: { at: number; value: number | null }[];
  kind: "observed" | "level" | "since";
}

const keepMs = 3 * 3600 * 1000;
const usualSampleMs = 10_000;

function keyOf({ region, namespace, name, dimensions }: MetricSeries): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([region, namespace, name, sorted]);
}

function insert(points: MetricPoint[], at: number, value: number): void {
  let index = points.length;
  while (index > 0 && (points[index - 1]?.at ?? 0) > at) index -= 1;
  const same = points[index - 1];
  if (same !== undefined && same.at === at) {
    same.sum += value;
    same.count += 1;
    same.minimum = Math.min(same.minimum, value);
    same.maximum = Math.max(same.maximum, value);
    return;
  }
  points.splice(index, 0, { at, sum: value, count: 1, minimum: value, maximum: value });
}

/** Drops what is too old, in blocks: at most every 1000 entries. */
function prune<T extends { at: number }>(items: T[], newest: number, keepBefore: number): T[] {
  if (items.length < 1000 || (items[0]?.at ?? newest) > newest - keepMs - 600_000) return items;
  const first = items.findIndex((item) => item.at >= newest - keepMs);
  return first <= keepBefore ? items : items.slice(first - keepBefore);
}

function sampled(stored: Stored, from: number, to: number, sampleMs: number): MetricPoint[] {
  const points: MetricPoint[] = [];
  let next = 0;
  let current: number | null | undefined;
  // Before the first step there is nothing.
  const first = Math.max(from, stored.steps[0]?.at ?? to);
  for (let at = Math.ceil(first / sampleMs) * sampleMs; at < to; at += sampleMs) {
    for (let step = stored.steps[next]; step !== undefined && step.at <= at; step = stored.steps[next]) {
      current = step.value;
      next += 1;
    }
    if (current === undefined) continue;
    const value =
      stored.kind === "since" ? (current === null ? 0 : Math.floor((at - current) / 1000)) : (current ?? 0);
    points.push({ at, sum: value, count: 1, minimum: value, maximum: value });
  }
  return points;
}

/** Keeps three hours of metrics, one point a second for each series. */
export function createMetricStore(): MetricStore {
  const all = new Map<string, Stored>();
  const of = (series: MetricSeries, kind: Stored["kind"]): Stored => {
    const key = keyOf(series);
    let stored = all.get(key);
    if (stored === undefined) {
      stored = { ...series, dimensions: { ...series.dimensions }, points: [], steps: [], kind };
      all.set(key, stored);
    }
    return stored;
  };
  const step = (stored: Stored, value: number | null, at: number): void => {
    const last = stored.steps.at(-1);
    if (last?.value === value) return;
    if (last !== undefined && last.at >= at) last.value = value;
    else stored.steps.push({ at, value });
    stored.steps = prune(stored.steps, at, 1);
  };
  return {
    add: (series, value, atMs) => {
      const stored = of(series, "observed");
      insert(stored.points, Math.floor(atMs / 1000) * 1000, value);
      stored.points = prune(stored.points, atMs, 0);
    },
    level: (series, value, atMs) => step(of(series, "level"), value, atMs),
    since: (series, sinceMs, atMs) => step(of(series, "since"), sinceMs, atMs),
    points: (series, from, to, sampleMs = usualSampleMs) => {
      const stored = all.get(keyOf(series));
      if (stored === undefined) return [];
      if (stored.kind !== "observed") return sampled(stored, from, to, sampleMs);
      return stored.points.filter((point) => point.at >= from && point.at < to);
    },
    series: (region) =>
      [...all.values()]
        .filter((stored) => region === null || stored.region === region)
        .map((stored) => ({
          region: stored.region,
          namespace: stored.namespace,
          name: stored.name,
          dimensions: stored.dimensions,
        })),
  };
}
