import type { Json } from "./json.ts";

/** One live measure; the same `channel` and `subject` make a series. */
export interface Sample {
  /** What is measured, with its unit: "messages visible". */
  readonly channel: string;
  /** Of what: the name of a queue, a stream, a function. */
  readonly subject: string;
  readonly value: number;
}

/** A sample and when it was taken, in milliseconds since 1970. */
export interface TimedSample extends Sample {
  readonly at: number;
}

/** A stretch of time in milliseconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * When a step's fault was in (from its confirmation to the start of its restore), iteration by iteration, and the
 * healthy time around it; `after` begins when the last restore was proved.
 */
export interface Windows {
  readonly baseline: Window;
  readonly faults: readonly Window[];
  readonly after: Window;
}

/**
 * What one channel of the data plane says of the effect.
 *
 * `seen`: the effect shows. `absent`: there was traffic, the channel was read, and no effect shows. `no-traffic`:
 * nothing could show. `unreadable`: the channel could not be read.
 */
export type EvidenceVerdict = "seen" | "absent" | "no-traffic" | "unreadable";

export interface Evidence {
  readonly channel: string;
  readonly subject: string;
  readonly verdict: EvidenceVerdict;
  /** One sentence for people, with the numbers and, where something is wrong, cause and remedy. */
  readonly text: string;
  readonly numbers: Readonly<Record<string, Json>>;
}

/** An answer to one of the questions for which a fault is run, or why there is none. */
export interface Answer {
  /** Short and stable: `time-to-failure`. */
  readonly about: string;
  readonly subject: string;
  readonly answered: boolean;
  /** One sentence for people; where it is not answered, why, and what would answer it. */
  readonly text: string;
  /** Where it was read: "log of orders". */
  readonly grounds: string;
  /** Instants are milliseconds since 1970, lengths end in `Ms`. */
  readonly numbers: Readonly<Record<string, Json>>;
}
