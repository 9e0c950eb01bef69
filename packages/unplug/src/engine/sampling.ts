import type { Sample } from "../contract/evidence.ts";
import type { AnyFault, Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import type { RunLog } from "./run-log.ts";

/** Whose workload is measured, and where the measures go. */
export interface Sampling {
  readonly fault: AnyFault;
  readonly step: string;
  readonly targets: readonly Target[];
  readonly own: Record<string, unknown>;
  readonly log: RunLog;
}

/** One round of live measures; what cannot be read, or comes when nobody waits for it any more, is left out. */
export async function sample(
  phase: "baseline" | "fault" | "after",
  io: Io,
  { fault, step, targets, own, log }: Sampling,
): Promise<readonly Sample[]> {
  const samples = (await fault.watch?.sample(targets, own, io).catch(() => [])) ?? [];
  if (samples.length > 0 && !io.signal.aborted) await log.note({ type: "sampled", step, phase, samples });
  return samples;
}

/** What is measured only once while the fault is in. */
export async function sampleOnce(io: Io, { fault, step, targets, own, log }: Sampling): Promise<void> {
  const samples = (await fault.watch?.once?.(targets, own, io).catch(() => [])) ?? [];
  if (samples.length > 0 && !io.signal.aborted)
    await log.note({ type: "sampled", step, phase: "fault", samples });
}

/** A round of a thousand queues takes seconds: no more than a fifth of the time goes into measuring. */
const REST = 4;

/** Measures while the fault is in, until the signal of `io` is aborted. */
export async function keepSampling(io: Io, sampling: Sampling): Promise<void> {
  const { watch } = sampling.fault;
  while (watch !== undefined && !io.signal.aborted) {
    const began = io.clock.now();
    await sample("fault", io, sampling);
    await io.clock.sleep(Math.max(watch.everyMs, REST * (io.clock.now() - began)), io.signal);
  }
}

/**
 * Goes on measuring while `work` puts things back, as often as before: nothing is delivered until it is done. A measure is never
 * waited for.
 */
export async function sampleDuring(work: Promise<void>, io: Io, sampling: Sampling): Promise<void> {
  const done = new AbortController();
  // Its failures are no reason to leave the restore.
  void goOnSampling({ ...io, signal: done.signal }, sampling).catch(() => undefined);
  await work.finally(() => done.abort());
}

/** As `keepSampling`, from when the next measure is due: one at once would take the first moments from what it measures. */
async function goOnSampling(io: Io, sampling: Sampling): Promise<void> {
  const { fault, step, log } = sampling;
  const last = log.events.findLast(({ event }) => event.type === "sampled" && event.step === step);
  const dueAt = (last?.at ?? 0) + (fault.watch?.everyMs ?? 0);
  await io.clock.sleep(dueAt - io.clock.now(), io.signal);
  await keepSampling(io, sampling);
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
