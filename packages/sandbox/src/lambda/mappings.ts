import { ApiError, invalidParameter, noResource } from "../api-error.ts";
import { functionArn, mappingArn, type Place, parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { flag, type Input, isRecord, needText, text, textMap } from "../input.ts";
import type { SwitchSettings } from "../switches.ts";
import type { Timing } from "../timing.ts";
import type { FunctionStore } from "./function-store.ts";
import { checkForKind, checkMembers, checkModel, refuseForeignMembers } from "./mapping-checks.ts";
import {
  changeableMembers,
  defaultMembers,
  reasonOf,
  refuseDuplicate,
  settableMembers,
  sourceKind,
} from "./mapping-sources.ts";
import type { MappingState, MappingStore, StoredMapping } from "./mapping-store.ts";
import { pageOf } from "./paging.ts";
import { checkSource, type Sources } from "./source-existence.ts";
import { checkTags } from "./tag-limits.ts";

export interface MappingParts extends Sources {
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
  readonly ids: Ids;
  readonly timing: Timing;
  readonly switches: { get(): SwitchSettings };
}

function mappingView(mapping: StoredMapping): Record<string, unknown> {
  return {
    UUID: mapping.uuid,
    ...mapping.members,
    ...(mapping.sourceArn === null ? {} : { EventSourceArn: mapping.sourceArn }),
    FunctionArn: mapping.functionArn,
    EventSourceMappingArn: mapping.arn,
    LastModified: mapping.lastModifiedMs / 1000,
    State: mapping.state,
    StateTransitionReason: reasonOf(mapping),
  };
}

/** The ARN of the function that a mapping is to invoke, with the qualifier that was given. Throws 400 for none. */
function targetArn(parts: MappingParts, value: string, place: Place): string {
  const { name, qualifier } = parseFunctionReference(value, place);
  try {
    parts.functions.get(place, name, qualifier === "$LATEST" ? null : qualifier);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw invalidParameter("Function does not exist");
    throw error;
  }
  const arn = functionArn(place, name);
  return qualifier === null ? arn : `${arn}:${qualifier}`;
}

function present(mapping: StoredMapping | undefined): StoredMapping {
  if (mapping !== undefined) return mapping;
  throw noResource();
}

function begin(
  mapping: StoredMapping,
  state: MappingState,
  to: "Enabled" | "Disabled" | "gone",
  at: [number, number],
): void {
  mapping.state = state;
  mapping.transition = { to, endsAt: at[0] + at[1] };
  mapping.lastModifiedMs = at[0];
}

function given(input: Input, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (input[name] !== undefined && input[name] !== null) picked[name] = input[name];
  return picked;
}

/** An empty list of filters is none. */
function withoutEmptyFilters(members: Record<string, unknown>): Record<string, unknown> {
  const criteria = members["FilterCriteria"];
  const filters = isRecord(criteria) ? criteria["Filters"] : undefined;
  if (criteria === undefined || (Array.isArray(filters) && filters.length > 0)) return members;
  const { FilterCriteria: _none, ...others } = members;
  return others;
}

function create(parts: MappingParts, input: Input, context: CallContext): unknown {
  const functionName = needText(input, "FunctionName");
  checkModel(input);
  const kind = sourceKind(input);
  const sourceArn = text(input, "EventSourceArn") ?? null;
  checkForKind(kind, input);
  const functionArn = targetArn(parts, functionName, context);
  const uuid = parts.ids.uuid();
  const members = withoutEmptyFilters({
    ...defaultMembers(kind, input, uuid),
    ...given(input, settableMembers(kind)),
  });
  checkMembers(kind, members);
  if (sourceArn !== null) checkSource(kind, sourceArn, context, parts);
  refuseDuplicate(parts.mappings.of(context), { kind, sourceArn, functionArn, members });
  const tags = textMap(input, "Tags") ?? {};
  checkTags(tags);
  const enabled = flag(input, "Enabled") ?? true;
  const mapping: StoredMapping = {
    place: { region: context.region, account: context.account },
    uuid,
    arn: mappingArn(context, uuid),
    kind,
    sourceArn,
    functionArn,
    members,
    state: enabled ? "Creating" : "Disabled",
    transition: enabled ? { to: "Enabled", endsAt: context.now + parts.timing.mapping[kind].create } : null,
    lastModifiedMs: context.now,
    pollsFrom: null,
    pollsUntil: null,
    tags: new Map(Object.entries(tags)),
  };
  parts.mappings.add(mapping);
  return mappingView(mapping);
}

function refuseInUse(parts: MappingParts, mapping: StoredMapping): void {
  const { state } = mapping;
  const moving = state === "Enabling" || state === "Disabling" || state === "Updating";
  const refused =
    state === "Creating" ||
    state === "Deleting" ||
    (moving && parts.switches.get().mappingUpdateInTransition === "refuse");
  if (!refused) return;
  throw new ApiError(
    400,
    "ResourceInUseException",
    "Cannot update the event source mapping because it is in use.",
  );
}

function wantsEnabled(mapping: StoredMapping): boolean {
  if (mapping.transition !== null) return mapping.transition.to === "Enabled";
  return mapping.state === "Enabled";
}

function update(parts: MappingParts, input: Input, context: CallContext): unknown {
  const mapping = present(parts.mappings.find(context, needText(input, "UUID")));
  const name = text(input, "FunctionName");
  const target = name === undefined ? mapping.functionArn : targetArn(parts, name, context);
  checkModel(input);
  refuseForeignMembers(mapping.kind, input);
  const changes = given(input, changeableMembers(mapping.kind));
  const members = withoutEmptyFilters({ ...mapping.members, ...changes });
  checkMembers(mapping.kind, members);
  refuseInUse(parts, mapping);
  const was = wantsEnabled(mapping);
  const enabled = flag(input, "Enabled") ?? was;
  if (enabled && !was && mapping.sourceArn !== null) {
    checkSource(mapping.kind, mapping.sourceArn, context, parts);
  }
  const timing = parts.timing.mapping[mapping.kind];
  const end = enabled ? "Enabled" : "Disabled";
  mapping.members = members;
  mapping.functionArn = target;
  if (enabled !== was) {
    begin(mapping, enabled ? "Enabling" : "Disabling", end, [
      context.now,
      enabled ? timing.enable : timing.disable,
    ]);
  } else if (Object.keys(changes).length > 0 || name !== undefined) {
    begin(mapping, "Updating", end, [context.now, timing.update]);
  }
  return mappingView(mapping);
}

function remove(parts: MappingParts, input: Input, context: CallContext): unknown {
  const mapping = present(parts.mappings.find(context, needText(input, "UUID")));
  if (mapping.state === "Updating" || mapping.state === "Deleting") {
    throw new ApiError(
      400,
      "ResourceInUseException",
      "Cannot delete the event source mapping because it is in use.",
    );
  }
  begin(mapping, "Deleting", "gone", [context.now, parts.timing.mapping[mapping.kind].delete]);
  return mappingView(mapping);
}

function listed(parts: MappingParts, input: Input, context: CallContext): unknown {
  const name = text(input, "FunctionName");
  const source = text(input, "EventSourceArn");
  if (source !== undefined && !source.startsWith("arn:")) {
    throw invalidParameter(`Unrecognized event source arn ${source}.`);
  }
  const reference = name === undefined || name === "" ? null : parseFunctionReference(name, context);
  const wanted =
    reference === null
      ? null
      : functionArn(context, reference.name) +
        (reference.qualifier === null ? "" : `:${reference.qualifier}`);
  const matching = parts.mappings
    .of(context)
    .filter((m) => wanted === null || m.functionArn === wanted)
    .filter((m) => source === undefined || m.sourceArn === source);
  const page = pageOf(matching, input, 100);
  return {
    EventSourceMappings: page.items.map(mappingView),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** Lambda's operations on event source mappings. */
export function mappingHandlers(parts: MappingParts): Handlers {
  return {
    CreateEventSourceMapping: (input, context) => create(parts, input, context),
    GetEventSourceMapping: (input, context) =>
      mappingView(present(parts.mappings.find(context, needText(input, "UUID")))),
    ListEventSourceMappings: (input, context) => listed(parts, input, context),
    UpdateEventSourceMapping: (input, context) => update(parts, input, context),
    DeleteEventSourceMapping: (input, context) => remove(parts, input, context),
  };
}
