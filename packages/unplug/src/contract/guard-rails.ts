import type { Edit } from "./edit.ts";
import type { ExperimentPlan } from "./plan.ts";

/** What people have laid down of which runs may be. It is asked before each change, and never of a way back. */
export interface GuardRails {
  /** The files that hold, all of them together; that of the platform first. */
  readonly files: readonly string[];
  /** Whether one of them asks for functions' tags. */
  readonly needsTags: boolean;
  /** Why this may not be run, one line for each rule that it breaks: file and line, rule, what was found. `now` in ms since 1970. */
  refusePlan(plan: ExperimentPlan, now: number): readonly string[];
  /** As `refusePlan`, of the time alone, for a fault that would be in from `now` for `holdMs`. */
  refuseTime(now: number, holdMs: number): readonly string[];
  /** As `refusePlan`, of one write: what is made may be another than what was planned. */
  refuseEdit(edit: Edit): readonly string[];
}

/** The tags of one function; null, and why, where they could not be read. */
export interface FunctionTags {
  readonly functionArn: string;
  readonly tags: Readonly<Record<string, string>> | null;
  readonly problem: string;
}
