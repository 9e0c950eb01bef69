import type { Aws } from "./aws.ts";
import type { Clock } from "./clock.ts";
import type { Place } from "./place.ts";

/** Everything that a fault or a resource may touch. Nothing reaches AWS or the time another way. */
export interface Io {
  readonly aws: Aws;
  readonly place: Place;
  readonly clock: Clock;
  /** What secrets are hashed with where a state must tell that they are unchanged; the same for a whole run. */
  readonly salt: string;
  /** Aborted when what is going on shall end; pass it to every wait and every read. */
  readonly signal: AbortSignal;
  /**
   * Told by a write on the way back, before it does it, what it has to do beside: a clause. Resolves when that is durable, so that
   * whoever dies over it has told. Left out: nobody is to know.
   */
  readonly beside?: (told: string) => Promise<void>;
}
