import type { Journal, Recorded } from "../contract/journal.ts";

/**
 * What is made of a run's events, or why they cannot be read.
 *
 * For who tells of many runs: one that somebody, or a disk, has damaged must not keep the others from being told.
 */
export async function tryRun<T>(
  run: string,
  journal: Pick<Journal, "read">,
  make: (events: readonly Recorded[]) => T,
): Promise<{ readonly made: T } | { readonly unreadable: string }> {
  try {
    return { made: make(await journal.read(run)) };
  } catch (error) {
    return { unreadable: reasonOf(error) };
  }
}

/** Without what to do about a journal as a whole, which would be told again with each run. */
function reasonOf(error: unknown): string {
  const first = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return first instanceof Error ? first.message : String(first);
}
