import type { Conflict } from "../contract/journal.ts";
import { refKey } from "../contract/place.ts";
import type { ExperimentPlan } from "../contract/plan.ts";
import { Refusal } from "../contract/refusal.ts";
import type { Parts } from "./parts.ts";
import { restoreRun } from "./restore-run.ts";

/** Leases every target of the plan to this run; throws Refusal with the id of the run that has one of them. */
export async function lease(run: string, plan: ExperimentPlan, parts: Parts): Promise<void> {
  const claims = plan.steps.flatMap((step) =>
    step.kind === "wait" ? [] : step.targets.map(({ ref }) => refKey(ref)),
  );
  const conflict = await parts.journal.take(run, claims);
  if (conflict !== null) throw taken(conflict);
}

/** A target that another run has unplugged is unfit for ours: that run is the reason to name. */
export async function refusedByRun<T>(run: string, parts: Parts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.keys.length === 0) throw error;
    const conflict = await parts.journal.take(run, error.keys);
    throw conflict === null ? error : taken(conflict);
  }
}

/** Finishes what dead runs left, so that their targets are free again; throws what the first failed of, after all ended. */
export async function restoreLeftovers(parts: Parts, signal: AbortSignal): Promise<void> {
  // Their events are theirs: whoever watches this run would take them for its own.
  const { onEvent: _watcher, ...quiet } = parts;
  const dead = (await parts.journal.runs()).filter(({ alive, closed }) => !alive && !closed);
  if (signal.aborted) return;
  // One that cannot be restored must not end the process while the others are under way.
  const ends = await Promise.allSettled(dead.map(({ run }) => restoreRun(run, quiet)));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function taken({ run, alive, claim }: Conflict): Refusal {
  const what = claim === null ? "" : ` on ${claim.split("|").slice(-2).join(" ")}`;
  return alive
    ? new Refusal(
        `Run ${run} is going on${what}; one run at a time per target.`,
        [],
        `Wait for it, or end it: unplug abort ${run}`,
      )
    : new Refusal(
        `Run ${run} died and left something${what}.`,
        [],
        `Restore it first: unplug restore ${run} (or add --restore-leftovers)`,
      );
}
