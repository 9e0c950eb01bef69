import type { Connection } from "../contract/connection.ts";
import type { Made } from "../contract/edit.ts";
import type { Timing } from "../contract/events.ts";
import type { Experiment, FaultStep, WaitStep } from "../contract/experiment.ts";
import type { AnyFault, Stamp, Target } from "../contract/fault.ts";
import type { GuardRails } from "../contract/guard-rails.ts";
import type { Io } from "../contract/io.ts";
import { refKey, refText } from "../contract/place.ts";
import type { ExperimentPlan, PlannedEdit, StepPlan } from "../contract/plan.ts";
import { Refusal } from "../contract/refusal.ts";
import type { ReadyProbe } from "./check-probe.ts";
import { functionTags } from "./function-tags.ts";
import type { Parts } from "./parts.ts";
import { permissionsOf } from "./plan-permissions.ts";
import { plannedProbes, readyProbes } from "./plan-probes.ts";
import { preflight } from "./preflight.ts";
import { type ResourceTable, resourceFor, resourceTable, withStates } from "./readings.ts";
import { accessOf, parseTunables, timingOf } from "./tunables.ts";
import { undoLines } from "./undo-steps.ts";

/** A planned step with what runs it: the connection cannot be journalled, the plan can. */
export interface ReadyStep {
  readonly kind: "fault";
  readonly plan: StepPlan;
  /** Milliseconds since 1970. */
  readonly plannedAt: number;
  /** When it ends with its restore, if all goes as expected. Milliseconds since 1970. */
  readonly expectedAt: number;
  readonly fault: AnyFault;
  readonly own: Record<string, unknown>;
  readonly connection: Connection;
  readonly rails: GuardRails | null;
}

export interface ReadyExperiment {
  readonly plan: ExperimentPlan;
  readonly steps: readonly (ReadyStep | WaitStep)[];
  readonly probes: readonly ReadyProbe[];
}

/** What a run would do, without doing it. Reads only; throws Refusal, AwsError or TunableError. */
export async function planExperiment(
  experiment: Experiment,
  run: string,
  parts: Parts,
  signal: AbortSignal,
): Promise<ExperimentPlan> {
  return (await prepare(experiment, run, parts, signal)).plan;
}

/** As `planExperiment`, with what AWS says of the credentials and of what they may do. */
export async function planChecked(
  experiment: Experiment,
  run: string,
  parts: Parts,
  signal: AbortSignal,
): Promise<ExperimentPlan> {
  const ready = await prepare(experiment, run, parts, signal);
  return { ...ready.plan, preflight: await preflight(ready, parts, signal) };
}

/** As `planExperiment`, with everything that running it needs. The whole experiment is checked before AWS is asked anything. */
export async function prepare(
  experiment: Experiment,
  run: string,
  parts: Parts,
  signal: AbortSignal,
): Promise<ReadyExperiment> {
  const checked = experiment.steps.map((step) => (step.kind === "wait" ? step : check(step, parts)));
  const probes = readyProbes(experiment, parts);
  await probes.prepare();
  const rails = (await parts.guardRails?.()) ?? null;
  const steps: (ReadyStep | WaitStep)[] = [];
  let lengthMs = probes.lengthMs(null);
  let longestMs = probes.longestMs(null);
  // Of steps that run together the longest counts.
  let beside: Beside = { group: undefined, longestMs: 0, ranMs: 0 };
  for (const step of checked) {
    if ("waitMs" in step) {
      steps.push(step);
      lengthMs += step.waitMs;
      longestMs += step.waitMs;
      continue;
    }
    const { parallel, name } = step.step;
    const isBeside = parallel !== undefined && parallel === beside.group;
    const start = isBeside ? beside.longestMs : longestMs;
    const ready = await prepareStep(step, {
      run,
      expectedMs: (isBeside ? lengthMs - beside.ranMs : lengthMs) + probes.lengthMs(name),
      longestMs: start + probes.longestMs(name),
      parts,
      rails,
      signal,
    });
    steps.push(ready);
    const ownMs = ready.plan.lengthMs + probes.lengthMs(name);
    lengthMs += isBeside ? Math.max(0, ownMs - beside.ranMs) : ownMs;
    const endMs = ready.plan.until - ready.plannedAt + ready.plan.watchMs + probes.afterMs(name);
    longestMs = Math.max(longestMs, endMs);
    beside = {
      group: parallel,
      longestMs: start,
      ranMs: isBeside ? Math.max(beside.ranMs, ownMs) : ownMs,
    };
  }
  refuseSharedTargets(steps);
  const plans = steps.map((step) => ("waitMs" in step ? step : step.plan));
  const faults = steps.filter((step) => step.kind === "fault");
  probes.refuseLate(faults);
  const ready = probes.ready(faults, { run, signal });
  const plan = { run, experiment, steps: plans, probes: plannedProbes(ready, plans), lengthMs };
  return { plan: withRails(plan, rails, parts), steps, probes: ready };
}

function withRails(plan: ExperimentPlan, rails: GuardRails | null, { clock }: Parts): ExperimentPlan {
  if (rails === null) return plan;
  return { ...plan, guardRails: { files: rails.files, refused: rails.refusePlan(plan, clock.now()) } };
}

/** What two steps edit at the same time neither could restore by itself. */
function refuseSharedTargets(steps: readonly (ReadyStep | WaitStep)[]): void {
  const editors = new Map<string, number>();
  const culprits: string[] = [];
  for (const [i, step] of steps.entries()) {
    if (step.kind === "wait" || step.plan.step.parallel === undefined) continue;
    const { name, parallel } = step.plan.step;
    for (const { ref } of step.plan.edits.map(({ edit }) => edit)) {
      const key = `${parallel} ${refKey(ref)}`;
      const other = editors.get(key) ?? i;
      const first = steps[other];
      if (other !== i && first?.kind === "fault")
        culprits.push(`"${first.plan.step.name}" and "${name}" would both change ${refText(ref)}`);
      editors.set(key, other);
    }
  }
  if (culprits.length === 0) return;
  throw new Refusal(
    "Steps that run together must change different things.",
    culprits,
    "Let them follow each other.",
  );
}

interface Beside {
  readonly group: number | undefined;
  /** When its first may begin at the latest. */
  readonly longestMs: number;
  readonly ranMs: number;
}

interface CheckedStep {
  readonly step: FaultStep;
  readonly fault: AnyFault;
  readonly tunables: ReturnType<typeof parseTunables>;
}

function check(step: FaultStep, parts: Parts): CheckedStep {
  const fault = parts.faults.find(({ id }) => id === step.fault);
  if (fault === undefined)
    throw new Refusal(`There is no fault "${step.fault}".`, [], "`unplug faults` lists them.");
  return { step, fault, tunables: parseTunables(fault, step.tunables) };
}

interface Situation {
  readonly run: string;
  /** How long what comes before this one usually takes. */
  readonly expectedMs: number;
  /** How long the steps before this one may take. */
  readonly longestMs: number;
  readonly parts: Parts;
  readonly rails: GuardRails | null;
  readonly signal: AbortSignal;
}

async function prepareStep(
  { step, fault, tunables }: CheckedStep,
  { run, expectedMs, longestMs, parts, rails, signal }: Situation,
): Promise<ReadyStep> {
  const access = accessOf(tunables.common);
  const connection = await parts.connect(access, run, signal);
  const { aws, place } = connection;
  const io: Io = { aws, place, clock: parts.clock, salt: run, signal };
  const timing = timingOf(tunables.common);
  const table = resourceTable(parts.resources);
  const { targets: found, warnings } = await fault.targets(tunables.own, io, { holdMs: timing.holdMs });
  const targets = await withStates(found, table, io);
  const length = lengthOf(timing, targets.length);
  const until = parts.clock.now() + longestMs + length.lengthMs + length.slackMs;
  const edits = await dryEdits(fault, targets, tunables.own, { run, until });
  const tags = rails?.needsTags === true ? await functionTags({ targets, edits }, io) : [];
  const plan: StepPlan = {
    kind: "fault",
    step,
    place,
    access: { ...access, endpoint: place.endpoint },
    identity: connection.identity,
    timing,
    ...length,
    watchMs: fault.watch?.afterMs(tunables.own) ?? 0,
    targets,
    warnings,
    edits,
    permissions: await permissionsOf(fault, { targets, edits, tags }, table),
    ...(tags.length === 0 ? {} : { tags }),
    byHand: await undoLines(
      edits.flatMap(({ edit }) => (edit.arms === true ? [edit] : [])),
      { run, table },
    ),
    nets: netsOf(fault, edits, table),
    until,
  };
  const plannedAt = parts.clock.now();
  const expectedAt = plannedAt + expectedMs + length.lengthMs;
  return { kind: "fault", plan, plannedAt, expectedAt, fault, own: tunables.own, connection, rails };
}

/** What a confirmation usually takes. Only for the expected length; nothing waits on it. */
const EXPECTED_CONFIRM_MS = 2_000;

function lengthOf(timing: Timing, targets: number) {
  const iterations = Math.max(1, timing.serial ? targets : 1) * timing.cycles;
  const one = timing.holdMs + 2 * EXPECTED_CONFIRM_MS;
  return {
    iterations,
    longestUnpluggedMs: timing.holdMs + timing.statusTimeoutMs + timing.restoreTimeoutMs,
    lengthMs: 2 * timing.rampMs + iterations * one + (iterations - 1) * timing.intervalMs,
    /** By how much the step may take longer and still be itself: what is later than that was suspended. */
    slackMs: iterations * (timing.statusTimeoutMs + timing.restoreTimeoutMs),
  };
}

/** The fault's own generator with a recorder in place of the writer. */
async function dryEdits(
  fault: AnyFault,
  targets: readonly Target[],
  own: Record<string, unknown>,
  stamp: Stamp,
): Promise<readonly PlannedEdit[]> {
  const edits: PlannedEdit[] = [];
  for (const target of targets) {
    const changes = fault.change(target, own, stamp);
    let made: Made | null = null;
    for (let next = await changes.next(null); next.done !== true; next = await changes.next(made)) {
      edits.push({ target: refKey(target.ref), edit: next.value, arms: next.value.arms === true });
      made = { id: `<new ${next.value.ref.kind}>`, revision: null };
    }
  }
  return edits;
}

function netsOf(
  { nets = [] }: AnyFault,
  edits: readonly PlannedEdit[],
  table: ResourceTable,
): readonly string[] {
  const marked = edits.some(
    ({ edit }) => typeof resourceFor(table, edit.ref.kind).liveUntil?.(edit) === "number",
  );
  return [
    "journal: the way back is on this machine's disk before the first write",
    marked
      ? "marker: the target itself names the run, as far as that is permitted: `unplug restore --function` needs no journal"
      : "marker: none; only this machine's journal, or the lines printed here, can restore",
    ...nets,
  ];
}
