import { AwsError } from "../contract/aws.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { Recorded } from "../contract/journal.ts";
import type { ExperimentPlan } from "../contract/plan.ts";
import { Refusal } from "../contract/refusal.ts";
import { Abort } from "./abort.ts";
import { failureOf } from "./failure.ts";
import { lease, refusedByRun, restoreLeftovers } from "./lease.ts";
import { openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { prepare, type ReadyExperiment, type ReadyStep } from "./plan.ts";
import { type ResourceTable, resourceTable } from "./readings.ts";
import { type Restoring, restore } from "./restore.ts";
import { JournalLost, RunLog } from "./run-log.ts";
import { runStep } from "./step.ts";
import { TunableError } from "./tunables.ts";

export interface RunOptions {
  readonly run: string;
  /** Aborted with an AbortRequest as its reason: nothing more is injected, what is in is restored. */
  readonly signal: AbortSignal;
  /** Called before the first write: what it prints may be all that survives. */
  readonly onPlan?: (plan: ExperimentPlan) => void;
  /** Restores first what any dead run left, wherever it is. */
  readonly restoreLeftovers?: boolean;
}

/** One run from its plan to its proof. Never throws once the run is in the journal: what happened is in the events. */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
  parts: Parts,
): Promise<readonly Recorded[]> {
  const log = new RunLog(options.run, parts);
  if ((await parts.journal.take(options.run, [])) !== null)
    throw new Refusal(`Another process runs ${options.run}: a run needs an id of its own.`);
  if ((await parts.journal.read(options.run)).length > 0)
    throw new Refusal(`There is a run ${options.run} in the journal: a run needs an id of its own.`);
  await log.commit({ type: "run.started", version: parts.version, format: 1, by: parts.by, experiment });
  const abort = new Abort(log, options.signal);
  const done = new AbortController();
  const watching = abort.watch(parts.journal, parts.clock, done.signal);
  const life: Life = { log, abort, parts, options, table: resourceTable(parts.resources) };
  try {
    if (options.restoreLeftovers === true) await restoreLeftovers(parts, abort.signal);
    const ready = await refusedByRun(options.run, parts, () =>
      prepare(experiment, options.run, parts, abort.signal),
    );
    await lease(options.run, ready.plan, parts);
    await announce(ready, life);
    await runSteps(ready, life);
  } catch (error) {
    if (!abort.signal.aborted || !(error instanceof AwsError)) await noteEnd(error, life);
  }
  await finish(life);
  done.abort();
  await watching;
  return log.events;
}

interface Life {
  readonly log: RunLog;
  readonly abort: Abort;
  readonly parts: Parts;
  readonly options: RunOptions;
  readonly table: ResourceTable;
}

async function announce(ready: ReadyExperiment, { log, options }: Life): Promise<void> {
  for (const plan of ready.plan.steps) {
    if (plan.kind === "wait") continue;
    const { place, access, identity, timing, iterations, targets, warnings, until } = plan;
    await log.commit({
      type: "step.planned",
      step: plan.step.name,
      place,
      access,
      identity,
      timing,
      iterations,
      targets,
      warnings,
      until,
    });
  }
  options.onPlan?.(ready.plan);
}

async function runSteps(ready: ReadyExperiment, life: Life): Promise<void> {
  const { log, abort, parts, table } = life;
  let edits = 0;
  let stopped: string | null = null;
  for (const step of ready.steps) {
    if (abort.signal.aborted) stopped ??= "the run was aborted";
    if (step.kind === "wait") {
      if (stopped !== null) continue;
      await log.note({ type: "wait.started", step: step.name, ms: step.waitMs });
      await parts.clock.sleep(step.waitMs, abort.signal);
    } else if (stopped !== null) {
      await log.note({ type: "step.skipped", step: step.plan.step.name, reason: stopped });
    } else {
      const restoring = restoringOf(step, life);
      const run = {
        ready: step,
        parts,
        table,
        log,
        abort,
        restoring,
        nextEdit: () => (edits = Math.max(edits, log.lastEdit) + 1),
      };
      try {
        const fine = await runStep(run);
        if (!fine && !abort.signal.aborted) stopped = `step "${step.plan.step.name}" did not go as planned`;
      } finally {
        await leaveNothing(restoring, life);
      }
    }
  }
}

/** The last net within the process: a defect between an injection and its restore. */
async function leaveNothing(restoring: Restoring, { log, abort, parts }: Life): Promise<void> {
  const open = openEdits(log.events);
  const tried = open.some(({ edit }) =>
    log.events.some(
      ({ event }) => (event.type === "failed" || event.type === "pending") && event.edit === edit,
    ),
  );
  if (open.length === 0 || tried || abort.request?.leave === true) return;
  await log.note({ type: "restore.started", step: null, iteration: null, by: parts.by });
  await restore(open, restoring);
}

function restoringOf(step: ReadyStep, { log, table, parts }: Life): Restoring {
  const { aws, place } = step.connection;
  // A signal of its own: what ended the run must not end its way back.
  const io = { aws, place, clock: parts.clock, salt: log.run, signal: new AbortController().signal };
  return {
    log,
    table,
    clock: parts.clock,
    ioFor: () => Promise.resolve(io),
    timeoutMs: step.plan.timing.restoreTimeoutMs,
  };
}

async function noteEnd(error: unknown, { log }: Life): Promise<void> {
  const expected =
    error instanceof Refusal ||
    error instanceof TunableError ||
    error instanceof AwsError ||
    error instanceof JournalLost;
  await log.note({ type: "run.failed", failure: failureOf(error), defect: !expected });
}

async function finish({ log, abort }: Life): Promise<void> {
  const { request } = abort;
  if (request?.leave === true) {
    const left = openEdits(log.events);
    await log.note(...left.map(({ edit }) => ({ type: "left" as const, edit, by: request.by })));
  }
  await log.finish();
}
