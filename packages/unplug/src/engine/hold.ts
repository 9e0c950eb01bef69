import type { Sample } from "../contract/evidence.ts";
import type { AnyFault, Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import type { OpenEdit } from "./open-edits.ts";
import { type ResourceTable, readAll, resourceFor } from "./readings.ts";
import type { RunLog } from "./run-log.ts";

export interface Holding {
  readonly step: string;
  readonly iteration: number;
  readonly fault: AnyFault;
  readonly own: Record<string, unknown>;
  readonly targets: readonly Target[];
  /** What stands in AWS for this iteration. */
  readonly edits: readonly OpenEdit[];
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly table: ResourceTable;
  readonly io: Io;
  readonly log: RunLog;
}

/** Keeps the fault in until `until` or an abort, and looks again and again whether it still is. */
export async function hold(holding: Holding): Promise<void> {
  const { io, until, log, step, iteration } = holding;
  const ended = new AbortController();
  const over = AbortSignal.any([io.signal, ended.signal]);
  const during: Io = { ...io, signal: over };
  const armed = new Map(
    holding.edits.filter(({ arms }) => arms).map((edit) => [refKey(edit.value.ref), edit]),
  );
  await log.note({ type: "hold.started", step, iteration, until });
  const timer = io.clock.sleep(until - io.clock.now(), over).then(() => ended.abort());
  await Promise.all([
    timer,
    lookAgain(armed, during, holding, () => ended.abort()),
    keepSampling(during, holding, () => ended.abort()),
  ]);
  await log.note({ type: "hold.ended", step, iteration, overrunMs: Math.max(0, io.clock.now() - until) });
}

async function lookAgain(
  armed: Map<string, OpenEdit>,
  io: Io,
  holding: Holding,
  end: () => void,
): Promise<void> {
  const every = Math.min(
    ...[...armed.values()].map(({ value }) => resourceFor(holding.table, value.ref.kind).lookEveryMs),
  );
  while (armed.size > 0) {
    await io.clock.sleep(every, io.signal);
    if (io.signal.aborted) return;
    // Somebody else's change may not fit ours: out with it at once, and this run is inconclusive anyway.
    if (await isDisturbed(armed, io, holding)) break;
  }
  end();
}

/** One look: what is lost is noted and no longer held. True when somebody works on what is still unplugged. */
async function isDisturbed(armed: Map<string, OpenEdit>, io: Io, holding: Holding): Promise<boolean> {
  const refs = [...armed.values()].map(({ value }) => value.ref);
  // A look that AWS does not answer says nothing; the next one may.
  const seen = await readAll(refs, holding.table, io).catch(() => []);
  const { step, iteration, log } = holding;
  let disturbed = false;
  for (const now of seen) {
    const edit = armed.get(refKey(now.ref));
    if (edit === undefined) continue;
    // What is on its way somewhere is judged when it has arrived.
    if (now.found && (!now.settled || equalJson(now.state, edit.value.after))) continue;
    armed.delete(refKey(now.ref));
    const resource = resourceFor(holding.table, now.ref.kind);
    const still = now.found && !equalJson(resource.without(now.state, edit.value), now.state);
    disturbed ||= still;
    const reason = !now.found
      ? "somebody deleted it"
      : still
        ? "somebody else changed it"
        : "somebody took the fault out";
    await log.note({
      type: "inject.lost",
      step,
      iteration,
      ref: now.ref,
      reason,
      now: now.found ? now.state : null,
    });
  }
  return disturbed;
}

async function keepSampling(io: Io, holding: Holding, end: () => void): Promise<void> {
  const { watch } = holding.fault;
  if (watch === undefined) return;
  while (!io.signal.aborted) {
    await sample("fault", io, holding);
    // Without a journal only this process knows the way back: it is gone at once.
    if (holding.log.lost !== null) end();
    await io.clock.sleep(watch.everyMs, io.signal);
  }
}

type Sampling = Pick<Holding, "fault" | "step" | "targets" | "own" | "log">;

/** One round of live measures; what cannot be read is left out. */
export async function sample(
  phase: "baseline" | "fault" | "after",
  io: Io,
  sampling: Sampling,
): Promise<readonly Sample[]> {
  const { fault, step, targets, own, log } = sampling;
  const samples = (await fault.watch?.sample(targets, own, io).catch(() => [])) ?? [];
  if (samples.length > 0) await log.note({ type: "sampled", step, phase, samples });
  return samples;
}

/** Goes on measuring while `work` puts things back: nothing is delivered until it is done. It never waits for a measure. */
export async function sampleDuring(work: Promise<void>, io: Io, sampling: Sampling): Promise<void> {
  const { watch } = sampling.fault;
  const done = new AbortController();
  const measuring = async (every: number): Promise<void> => {
    while (!done.signal.aborted) {
      await io.clock.sleep(every, done.signal);
      if (!done.signal.aborted) await sample("fault", { ...io, signal: done.signal }, sampling);
    }
  };
  const measures = watch === undefined ? Promise.resolve() : measuring(watch.everyMs);
  await work.finally(() => done.abort());
  await measures;
}

/** Goes on measuring after the restore, until the workload is what it was before or the fault's own limit is over. */
export async function watchAfter(baseline: readonly Sample[], io: Io, sampling: Sampling): Promise<void> {
  const { watch } = sampling.fault;
  if (watch === undefined) return;
  const deadline = io.clock.now() + watch.afterMs(sampling.own);
  while (!io.signal.aborted) {
    const latest = await sample("after", io, sampling);
    if (watch.calm(baseline, latest) || io.clock.now() >= deadline) return;
    await io.clock.sleep(watch.everyMs, io.signal);
  }
}
