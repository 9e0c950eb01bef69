import type { Access } from "./access.ts";
import type { Edit, Made } from "./edit.ts";
import type { Answer, Evidence, Sample } from "./evidence.ts";
import type { Experiment } from "./experiment.ts";
import type { Target } from "./fault.ts";
import type { Json } from "./json.ts";
import type { Place, Ref } from "./place.ts";
import type { Check } from "./probe.ts";

/** Why a run was told to end. `signal` is null unless the operating system said so. */
export interface AbortRequest {
  readonly by: string;
  readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" | null;
  /** On a human's word nothing is restored. */
  readonly leave: boolean;
}

/** How a step is timed; journalled so that a restore elsewhere knows its patience. Milliseconds. */
export interface Timing {
  readonly holdMs: number;
  readonly intervalMs: number;
  readonly rampMs: number;
  readonly serial: boolean;
  readonly cycles: number;
  readonly statusTimeoutMs: number;
  readonly statusDelayMs: number;
  readonly restoreTimeoutMs: number;
}

/** Where a failed thing stands, for people: AWS's or the network's code and text. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/**
 * What happened in a run, in order. Everything that a person sees is a fold of these.
 *
 * `edit` numbers an edit within its run. An `edit.intended` that nothing follows may have been made.
 */
export type Event =
  | { type: "run.started"; version: string; format: 1; by: string; experiment: Experiment }
  | {
      type: "step.planned";
      step: string;
      place: Place;
      access: Access;
      identity: string;
      timing: Timing;
      iterations: number;
      targets: readonly Target[];
      warnings: readonly string[];
      /** The latest instant at which anything of this step can still be unplugged, unless a restore is retried. */
      until: number;
    }
  | { type: "step.refused"; step: string; reason: string }
  | { type: "step.skipped"; step: string; reason: string }
  | { type: "ramp.started"; step: string; ms: number; when: "before" | "after" }
  | { type: "interval.started"; step: string; ms: number }
  | { type: "wait.started"; step: string; ms: number }
  | { type: "iteration.started"; step: string; iteration: number; targets: readonly Ref[] }
  | {
      type: "edit.intended";
      edit: number;
      step: string;
      iteration: number;
      target: string;
      value: Edit;
      arms: boolean;
      /** Read back from AWS by a restore without the run's journal. */
      found?: true;
    }
  | { type: "edit.made"; edit: number; made: Made }
  /** A reading showed it in AWS: from here on it cannot land late. */
  | { type: "edit.seen"; edit: number }
  /** `certain`: AWS said no or the call never left, so nothing changed; else it may have, or may yet. */
  | { type: "edit.failed"; edit: number; certain: boolean; failure: Failure }
  | { type: "inject.confirmed"; step: string; iteration: number }
  | { type: "inject.failed"; step: string; iteration: number; failure: Failure }
  | { type: "hold.started"; step: string; iteration: number; until: number }
  /** Somebody else took the fault out, or changed its target, in the hold. */
  | { type: "inject.lost"; step: string; iteration: number; ref: Ref; reason: string; now: Json | null }
  | { type: "hold.ended"; step: string; iteration: number; overrunMs: number }
  | { type: "restore.started"; step: string | null; iteration: number | null; by: string }
  | { type: "undo.intended"; edit: number; to: Json | null }
  /** What has to be done beside, written down before it is done: a clause. */
  | { type: "undo.beside"; edit: number; told: string }
  /** `told`: what came of it beside, a clause. */
  | { type: "undone"; edit: number; told?: string }
  | { type: "undo.failed"; edit: number; failure: Failure }
  | { type: "proved"; edit: number }
  /** Ours is out; what is there now is not what was there before. `told`: why, a clause; left out: somebody else changed it. */
  | { type: "drift"; edit: number; before: Json | null; now: Json | null; told?: string }
  | { type: "gone"; edit: number }
  /** AWS does not permit to take it out; it is inert, and stays. `what` is AWS's word for it. */
  | { type: "kept"; edit: number; what: string; failure: Failure }
  /** The write was accepted and AWS is still at it. */
  | { type: "pending"; edit: number; status: string }
  | { type: "failed"; edit: number; failure: Failure }
  /** A human's word that the edit shall stay; it is still there, and a restore may still take it out. */
  | { type: "left"; edit: number; by: string }
  | { type: "iteration.ended"; step: string; iteration: number }
  | { type: "sampled"; step: string; phase: "baseline" | "fault" | "after"; samples: readonly Sample[] }
  /** `probe` is its key; `askedAt` when its last attempt began. Milliseconds since 1970. */
  | { type: "probe.checked"; probe: string; askedAt: number; check: Check }
  /** A probe of the steady state did not pass: nothing is injected. `step` null: the whole run. */
  | { type: "steady.absent"; step: string | null; reasons: readonly string[] }
  | { type: "evidence"; step: string; evidence: readonly Evidence[] }
  | { type: "answered"; step: string; answers: readonly Answer[] }
  | { type: "abort.requested"; request: AbortRequest }
  | { type: "journal.lost"; failure: Failure }
  | { type: "run.failed"; failure: Failure; defect: boolean }
  | { type: "run.finished" }
  | { type: "run.closed" };

export type EventType = Event["type"];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
