import type { Access } from "./access.ts";
import type { Action } from "./aws.ts";
import type { Edit } from "./edit.ts";
import type { Timing } from "./events.ts";
import type { Experiment, FaultStep, WaitStep } from "./experiment.ts";
import type { Target } from "./fault.ts";
import type { FunctionTags } from "./guard-rails.ts";
import type { Place } from "./place.ts";
import type { ProbeSpec } from "./probe.ts";

/** One write that a run would make, and the target it is made for. */
export interface PlannedEdit {
  readonly target: string;
  readonly edit: Edit;
  /** It is the one that unplugs; all before it are inert. */
  readonly arms: boolean;
}

/** One permission; `resource` is an ARN or `*` where IAM knows none. */
export interface Permission {
  readonly action: Action;
  /** Which of the action's names in IAM is meant; left out where it has one. */
  readonly iam?: string;
  readonly resource: string;
  /** Without it the run still restores, and says less. */
  readonly optional: boolean;
}

export interface StepPlan {
  readonly kind: "fault";
  readonly step: FaultStep;
  readonly place: Place;
  readonly access: Access;
  readonly identity: string;
  readonly timing: Timing;
  readonly iterations: number;
  readonly targets: readonly Target[];
  readonly warnings: readonly string[];
  readonly edits: readonly PlannedEdit[];
  readonly permissions: readonly Permission[];
  /** Plain AWS CLI lines that undo the arming edits. */
  readonly byHand: readonly string[];
  /** Of each function that it touches; left out where no guard rail asks for them. */
  readonly tags?: readonly FunctionTags[];
  /** Which nets this step has when everything of ours dies; each a sentence. */
  readonly nets: readonly string[];
  /** The longest time any one target is unplugged, confirmation included. */
  readonly longestUnpluggedMs: number;
  /** Expected, without the watch. */
  readonly lengthMs: number;
  /** The longest time that the workload is watched after the last proof. */
  readonly watchMs: number;
  /** Milliseconds since 1970: the latest instant at which anything can still be unplugged, if the step began now. */
  readonly until: number;
}

/** One probe of a plan, with what it asks of AWS. */
export interface ProbePlan {
  readonly spec: ProbeSpec;
  /** Null: the run's own. */
  readonly step: string | null;
  readonly role: "hypothesis" | "stop";
  readonly permissions: readonly Permission[];
}

export interface ExperimentPlan {
  readonly run: string;
  readonly experiment: Experiment;
  readonly steps: readonly (StepPlan | WaitStep)[];
  readonly probes: readonly ProbePlan[];
  /** Expected length of the whole run. */
  readonly lengthMs: number;
  /** Left out where no file lays any down. */
  readonly guardRails?: PlanGuardRails;
  /** Left out where nobody looked. */
  readonly preflight?: Preflight;
}

/** What was found before any change of the credentials and of what they may do. */
export interface Preflight {
  /** How much is known: clauses. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** The same, each with the step that it is about, or the first of those that it is about. */
  readonly warned: readonly { readonly step: string; readonly warning: string }[];
  /** Why nothing may be changed; nothing where it may. */
  readonly refused: readonly string[];
}

/** The guard-rails files that hold, and why they do not permit the run: nothing where they do. */
export interface PlanGuardRails {
  readonly files: readonly string[];
  readonly refused: readonly string[];
}
