import type { MetricPoint } from "./metric-store.ts";

export const statistics = ["Sum", "SampleCount", "Minimum", "Maximum", "Average"] as const;

/** What CloudWatch says of the observations of a period. */
export type Statistic = (typeof statistics)[number];

/** Of at least one point. */
export function statisticsOf(points: readonly MetricPoint[]): Readonly<Record<Statistic, number>> {
  const sum = points.reduce((total, point) => total + point.sum, 0);
  const count = points.reduce((total, point) => total + point.count, 0);
  return {
    Sum: sum,
    SampleCount: count,
    Average: sum / count,
    Minimum: Math.min(...points.map((point) => point.minimum)),
    Maximum: Math.max(...points.map((point) => point.maximum)),
  };
}

/** The unit that AWS gives a metric of Lambda or SQS. */
export function unitOf(namespace: string, name: string): string {
  if (name === "Duration" || name.includes("IteratorAge")) return "Milliseconds";
  if (name === "ApproximateAgeOfOldestMessage") return "Seconds";
  return namespace === "AWS/Lambda" || namespace === "AWS/SQS" ? "Count" : "None";
}
