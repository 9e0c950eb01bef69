import type { Clock } from "../contract/clock.ts";

/**
 * Waits for `work` no longer than `ms` and no longer than `signal` lets it, whether or not it heeds the signal that it is given:
 * null then. Rejects as `work` does.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const done = new AbortController();
  const ended = AbortSignal.any([signal, done.signal]);
  const late = new AbortController();
  const answer = work(AbortSignal.any([signal, late.signal]));
  // Whoever is left behind may fail later, and nobody asks any more.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, clock.sleep(ms, ended).then(() => null)]);
  } finally {
    done.abort();
    late.abort();
  }
}
