import { actionFacts } from "../contract/actions.ts";
import type { Action } from "../contract/aws.ts";
import type { AnyFault } from "../contract/fault.ts";
import { placeholderArn } from "../contract/placeholder-arns.ts";
import type { Permission } from "../contract/plan.ts";
import type { AnyProbe } from "../contract/probe.ts";
import type { AnyResource } from "../contract/resource.ts";
import { eachPermission } from "./plan-permissions.ts";

/**
 * What a fault may need on any function, by any of its carriers, with placeholders for what only a plan knows.
 *
 * Required are its own reads and what arms it; what brings it in besides depends on the function, and is optional here.
 */
export function cataloguePermissions(
  fault: AnyFault,
  resources: readonly AnyResource[],
): readonly Permission[] {
  const mine = resources.filter(({ kind }) => fault.kinds.includes(kind));
  const arming = mine.filter(({ kind }) => kind === fault.kinds.at(-1));
  const actionsOf = (some: readonly AnyResource[]) =>
    some.flatMap(({ actions }) => [...actions.read, ...actions.write]);
  const required = new Set([...fault.actions.required, ...actionsOf(arming)]);
  const all = new Set([...required, ...fault.actions.optional, ...actionsOf(mine)]);
  return [...all].flatMap((action) => permissionsOf(action, !required.has(action)));
}

/** What probes of a type may need: optional, since a run may have none of them. */
export function probeCataloguePermissions({
  actions = [],
}: Pick<AnyProbe, "actions">): readonly Permission[] {
  return actions.flatMap((action) => permissionsOf(action, true));
}

function permissionsOf(action: Action, optional: boolean): readonly Permission[] {
  if (actionFacts[action].free === true) return [];
  return eachPermission(action, placeholderArn(action), optional);
}
