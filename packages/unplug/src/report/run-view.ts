import type { AbortRequest, Failure, Timing } from "../contract/events.ts";
import type { Answer, Evidence } from "../contract/evidence.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { Recorded } from "../contract/journal.ts";
import type { Difference, Json } from "../contract/json.ts";
import type { Place, Ref } from "../contract/place.ts";
import type { Check, ProbeSpec } from "../contract/probe.ts";

export type PhaseName =
  | "planning"
  | "ramp"
  | "injecting"
  | "confirming"
  | "holding"
  | "restoring"
  | "proving"
  | "interval"
  | "waiting"
  | "watching"
  | "finished";

/** What a run is at. Milliseconds since 1970; `until` is null where nobody can know. */
export interface Phase {
  readonly name: PhaseName;
  readonly since: number | null;
  readonly until: number | null;
  readonly step: string | null;
  readonly iteration: number | null;
}

/** What became of a write: `refused` changed nothing, `unknown` may have been made. */
export type EditStatus = "intended" | "made" | "refused" | "unknown";

/** How far the way back is. `due`: its restore has begun, nothing was sent yet. */
export type UndoStatus = "none" | "due" | "intended" | "done" | "failed";

/** What is known of our part of it: `open` until a restore has said something; `stays` is what no restore takes out. */
export type EditEnd = "open" | "stays" | "proved" | "drift" | "gone" | "pending" | "failed" | "left";

export interface EditView {
  readonly edit: number;
  readonly step: string;
  readonly iteration: number;
  /** As the event named it. */
  readonly target: string;
  readonly ref: Ref;
  readonly before: Json | null;
  readonly after: Json | null;
  readonly arms: boolean;
  readonly optional: boolean;
  /** A restore without the journal of the run that made it read it back from AWS. */
  readonly found: boolean;
  readonly status: EditStatus;
  readonly undo: UndoStatus;
  readonly end: EditEnd;
  /** The last failure of the write, of its undo or of the proof. */
  readonly failure: Failure | null;
  /** What is there instead of what was before; `told`: why, where somebody else did not change it. Null unless `end` is `drift`. */
  readonly drift: {
    readonly before: Json | null;
    readonly now: Json | null;
    readonly told?: string;
  } | null;
  /** What had to be done beside to put it back, and what came of it; left out: nothing. */
  readonly told?: string;
  /** AWS's word for what it is still at; null unless `end` is `pending`. */
  readonly pending: string | null;
  readonly leftBy: string | null;
  /** AWS's word for what it is that AWS does not permit to take out; null unless that is why it stays. */
  readonly keptAs: string | null;
  readonly intendedAt: number;
  readonly madeAt: number | null;
  readonly undoneAt: number | null;
  readonly endedAt: number | null;
}

export type TargetStatus =
  | "untouched"
  | "injecting"
  | "unplugged"
  | "lost"
  | "restoring"
  | "proved"
  | "drift"
  | "gone"
  | "pending"
  | "failed"
  | "left"
  | "unknown";

export interface TargetView {
  readonly key: string;
  readonly ref: Ref;
  readonly title: string;
  readonly status: TargetStatus;
  /** What somebody else changed, field by field; empty unless there is drift. */
  readonly drift: readonly Difference[];
  readonly failure: Failure | null;
}

export interface Lost {
  readonly at: number;
  readonly ref: Ref;
  readonly reason: string;
  readonly now: Json | null;
}

/** One iteration's instants, milliseconds since 1970; null: has not happened. */
export interface IterationView {
  readonly iteration: number;
  readonly targets: readonly Ref[];
  readonly startedAt: number;
  /** The first write that unplugs was about to be sent. */
  readonly intendedAt: number | null;
  readonly confirmedAt: number | null;
  readonly holdStartedAt: number | null;
  /** When the hold shall end. */
  readonly until: number | null;
  readonly holdEndedAt: number | null;
  readonly overrunMs: number;
  readonly restoreStartedAt: number | null;
  /** The last of its edits was proved out, drifted or gone; null while one is open or left. */
  readonly restoredAt: number | null;
  readonly endedAt: number | null;
  readonly failure: Failure | null;
  readonly lost: readonly Lost[];
}

export type StepState = "waiting" | "running" | "refused" | "skipped" | "done";

export interface StepView {
  readonly name: string;
  readonly kind: "fault" | "wait";
  /** The fault's id; null for a wait. */
  readonly fault: string | null;
  readonly weight: number;
  readonly state: StepState;
  /** Why it was refused or skipped. */
  readonly reason: string | null;
  /** Null until the step is planned. */
  readonly place: Place | null;
  readonly identity: string | null;
  readonly timing: Timing | null;
  /** How many iterations are planned. */
  readonly planned: number;
  readonly until: number | null;
  readonly targets: readonly TargetView[];
  readonly warnings: readonly string[];
  readonly iterations: readonly IterationView[];
  readonly evidence: readonly Evidence[];
  readonly answers: readonly Answer[];
}

export type SamplePhase = "baseline" | "fault" | "after";

/** When, how much, and which part of the step it was taken in. */
export type Point = readonly [at: number, value: number, phase: SamplePhase];

export interface Series {
  readonly step: string;
  readonly channel: string;
  readonly subject: string;
  readonly points: readonly Point[];
}

/** A check, and when it was noted and asked. Milliseconds since 1970. */
export interface CheckView extends Check {
  readonly at: number;
  readonly askedAt: number;
}

export interface ProbeView {
  readonly key: string;
  /** Null: the run's own. */
  readonly step: string | null;
  readonly role: "hypothesis" | "stop";
  readonly spec: ProbeSpec;
  readonly checks: readonly CheckView[];
}

/** The steady state that was not there before a fault. `step` null: of the whole run. */
export interface Unsteady {
  readonly at: number;
  readonly step: string | null;
  readonly reasons: readonly string[];
}

export interface AbortView extends AbortRequest {
  readonly at: number;
}

export interface RunFailure {
  readonly at: number;
  readonly step: string | null;
  readonly edit: number | null;
  /** What was going on. */
  readonly during: "inject" | "undo" | "prove" | "run";
  readonly failure: Failure;
}

/** All that people and machines see of a run; made by `fold` alone. */
export interface RunView {
  /** Empty when nobody said. */
  readonly run: string;
  readonly version: string | null;
  readonly by: string | null;
  readonly experiment: Experiment | null;
  readonly startedAt: number | null;
  /** The first time it said that it was finished; a later restore does not move it. */
  readonly finishedAt: number | null;
  /** Nothing of ours is left anywhere. */
  readonly closedAt: number | null;
  readonly lastAt: number | null;
  readonly phase: Phase;
  readonly steps: readonly StepView[];
  readonly edits: readonly EditView[];
  readonly series: readonly Series[];
  /** In the order of the file: stop conditions, the run's own, those of each step. */
  readonly probes: readonly ProbeView[];
  readonly unsteady: readonly Unsteady[];
  readonly aborts: readonly AbortView[];
  readonly failures: readonly RunFailure[];
  /** A defect of ours ended the run. */
  readonly defect: boolean;
  readonly journalLost: Failure | null;
  /** The events worth a line, without those of single edits that went well, samples, and checks like the one before. */
  readonly timeline: readonly Recorded[];
}

/** A run of which nothing is known yet. */
export function newView(run = ""): RunView {
  return {
    run,
    version: null,
    by: null,
    experiment: null,
    startedAt: null,
    finishedAt: null,
    closedAt: null,
    lastAt: null,
    phase: { name: "planning", since: null, until: null, step: null, iteration: null },
    steps: [],
    edits: [],
    series: [],
    probes: [],
    unsteady: [],
    aborts: [],
    failures: [],
    defect: false,
    journalLost: null,
    timeline: [],
  };
}

/** It may have been made, and nothing says that our part is out or shall stay. */
export function isOpen(edit: EditView): boolean {
  return (
    edit.status !== "refused" && (edit.end === "open" || edit.end === "pending" || edit.end === "failed")
  );
}

export function openEdits(view: RunView): readonly EditView[] {
  return view.edits.filter(isOpen);
}

/** Open, or left in on a human's word: whatever of ours somebody must still take out. */
export function remainingEdits(view: RunView): readonly EditView[] {
  return view.edits.filter((edit) => isOpen(edit) || (edit.status !== "refused" && edit.end === "left"));
}

export function findStep(view: RunView, name: string): StepView | undefined {
  return view.steps.find((step) => step.name === name);
}

export function findIteration(
  step: StepView | undefined,
  iteration: number | null,
): IterationView | undefined {
  return step?.iterations.find((item) => item.iteration === iteration);
}
