import type { GuardRails } from "../contract/guard-rails.ts";
import { editProblems } from "./check-edit.ts";
import { planProblems } from "./check-plan.ts";
import { holdProblems } from "./check-time.ts";
import type { RuleFile } from "./rules.ts";

/** All files together: what one of them does not permit is not permitted. Null where there is none. */
export function guardRailsOf(files: readonly RuleFile[]): GuardRails | null {
  if (files.length === 0) return null;
  return {
    files: files.map(({ file }) => file),
    needsTags: files.some(({ rules }) => (rules.require.tags ?? rules.protect.tags) !== undefined),
    refusePlan: (plan, now) => [...new Set(files.flatMap((file) => planProblems(file, plan, now)))],
    refuseTime: (now, holdMs) => files.flatMap((file) => holdProblems(file, now, holdMs)),
    refuseEdit: (edit) => [...new Set(files.flatMap((file) => editProblems(file, edit)))],
  };
}
