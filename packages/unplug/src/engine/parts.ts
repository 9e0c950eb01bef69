import type { Clock } from "../contract/clock.ts";
import type { Connect } from "../contract/connection.ts";
import type { AnyFault } from "../contract/fault.ts";
import type { GuardRails } from "../contract/guard-rails.ts";
import type { Journal, Recorded } from "../contract/journal.ts";
import type { AnyProbe, ProbeIo } from "../contract/probe.ts";
import type { AnyResource } from "../contract/resource.ts";

/** Everything a run needs from outside; put together once, by the command, the server or a test. */
export interface Parts {
  readonly faults: readonly AnyFault[];
  readonly resources: readonly AnyResource[];
  readonly probes: readonly AnyProbe[];
  /** What probes reach outside AWS. */
  readonly outside: Outside;
  readonly journal: Journal;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly version: string;
  /** Who runs it, for the journal and for markers: `user@host`. */
  readonly by: string;
  /** Called with each event once it is durable. */
  readonly onEvent?: (recorded: Recorded) => void;
  /** IAM is asked before any change what is permitted. Left out, nobody asks. */
  readonly asksIam?: true;
  /** Looked for when a plan is made; null where there are none. Throws Refusal. Left out, nobody lays any down. */
  readonly guardRails?: () => Promise<GuardRails | null>;
}

export type Outside = Pick<ProbeIo, "secret" | "file" | "command">;
