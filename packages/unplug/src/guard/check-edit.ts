import { functionArnOf } from "../contract/arns.ts";
import type { Edit } from "../contract/edit.ts";
import type { Ref } from "../contract/place.ts";
import { functionProblems, placeProblems } from "./check-place.ts";
import type { RuleFile } from "./rules.ts";
import { told } from "./told.ts";

/** Why one write may not be made. */
export function editProblems(file: RuleFile, { ref }: Edit): readonly string[] {
  const what = `a change of ${ref.kind} ${ref.id}`;
  return [
    ...kindProblems(file, ref.kind, what),
    ...placeProblems(file, ref.place, what),
    ...(isOfNoFunction(ref) ? [] : functionProblems(file, functionArnOf(ref), what)),
  ];
}

export function kindProblems(file: RuleFile, kind: string, what: string): readonly string[] {
  if (file.rules.forbid?.includes(kind) !== true) return [];
  return [told(file, ["forbid"], `${what} needs a change of "${kind}"`)];
}

/** A layer is no function's, and no target; all else says whose it is. */
export function isOfNoFunction({ id }: Ref): boolean {
  return /^arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:/.test(id);
}
