import type { Event } from "../contract/events.ts";
import type { Sample } from "../contract/evidence.ts";
import type { Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import { Refusal } from "../contract/refusal.ts";
import type { Abort } from "./abort.ts";
import { confirm } from "./confirm.ts";
import { failureOf } from "./failure.ts";
import { refuseTime } from "./guarding.ts";
import { hold } from "./hold.ts";
import { inject } from "./inject.ts";
import { openEditsOf } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import type { ReadyStep } from "./plan.ts";
import type { Prober } from "./prober.ts";
import { type ResourceTable, withStates } from "./readings.ts";
import { type Restoring, restore } from "./restore.ts";
import type { RunLog } from "./run-log.ts";
import { sample, sampleDuring, watchAfter } from "./sampling.ts";
import { windowsOf } from "./windows.ts";

export interface StepRun {
  readonly ready: ReadyStep;
  readonly parts: Parts;
  readonly table: ResourceTable;
  readonly log: RunLog;
  readonly abort: Abort;
  readonly restoring: Restoring;
  readonly prober: Prober;
}

/** A ramp or an interval may lie between the plan and an iteration: targets older than this are read again. */
const FRESH_MS = 5_000;

/** A hold that ended later than this was suspended: nothing is injected any more. */
const OVERRUN_MS = 5_000;

/** One step, its state before looked at, from its first ramp to its last measure. True when the next step may follow. */
export async function runStep(run: StepRun): Promise<boolean> {
  const { ready, log, abort } = run;
  const { plan } = ready;
  const step = plan.step.name;
  await ramp(run, "before");
  const baseline = await sample("baseline", ioOf(run), { ...ready, step, targets: plan.targets, log });
  let healthy = true;
  const sets = iterationSets(plan.targets, plan.timing.serial, plan.timing.cycles);
  for (const [i, targets] of sets.entries()) {
    if (abort.signal.aborted || !healthy) break;
    if (i > 0) await pause(run, { type: "interval.started", step, ms: plan.timing.intervalMs });
    if (!abort.signal.aborted) healthy = await iterate(run, i + 1, targets);
  }
  await after(run, baseline);
  await ramp(run, "after");
  await run.prober.after(step);
  return healthy && !abort.signal.aborted;
}

/** Inject, confirm, hold, restore, prove. False when nothing more may be injected. */
async function iterate(run: StepRun, iteration: number, targets: readonly Target[]): Promise<boolean> {
  const { ready, log, abort } = run;
  const { plan } = ready;
  const step = plan.step.name;
  await log.note({ type: "iteration.started", step, iteration, targets: targets.map(({ ref }) => ref) });
  let healthy = false;
  run.prober.transition(step);
  try {
    healthy = await unplug(run, iteration, targets);
  } catch (error) {
    await log.note({ type: "inject.failed", step, iteration, failure: failureOf(error) });
  }
  run.prober.transition(step);
  if (abort.request?.leave !== true) {
    const open = openEditsOf(step, log.events);
    if (open.length > 0) await log.note({ type: "restore.started", step, iteration, by: run.parts.by });
    const restoring = restore(open, run.restoring);
    await (healthy ? sampleDuring(restoring, ioOf(run), { ...ready, step, targets, log }) : restoring);
  }
  await log.note({ type: "iteration.ended", step, iteration });
  const isOut = openEditsOf(step, log.events).length === 0;
  if (isOut) run.prober.faultOut(step);
  // Somebody works on the target, or did not want it unplugged: once is enough.
  const lost = log.events.some(
    ({ event }) => event.type === "inject.lost" && event.step === step && event.iteration === iteration,
  );
  return healthy && !lost && isOut;
}

async function unplug(run: StepRun, iteration: number, planned: readonly Target[]): Promise<boolean> {
  const { ready, table, log, abort } = run;
  const { plan, fault, own } = ready;
  const step = plan.step.name;
  const io = ioOf(run);
  const stale = io.clock.now() - ready.plannedAt > FRESH_MS;
  const targets = stale ? await withStates(planned, table, io) : planned;
  if (io.clock.now() > plan.until)
    throw new Refusal("It is later than the run said it would ever inject; this process was suspended.");
  refuseTime(ready.rails, io.clock.now(), plan.timing.holdMs);
  await inject({
    step,
    iteration,
    fault,
    own,
    targets,
    stamp: { run: log.run, until: plan.until },
    timing: plan.timing,
    rails: ready.rails,
    table,
    io,
    log,
  });
  const edits = openEditsOf(step, log.events);
  const revisions = await confirm(
    edits.filter(({ arms }) => arms),
    plan.timing,
    { table, io, log },
  );
  if (abort.signal.aborted) return false;
  await log.note({ type: "inject.confirmed", step, iteration });
  run.prober.faultIn(step);
  if (log.lost !== null) return false;
  const until = io.clock.now() + plan.timing.holdMs;
  await hold({ step, iteration, fault, own, targets, edits, revisions, until, table, io, log });
  return io.clock.now() - until < OVERRUN_MS;
}

async function after(run: StepRun, baseline: readonly Sample[]): Promise<void> {
  const { ready, log } = run;
  const { plan, fault, own } = ready;
  const step = plan.step.name;
  if (!log.events.some(({ event }) => event.type === "inject.confirmed" && event.step === step)) return;
  const io = ioOf(run);
  await watchAfter(baseline, io, { fault, own, step, targets: plan.targets, log });
  const { windows, samples } = windowsOf(step, log.events);
  // What they say is worth having after an abort too, but not worth waiting for.
  if (windows === null || io.signal.aborted) return;
  const seen = { targets: plan.targets, tunables: own, windows, samples };
  const [evidence = [], answers = []] = await Promise.all([
    fault.evidence?.(seen, io).catch(() => []),
    fault.answers?.(seen, io).catch(() => []),
  ]);
  if (evidence.length > 0) await log.note({ type: "evidence", step, evidence });
  if (answers.length > 0) await log.note({ type: "answered", step, answers });
}

async function ramp(run: StepRun, when: "before" | "after"): Promise<void> {
  const { timing, step } = run.ready.plan;
  if (timing.rampMs > 0) await pause(run, { type: "ramp.started", step: step.name, ms: timing.rampMs, when });
}

async function pause(run: StepRun, event: Extract<Event, { ms: number }>): Promise<void> {
  if (run.abort.signal.aborted || event.ms === 0) return;
  await run.log.note(event);
  await run.parts.clock.sleep(event.ms, run.abort.signal);
}

function iterationSets(
  targets: readonly Target[],
  serial: boolean,
  cycles: number,
): readonly (readonly Target[])[] {
  const once = serial ? targets.map((target) => [target]) : [targets];
  return Array.from({ length: cycles }, () => once).flat();
}

function ioOf(run: StepRun): Io {
  const { aws, place } = run.ready.connection;
  return { aws, place, clock: run.parts.clock, salt: run.log.run, signal: run.abort.signal };
}
