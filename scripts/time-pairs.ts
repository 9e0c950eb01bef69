import { type Measured, median } from "./measured.ts";

export interface Pair {
  /** What the reference is, for people. */
  readonly against: string;
  readonly pairs: number;
  /** Does what is not to be timed, and returns the two ways. */
  readonly prepare: () => Promise<{
    readonly ours: () => Promise<void>;
    readonly reference: () => Promise<void>;
    /** Ends what `prepare` started. */
    readonly close?: () => Promise<void>;
  }>;
}

/**
 * Times two ways in turn, so that what else the machine does hits both; the first pair only warms up. The figure `ratio` is
 * the median of the pairs' ratios (ours / reference).
 */
export async function timePairs({ against, pairs: count, prepare }: Pair): Promise<Measured> {
  const ways = await prepare();
  const pairs: { ours: number; reference: number }[] = [];
  try {
    for (let index = -1; index < count; index++) {
      const measured = { reference: await time(ways.reference), ours: await time(ways.ours) };
      if (index >= 0) pairs.push(measured);
    }
  } finally {
    await ways.close?.();
  }
  const ours = median(pairs.map((pair) => pair.ours)).toFixed(1);
  const reference = median(pairs.map((pair) => pair.reference)).toFixed(1);
  return {
    says: [`${ours} ms against ${reference} ms (${against}), medians of ${count} pairs`],
    figures: { ratio: median(pairs.map((pair) => pair.ours / pair.reference)) },
  };
}

async function time(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
