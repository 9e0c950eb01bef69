import { AwsError } from "../contract/aws.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { Recorded } from "../contract/journal.ts";
import type { ExperimentPlan, Preflight } from "../contract/plan.ts";
import { Refusal } from "../contract/refusal.ts";
import { Abort } from "./abort.ts";
import { failureOf } from "./failure.ts";
import { NOT_PERMITTED } from "./guarding.ts";
import { lease, refusedByRun, restoreLeftovers } from "./lease.ts";
import { openEdits, openEditsOf } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { prepare, type ReadyExperiment, type ReadyStep } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { Prober } from "./prober.ts";
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
    refuseUnpermitted(ready.plan);
    const found = await preflight(ready, parts, abort.signal);
    refuseUnfit(found);
    await lease(options.run, ready.plan, parts);
    await announce(ready.plan, found, life);
    await runSteps(ready, life);
  } catch (error) {
    if (!abort.signal.aborted || !(error instanceof AwsError)) await noteEnd(error, life);
  }
  await finish(life);
  done.abort();
  await watching;
  abort.close();
  return log.events;
}

interface Life {
  readonly log: RunLog;
  readonly abort: Abort;
  readonly parts: Parts;
  readonly options: RunOptions;
  readonly table: ResourceTable;
}

function refuseUnpermitted({ guardRails }: ExperimentPlan): void {
  if (guardRails === undefined || guardRails.refused.length === 0) return;
  throw new Refusal(NOT_PERMITTED, guardRails.refused, "A rule is changed in its file, by who keeps it.");
}

/** What cannot be put back must not be unplugged. */
function refuseUnfit({ refused }: Preflight): void {
  if (refused.length === 0) return;
  throw new Refusal(
    "The run or its restore would not be permitted, or could not be finished; nothing was changed.",
    refused,
    "`unplug policy` prints all permissions that are needed; `unplug plan` looks again.",
  );
}

async function announce(whole: ExperimentPlan, found: Preflight, { log, options }: Life): Promise<void> {
  for (const plan of whole.steps) {
    if (plan.kind === "wait") continue;
    const { place, access, identity, timing, iterations, targets, until } = plan;
    const more = found.warned.flatMap(({ step, warning }) => (step === plan.step.name ? [warning] : []));
    const warnings = [...plan.warnings, ...more];
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
  options.onPlan?.({ ...whole, preflight: found });
}

async function runSteps(ready: ReadyExperiment, life: Life): Promise<void> {
  const prober = new Prober(ready.probes, life);
  try {
    await runGroups(ready, prober, life);
  } finally {
    prober.close();
  }
}

async function runGroups(ready: ReadyExperiment, prober: Prober, life: Life): Promise<void> {
  const { log, abort, parts } = life;
  const absent = await prober.before(null);
  if (absent.length > 0) await log.note({ type: "steady.absent", step: null, reasons: absent });
  let stopped: string | null = absent.length > 0 ? "the steady state was not there" : null;
  for (const group of groupsOf(ready.steps)) {
    if (abort.signal.aborted) stopped ??= "the run was aborted";
    const [first] = group;
    if (first?.kind === "wait") {
      if (stopped !== null) continue;
      await log.note({ type: "wait.started", step: first.name, ms: first.waitMs });
      await parts.clock.sleep(first.waitMs, abort.signal);
      continue;
    }
    const steps = group.filter((step) => step.kind === "fault");
    if (stopped === null) stopped = await runGroup(steps, prober, life);
    else
      for (const { plan } of steps)
        await log.note({ type: "step.skipped", step: plan.step.name, reason: stopped });
  }
  await prober.after(null);
  await prober.finish();
}

/** Steps that run together; a step alone is a group of one. */
function groupsOf(steps: ReadyExperiment["steps"]): readonly ReadyExperiment["steps"][] {
  const groups: ReadyExperiment["steps"][number][][] = [];
  for (const step of steps) {
    const last = groups.at(-1)?.[0];
    const isBeside =
      step.kind === "fault" &&
      last?.kind === "fault" &&
      step.plan.step.parallel !== undefined &&
      step.plan.step.parallel === last.plan.step.parallel;
    if (isBeside) groups.at(-1)?.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Why nothing may follow; null when the next step may. Each restores its own, whatever becomes of the others. */
async function runGroup(steps: readonly ReadyStep[], prober: Prober, life: Life): Promise<string | null> {
  const { log, abort, parts, table } = life;
  const unsteady = await lookedAt(steps, prober, log);
  if (unsteady !== null) return unsteady;
  const ended = await Promise.allSettled(
    steps.map(async (step) => {
      const restoring = restoringOf(step, life);
      try {
        return await runStep({ ready: step, parts, table, log, abort, restoring, prober });
      } finally {
        await leaveNothing(step.plan.step.name, restoring, life);
      }
    }),
  );
  const defect = ended.find((one) => one.status === "rejected");
  if (defect !== undefined) throw defect.reason;
  const bad = steps.find((_, i) => {
    const one = ended[i];
    return one?.status === "fulfilled" && !one.value;
  });
  if (bad === undefined || abort.signal.aborted) return null;
  return `step "${bad.plan.step.name}" did not go as planned`;
}

/**
 * The state before a group, looked at for all of it before any of it is injected: what is not well before the fault cannot be
 * told from what the fault does. Why nothing of it may be injected; null when all may.
 */
async function lookedAt(steps: readonly ReadyStep[], prober: Prober, log: RunLog): Promise<string | null> {
  const names = steps.map(({ plan }) => plan.step.name);
  const found = await Promise.all(names.map(async (step) => ({ step, reasons: await prober.before(step) })));
  const absent = found.filter(({ reasons }) => reasons.length > 0);
  const [first] = absent;
  if (first === undefined) return null;
  for (const { step, reasons } of found) {
    if (reasons.length > 0) await log.note({ type: "steady.absent", step, reasons });
    else
      await log.note({
        type: "step.skipped",
        step,
        reason: `the steady state of "${first.step}" was not there`,
      });
    await prober.after(step);
  }
  return `the steady state of step "${first.step}" was not there`;
}

/** The last net within the process: a defect between an injection and its restore. */
async function leaveNothing(step: string, restoring: Restoring, { log, abort, parts }: Life): Promise<void> {
  const open = openEditsOf(step, log.events);
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
