import type { Event } from "./events.ts";

/** An event as it was written. */
export interface Recorded {
  /** Rises within a journal, not gapless within a run. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: Event;
}

export interface RunHead {
  readonly run: string;
  readonly startedAt: number;
  /** Nothing of ours is left anywhere: the run holds no lease. */
  readonly closed: boolean;
  /** A process holds the run's lock: it goes on, or is suspended. */
  readonly alive: boolean;
}

export interface Conflict {
  readonly run: string;
  readonly alive: boolean;
  /** The key of the target that both want; null when the run itself is held by another process. */
  readonly claim: string | null;
}

/** Where events are kept. Whatever the store: durable before `append` resolves, and one lock per run that dies with its process. */
export interface Journal {
  /**
   * Takes the run for this process and leases what it claims (`refKey`), in one step; creates the run when it is new.
   *
   * Null when it succeeded. Repeated, it adds claims. A run that is not closed keeps its claims, alive or dead.
   */
  take(run: string, claims: readonly string[]): Promise<Conflict | null>;
  /** `run.closed` ends the run's leases; `run.finished` and `run.closed` let go of its lock. */
  append(run: string, at: number, events: readonly Event[]): Promise<void>;
  /** In order; `after` leaves out everything up to that sequence. */
  read(run: string, after?: number): Promise<readonly Recorded[]>;
  /** Newest first. */
  runs(): Promise<readonly RunHead[]>;
}
