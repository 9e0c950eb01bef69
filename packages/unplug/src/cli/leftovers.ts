import type { RunHead } from "../contract/journal.ts";
import type { Stream } from "./shell.ts";

/** Runs that ended with their process and may have left something unplugged. */
export function leftovers(runs: readonly RunHead[]): readonly RunHead[] {
  return runs.filter(({ closed, alive }) => !closed && !alive);
}

/** Says which dead runs are unfinished and what finishes them; `except` is the one that is being dealt with. */
export function announceLeftovers(
  runs: readonly RunHead[],
  to: Stream,
  except: readonly string[] = [],
): void {
  for (const { run, startedAt } of leftovers(runs)) {
    if (except.includes(run)) continue;
    const since = new Date(startedAt).toISOString();
    to.write(`Run ${run} of ${since} ended without restoring everything. Finish it: unplug restore ${run}\n`);
  }
}
