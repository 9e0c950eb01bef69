import { type Behavior, behaviors, type Target } from "@unplug/interceptor";
import { UsageError } from "../usage-error.ts";
import { blockTargets } from "./block-targets.ts";

/** The options as they were typed; undefined is left out. */
export interface ExecFlags {
  readonly block: readonly string[];
  readonly behavior?: string;
  readonly timeoutMs?: string;
  readonly percentage?: string;
  readonly seed?: string;
  readonly after?: string;
  readonly for?: string;
  readonly quiet?: boolean;
}

export interface ExecOptions {
  /** None is all outbound TCP. */
  readonly targets: readonly Target[];
  readonly behavior: Behavior;
  readonly timeoutMs: number;
  readonly percentage: number;
  /** Null leaves it to chance. */
  readonly seed: bigint | null;
  /** Milliseconds for which everything passes at first. */
  readonly afterMs: number;
  /** Milliseconds from there on after which everything passes again; null is never. */
  readonly forMs: number | null;
  readonly quiet: boolean;
}

const WEEK_SECONDS = 604_800;

/** Reads the options. Throws a UsageError for the first that cannot mean anything. */
export async function readExecFlags(flags: ExecFlags): Promise<ExecOptions> {
  const targets = blockTargets(flags.block);
  const behavior = behaviorOf(flags.behavior ?? "refuse");
  if (flags.timeoutMs !== undefined && behavior !== "timeout") {
    throw new UsageError(
      `--timeout-ms ${flags.timeoutMs}: expected only with --behavior timeout; with ${behavior} it would mean nothing.`,
    );
  }
  return {
    targets,
    behavior,
    timeoutMs: wholeNumber("--timeout-ms", flags.timeoutMs ?? "3000", 1000, 3_600_000),
    percentage: wholeNumber("--percentage", flags.percentage ?? "100", 0, 100),
    seed: flags.seed === undefined ? null : seedOf(flags.seed),
    afterMs: flags.after === undefined ? 0 : await durationOf("--after", flags.after),
    forMs: flags.for === undefined ? null : await durationOf("--for", flags.for),
    quiet: flags.quiet === true,
  };
}

function behaviorOf(text: string): Behavior {
  const found = behaviors.find((behavior) => behavior === text);
  if (found !== undefined) return found;
  throw new UsageError(`--behavior ${text}: expected ${behaviors.join(", ")}.`);
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${flag} ${text}: expected a whole number from ${least} to ${most}.`);
}

function seedOf(text: string): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 2n ** 64n) return value;
  throw new UsageError(`--seed ${text}: expected a whole number from 0 to ${2n ** 64n - 1n}.`);
}

async function durationOf(flag: string, text: string): Promise<number> {
  // Its schema library takes longer to load than all the rest of this command.
  const { seconds } = await import("../../contract/tunables.ts");
  const read = seconds({ min: 1, max: WEEK_SECONDS }, "").safeParse(text);
  if (read.success) return read.data;
  throw new UsageError(`${flag} ${text}: expected a time from 1 s to a week, like 90, 90s or 5m.`);
}
