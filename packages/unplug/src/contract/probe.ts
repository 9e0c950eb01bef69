import type * as z from "zod";
import type { Action } from "./aws.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { Expectation } from "./expectation.ts";
import type { Json } from "./json.ts";
import type { Place } from "./place.ts";

/** When a probe is asked: once before, once after, both, all the time, or while a fault is in. */
export const probeModes = ["SOT", "EOT", "Edge", "Continuous", "OnChaos"] as const;
export type ProbeMode = (typeof probeModes)[number];

/** One measured value; null: it was asked for, and there is no data. */
export type Measured = number | string | boolean | null;
export type Measures = Readonly<Record<string, Measured>>;

/** What a check that has no data counts as; `wait` leaves it out, and at least one must have had data in the end. */
export type MissingPolicy = "fail" | "pass" | "wait";

/** How a probe is run. Milliseconds. */
export interface ProbeTiming {
  /** Of one attempt; what takes longer is given up. */
  readonly timeoutMs: number;
  /** From the start of a check to the start of the next, and between two attempts. */
  readonly intervalMs: number;
  /** How often a check is tried before it counts as failed or errored; at least 1. */
  readonly attempts: number;
  readonly initialDelayMs: number;
  /** The share of checks that may fail, 0 to 1. */
  readonly tolerate: number;
  readonly stopOnFailure: boolean;
}

/** A probe as an experiment states it; journalled. */
export interface ProbeSpec {
  readonly name: string;
  readonly type: string;
  readonly mode: ProbeMode;
  /** As written, after expansion; the type's own schema holds it. Never a secret: only the name of one. */
  readonly settings: Json;
  readonly expect: readonly Expectation[];
  readonly run: ProbeTiming;
  /** How late its data comes: what it shows now was so long ago. */
  readonly lagMs: number;
  readonly missing: MissingPolicy;
}

/** Which part of an experiment a check tells of. `transition`: the fault was going in, or coming out. */
export type CheckPhase = "baseline" | "fault" | "transition" | "after";

/** `missing`: there was no data, and the probe's policy is to wait for it. */
export type CheckResult = "passed" | "failed" | "errored" | "missing";

/** One finished check. */
export interface Check {
  readonly phase: CheckPhase;
  readonly result: CheckResult;
  readonly measures: Measures;
  /** Milliseconds since 1970: what it tells of, its data's lag taken off. */
  readonly about: number;
  readonly attempts: number;
  /** Why it did not pass, or that it passed without data (`missing: pass`); null when it passed with data. */
  readonly text: string | null;
}

/** What came of asking once. */
export interface ProbeAnswer {
  readonly measures: Measures;
  /** What was asked did not answer as such (no connection, no answer in time): no expectation can be met. */
  readonly failure?: string;
  /** Where a measure is null: why, and what there is instead. */
  readonly missing?: string;
}

/** The outcome of a command. */
export interface CommandAnswer {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything that a probe may touch. */
export interface ProbeIo {
  readonly clock: Clock;
  /** Aborted when the answer is no longer wanted; pass it to everything. */
  readonly signal: AbortSignal;
  /** How long an answer is waited for; what does not heed the signal is left behind after it. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970: the instant that is asked about. */
  readonly about: number;
  /** How long ago that was meant to be when the check began; 0: it is asked about now. */
  readonly lagMs: number;
  /** Milliseconds since 1970: when the probe's scope began. */
  readonly since: number;
  readonly phase: CheckPhase;
  /** AWS, by the access of the step that the probe belongs to; of a run's probe, of its first. */
  aws(region: string | null): Promise<Connection>;
  /** The text of a secret in the store. Throws Refusal when there is none. */
  secret(name: string): Promise<string>;
  /** The text of a file named in the experiment. */
  file(path: string): Promise<string>;
  command(
    argv: readonly string[],
    options: { readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<CommandAnswer>;
}

export type MeasureKind = "number" | "text" | "truth" | "any";

/** One permission that a check needs. `resource` is an ARN, or `*` where IAM knows none. */
export interface ProbePermission {
  readonly action: Action;
  readonly resource: string;
  /** Without it a check says less. */
  readonly optional?: true;
}

/** One way to ask a workload how it is. It measures and never judges. */
export interface Probe<S extends z.ZodType> {
  /** As files write it; its settings stand under a key of the same name. */
  readonly type: string;
  readonly summary: string;
  /** Strict: what it does not know is refused. */
  readonly settings: S;
  /** What a check measures, by name; a name that ends in `.*` stands for all that begin so. */
  readonly measures: Readonly<Record<string, Measure>>;
  /** Said for the author who left it out; null: something must be expected. */
  readonly expects: readonly Expectation[] | null;
  readonly defaults?: {
    readonly lagMs?: number;
    readonly timing?: Partial<ProbeTiming>;
    readonly missing?: MissingPolicy;
  };
  /** What it means that no answer came in time: the workload's failure (left out), or `error`: nobody could be asked. */
  readonly late?: "failure" | "error";
  /** A whole probe, shown in the reference and read by the tests. */
  readonly example: { readonly settings: z.input<S>; readonly expect?: Json };
  /** Why these settings leave a measure without a value, by measure: nothing can be expected of it. */
  unmeasured?(settings: z.output<S>, probe: Pick<ProbeSpec, "lagMs">): Readonly<Record<string, string>>;
  /** All that it may ask of AWS, by whatever settings. */
  readonly actions?: readonly Action[];
  /** What it asks of AWS. `place` is that of its step. */
  permissions?(settings: z.output<S>, place: Place): readonly ProbePermission[];
  /** What it needs of this machine (a secret, a file), looked at before anything is asked of AWS. Throws what is wrong. */
  prepare?(settings: z.output<S>, io: Pick<ProbeIo, "secret" | "file">): Promise<void>;
  /** Asks once. Throws when the question itself is at fault or nobody could be asked: that is an error, no answer. */
  check(settings: z.output<S>, io: ProbeIo): Promise<ProbeAnswer>;
}

export type AnyProbe = Probe<z.ZodType>;

export interface Measure {
  readonly kind: MeasureKind;
  readonly description: string;
  /** All that it ever is, where that is known: nothing else can be expected of it. */
  readonly values?: readonly string[];
}

/** Infers the settings' types from their schema and hides them again, so that one list holds every type. */
export function defineProbe<S extends z.ZodType>(probe: Probe<S>): AnyProbe {
  // The engine hands back only what this very schema made.
  return probe as unknown as AnyProbe;
}

/** Names one probe of a run; the same probe in two modes has two. `step` null: the run's own. */
export function probeKey(step: string | null, { name, mode }: Pick<ProbeSpec, "name" | "mode">): string {
  return JSON.stringify([step, name, mode]);
}

/** As `probeKey`, of a stop condition, which may have the name of a probe. */
export function stopKey({ name }: Pick<ProbeSpec, "name">): string {
  return JSON.stringify(["stop", name]);
}
