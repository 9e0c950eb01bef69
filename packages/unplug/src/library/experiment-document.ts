/** A time: seconds as a number, or `500ms`, `3s`, `5m`, `1h`. */
export type Duration = number | string;

type Scalar = string | number | boolean;

/** What a probe expects of one measure: a value, or operators with theirs. */
export type ExpectationDocument =
  | Scalar
  | {
      readonly "=="?: Scalar;
      readonly "!="?: Scalar;
      readonly ">"?: number;
      readonly ">="?: number;
      readonly "<"?: number;
      readonly "<="?: number;
      readonly between?: readonly [number, number];
      readonly oneOf?: readonly Scalar[];
      readonly contains?: string;
      readonly matches?: string;
      /** By any amount, by so much, or by a share like `10%`. */
      readonly rises?: true | number | string;
      readonly drops?: true | number | string;
      readonly unchanged?: true | number | string;
      readonly becomes?: Scalar;
      readonly within?: Duration;
      /** Is back where it was before the fault no later than so long after the restore. */
      readonly returns?: Duration;
    };

export interface ProbeDocument {
  readonly name: string;
  readonly type: string;
  readonly mode: "SOT" | "EOT" | "Edge" | "Continuous" | "OnChaos";
  readonly expect?: Readonly<Record<string, ExpectationDocument>>;
  readonly run?: {
    readonly timeout?: Duration;
    readonly interval?: Duration;
    readonly attempts?: number;
    readonly initialDelay?: Duration;
    readonly tolerate?: number | string;
    readonly stopOnFailure?: boolean;
  };
  readonly lag?: Duration;
  readonly missing?: "fail" | "pass" | "wait";
  /** The settings, under a key that is the type. */
  readonly [type: string]: unknown;
}

export interface FaultDocument {
  readonly fault: string;
  readonly name?: string;
  readonly weight?: number;
  readonly tunables: Readonly<Record<string, Scalar>>;
  readonly probes?: readonly ProbeDocument[];
}

/** An experiment as a file holds it; `apiVersion` and `kind` may be left out. */
export interface ExperimentDocument {
  readonly apiVersion?: "unplug.dev/v1";
  readonly kind?: "Experiment";
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly description?: string;
    readonly requireEffect?: boolean;
    readonly steps: readonly (
      | FaultDocument
      | { readonly parallel: readonly FaultDocument[] }
      | { readonly wait: Duration }
    )[];
    readonly probes?: readonly ProbeDocument[];
    readonly stopConditions?: readonly { readonly type: string; readonly [setting: string]: unknown }[];
  };
}
