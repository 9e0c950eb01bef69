import type { Clock } from "../contract/clock.ts";
import type { Connect } from "../contract/connection.ts";
import type { AnyFault } from "../contract/fault.ts";
import type { Journal, Recorded } from "../contract/journal.ts";
import type { AnyResource } from "../contract/resource.ts";

/** Everything a run needs from outside; put together once, by the command, the server or a test. */
export interface Parts {
  readonly faults: readonly AnyFault[];
  readonly resources: readonly AnyResource[];
  readonly journal: Journal;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly version: string;
  /** Who runs it, for the journal and for markers: `user@host`. */
  readonly by: string;
  /** Called with each event once it is durable. */
  readonly onEvent?: (recorded: Recorded) => void;
}
