/** What a bench found. */
export interface Measured {
  /** For people, a line each. */
  readonly says: readonly string[];
  /** Each has its target in bench/targets.json, the most that it may be. A text says why it could not be measured. */
  readonly figures: Readonly<Record<string, number | string>>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

/** What `share` (0 to 1) of the values do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
