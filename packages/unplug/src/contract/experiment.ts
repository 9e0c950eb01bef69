import type { ProbeSpec } from "./probe.ts";

/** One fault of an experiment, with its tunables as they were written. */
export interface FaultStep {
  readonly kind: "fault";
  /** Unique in the experiment. */
  readonly name: string;
  readonly fault: string;
  /** 1 to 10. */
  readonly weight: number;
  /** As written, after expansion, with where each came from; journalled. */
  readonly tunables: readonly TunableValue[];
  /** Those with the same number run together; left out, it runs alone. */
  readonly parallel?: number;
  /** Their modes are relative to this step. */
  readonly probes?: readonly ProbeSpec[];
}

export interface WaitStep {
  readonly kind: "wait";
  readonly name: string;
  readonly waitMs: number;
}

export type Step = FaultStep | WaitStep;

export type TunableSource = "argument" | "file" | "environment" | "default";

export interface TunableValue {
  readonly name: string;
  readonly value: string | number | boolean;
  readonly source: TunableSource;
}

/** What a run is asked to do. */
export interface Experiment {
  readonly name: string;
  readonly description: string;
  /** Grounds of state alone make the run inconclusive. */
  readonly requireEffect: boolean;
  readonly steps: readonly Step[];
  /** Their modes are relative to the run. */
  readonly probes?: readonly ProbeSpec[];
  /** What ends a run at once when it is not met; no part of the hypothesis. */
  readonly stopConditions?: readonly ProbeSpec[];
}
