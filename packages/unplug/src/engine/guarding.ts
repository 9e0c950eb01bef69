import type { Edit } from "../contract/edit.ts";
import type { GuardRails } from "../contract/guard-rails.ts";
import { Refusal } from "../contract/refusal.ts";

export const NOT_PERMITTED = "Guard rails do not permit this run; nothing was changed.";

/** Asked again before each injection: time has passed since the plan. Throws Refusal. */
export function refuseTime(rails: GuardRails | null, now: number, holdMs: number): void {
  const problems = rails?.refuseTime(now, holdMs) ?? [];
  if (problems.length > 0) throw new Refusal("Guard rails do not permit it any more.", problems);
}

/** Before the edit is journalled: it may be another than the one that was planned. Throws Refusal. */
export function refuseEdit(rails: GuardRails | null, edit: Edit): void {
  const problems = rails?.refuseEdit(edit) ?? [];
  if (problems.length > 0) throw new Refusal("Guard rails do not permit this change.", problems);
}
