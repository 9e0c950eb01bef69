import type * as z from "zod";
import type { Action } from "./aws.ts";
import type { Edit, Made } from "./edit.ts";
import type { Answer, Evidence, Sample, TimedSample, Windows } from "./evidence.ts";
import type { Io } from "./io.ts";
import type { Json } from "./json.ts";
import type { Ref } from "./place.ts";
import type { TunableShape, Tunables } from "./tunables.ts";

/** One thing that a fault found fit to be faulted. */
export interface FoundTarget {
  readonly ref: Ref;
  /** For people: "mapping 4f1c… (SQS orders)". */
  readonly title: string;
  /** By what way the fault gets at it, and why: a clause for people; left out where there is one way only. */
  readonly reach?: string;
  /**
   * By service (`sqs`) or by action, the ARN that the fault's own reads of it are for: a policy names it. Left out, reads of
   * Lambda are for the function; with an empty list by action there are none.
   */
  readonly arns?: Readonly<Record<string, string | readonly string[]>>;
  /** What the fault learned of it and will need again: plain data, journalled. */
  readonly about: Readonly<Record<string, Json>>;
}

/** A target as it was when the step was planned or its iteration began; the engine reads its state by its resource. */
export interface Target extends FoundTarget {
  readonly state: Json | null;
}

export interface Targets {
  readonly targets: readonly FoundTarget[];
  /** What the user should know before anything is changed; each a sentence with cause and remedy. */
  readonly warnings: readonly string[];
}

/** Who and when, for a fault that leaves its marker in AWS. */
export interface Stamp {
  readonly run: string;
  /** Milliseconds since 1970: the latest instant at which anything can still be unplugged. */
  readonly until: number;
}

/** Live measures of the workload, taken before, during and after the fault. */
export interface Watch<T> {
  readonly everyMs: number;
  /** Reads only. What cannot be read is left out, never guessed. */
  sample(targets: readonly Target[], tunables: T, io: Io): Promise<readonly Sample[]>;
  /** As `sample`, once when the fault is in, beside it: it may take as long as the fault is in. */
  once?(targets: readonly Target[], tunables: T, io: Io): Promise<readonly Sample[]>;
  /** Whether the workload is back to what it was: the run stops watching then. */
  calm(baseline: readonly Sample[], latest: readonly Sample[]): boolean;
  /** The longest time to go on watching after the restore was proved. */
  afterMs(tunables: T): number;
}

/** One way to break a Lambda function. It decides; it never writes and never restores. */
export interface Fault<S extends TunableShape> {
  readonly id: string;
  readonly summary: string;
  /** What a run of it answers. */
  readonly questions: readonly string[];
  /** Schemas under their wire names; the common tunables are added by the engine. */
  readonly tunables: S;
  /** A valid use, shown in the reference and run by the laws. */
  readonly example: z.input<z.ZodObject<S>>;
  /** Reads of its own, beside those of the resources: for the policy. `optional` ones only lessen what a run can say. */
  readonly actions: { readonly required: readonly Action[]; readonly optional: readonly Action[] };
  /** The IAM actions that the fault's public documentation asks for, in its order: they are enough, and more than needed. */
  readonly documented?: readonly string[];
  /** What ends the fault when everything of ours has died; each a sentence for the plan. */
  readonly nets?: readonly string[];
  /** The kinds of resource that its edits name, the one that arms last. */
  readonly kinds: readonly string[];

  /** Finds and checks the targets. Reads only; throws Refusal with every culprit named. */
  targets(tunables: Tunables<S>, io: Io, timing: { readonly holdMs: number }): Promise<Targets>;
  /**
   * Yields the writes for one target, one at a time, and is handed each answer (null: not permitted, and optional).
   *
   * The last one arms the fault; all before it are inert. Throws Refusal when the target is no longer fit for it.
   */
  change(target: Target, tunables: Tunables<S>, stamp: Stamp): AsyncGenerator<Edit, void, Made | null>;
  readonly watch?: Watch<Tunables<S>>;
  /** What the data plane shows of the effect, asked when the run is over. Reads only. */
  evidence?(seen: EvidenceInput<Tunables<S>>, io: Io): Promise<readonly Evidence[]>;
  /** What the run says to the fault's questions, asked when it is over. Reads only; what it cannot read it says. */
  answers?(seen: EvidenceInput<Tunables<S>>, io: Io): Promise<readonly Answer[]>;
}

export interface EvidenceInput<T> {
  readonly targets: readonly Target[];
  readonly tunables: T;
  readonly windows: Windows;
  readonly samples: readonly TimedSample[];
}

/** A fault whose tunables are checked at the door: what the engine holds, whatever the fault. */
export type AnyFault = Fault<TunableShape>;

/** Infers the tunables' types from their schemas and hides them again, so that one list holds every fault. */
export function defineFault<const S extends TunableShape>(fault: Fault<S>): AnyFault {
  // The engine hands back only what `parseTunables(fault)` made from this very shape.
  return fault as unknown as AnyFault;
}
