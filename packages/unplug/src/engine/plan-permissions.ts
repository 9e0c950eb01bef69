import { type ActionFacts, actionFacts, iamName, iamNames } from "../contract/actions.ts";
import type { Action } from "../contract/aws.ts";
import type { AnyFault, Target } from "../contract/fault.ts";
import type { FunctionTags } from "../contract/guard-rails.ts";
import type { Permission, PlannedEdit } from "../contract/plan.ts";
import { type ResourceTable, resourceFor } from "./readings.ts";
import { callsOf } from "./recorder.ts";

/** Every permission that the run and its restore need: the union over its edits, and the fault's own reads. */
export async function permissionsOf(
  fault: AnyFault,
  {
    targets,
    edits,
    tags,
  }: { targets: readonly Target[]; edits: readonly PlannedEdit[]; tags: readonly FunctionTags[] },
  table: ResourceTable,
): Promise<readonly Permission[]> {
  const found = new Map<string, Permission>();
  const add = (action: Action, resource: string, optional: boolean) => {
    if (actionFacts[action].free === true) return;
    for (const one of eachPermission(action, resource, optional)) {
      const key = `${action} ${iamName(one)} ${one.resource}`;
      found.set(key, { ...one, optional: optional && (found.get(key)?.optional ?? true) });
    }
  };
  for (const { edit } of edits) {
    const resource = resourceFor(table, edit.ref.kind);
    const optional = edit.optional === true;
    for (const action of resource.actions.read) add(action, resource.arn(edit.ref, action), optional);
    for (const direction of edit.stays === true ? (["inject"] as const) : (["inject", "restore"] as const)) {
      for (const { action } of await callsOf(resource, edit, direction))
        add(
          action,
          resource.arn(edit.ref, action),
          optional || (direction === "restore" && edit.mayStay === true),
        );
    }
  }
  for (const { action, arn, optional } of faultReads(fault, targets)) add(action, arn, optional);
  for (const { functionArn } of tags) add("lambda:ListTags", functionArn, false);
  return [...found.values()].sort((a, b) =>
    `${iamName(a)} ${a.resource}`.localeCompare(`${iamName(b)} ${b.resource}`),
  );
}

/** What the restore of the edits cannot do without: `iam:Action resource`. */
export async function restoreNeeds(
  edits: readonly PlannedEdit[],
  table: ResourceTable,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { edit } of edits) {
    if (edit.stays === true || edit.optional === true || edit.mayStay === true) continue;
    const resource = resourceFor(table, edit.ref.kind);
    const calls = await callsOf(resource, edit, "restore");
    for (const action of [...resource.actions.read, ...calls.map((call) => call.action)]) {
      for (const one of eachPermission(action, resource.arn(edit.ref, action), false))
        found.add(`${iamName(one)} ${one.resource}`);
    }
  }
  return found;
}

/** Each name in IAM that the action stands for, on each of IAM's resources for it. */
export function eachPermission(action: Action, resource: string, optional: boolean): readonly Permission[] {
  const names = iamNames(action);
  return names.flatMap((iam) =>
    scopesOf(actionFacts[action], resource).map((scoped) => ({
      action,
      ...(names.length === 1 ? {} : { iam }),
      resource: scoped,
      optional,
    })),
  );
}

/** IAM's resources for an action on a thing: one without a version or alias, those with one, or both. */
function scopesOf({ anyResource, qualified }: ActionFacts, resource: string): readonly string[] {
  if (anyResource === true) return ["*"];
  return [...(qualified === "only" ? [] : [resource]), ...(qualified === undefined ? [] : [`${resource}:*`])];
}

/** The fault's own reads, each of what its targets say that it reads; what none of them needs is left out. */
function faultReads({ actions }: AnyFault, targets: readonly Target[]) {
  const functions = new Set(targets.map(({ ref }) => ref.within ?? ref.id));
  const arnsFor = (action: string): readonly string[] => {
    const service = action.split(":")[0] ?? "";
    const told = targets.flatMap(({ arns }) => arns?.[action] ?? arns?.[service] ?? []);
    const isNamed = targets.some(({ arns }) => arns?.[action] !== undefined);
    return [...(told.length === 0 && service === "lambda" && !isNamed ? functions : new Set(told))];
  };
  const reads = [
    ...actions.required.map((action) => ({ action, optional: false })),
    ...actions.optional.map((action) => ({ action, optional: true })),
  ];
  return reads.flatMap(({ action, optional }) => arnsFor(action).map((arn) => ({ action, optional, arn })));
}
