import { ApiError, invalidParameter, noResource } from "../api-error.ts";
import { functionArn, mappingArn, type Place, parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { flag, type Input, needText, text, textMap } from "../input.ts";
import type { SwitchSettings } from "../switches.ts";
import type { SourceKind, Timing } from "../timing.ts";
import type { FunctionStore } from "./function-store.ts";
import {
  checkMembers,
  checkQueue,
  checkStartingPosition,
  defaultMembers,
  ownMembers,
  sourceKind,
  streamMembers,
} from "./mapping-sources.ts";
import type { MappingState, MappingStore, StoredMapping } from "./mapping-store.ts";
import { pageOf } from "./paging.ts";
import { checkTags } from "./tag-limits.ts";

export interface MappingParts {
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
  readonly ids: Ids;
  readonly timing: Timing;
  readonly switches: { get(): SwitchSettings };
  readonly queueExists: (arn: string) => boolean;
}

/** Source: recorded answers: queues say USER_INITIATED, all the others "User action". */
function reasonOf(kind: SourceKind): string {
  return kind === "sqs" ? "USER_INITIATED" : "User action";
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
    StateTransitionReason: reasonOf(mapping.kind),
  };
}

function targetArn(parts: MappingParts, value: string, place: Place): string {
  const reference = parseFunctionReference(value, place);
  const qualifier = reference.qualifier === "$LATEST" ? null : reference.qualifier;
  const arn = parts.functions.get(place, reference.name, qualifier).arn;
  return reference.qualifier === null ? arn : `${arn}:${reference.qualifier}`;
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

function refuseDuplicate(
  parts: MappingParts,
  source: string | null,
  target: string,
  context: CallContext,
): void {
  const twin = parts.mappings
    .of(context)
    .find((m) => m.sourceArn === source && m.functionArn === target && m.kind !== "kafka");
  if (twin === undefined || source === null) return;
  const service = twin.kind === "sqs" ? "SQS" : twin.kind;
  const name = target.split(":")[6] ?? target;
  throw new ApiError(
    409,
    "ResourceConflictException",
    `An event source mapping with ${service} arn (" ${source} ") and function (" ${name} ") already exists. Please update or delete the existing mapping with UUID ${twin.uuid}`,
  );
}

function given(input: Input, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (input[name] !== undefined && input[name] !== null) picked[name] = input[name];
  return picked;
}

const common = ["BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes"];

function changeable(kind: SourceKind): readonly string[] {
  const stream = kind === "kinesis" || kind === "dynamodb" ? streamMembers : [];
  return [...common, ...ownMembers(kind), ...stream];
}

function create(parts: MappingParts, input: Input, context: CallContext): unknown {
  const target = targetArn(parts, needText(input, "FunctionName"), context);
  const kind = sourceKind(input);
  const source = text(input, "EventSourceArn") ?? null;
  checkStartingPosition(kind, input);
  const members = {
    ...defaultMembers(kind),
    ...given(input, [...changeable(kind), "StartingPosition", "StartingPositionTimestamp"]),
  };
  checkMembers(kind, members);
  if (kind === "sqs" && source !== null) checkQueue(context, source, parts.queueExists);
  refuseDuplicate(parts, source, target, context);
  const tags = textMap(input, "Tags") ?? {};
  checkTags(tags);
  const uuid = parts.ids.uuid();
  const enabled = flag(input, "Enabled") ?? true;
  if (kind === "kafka" && input["SelfManagedEventSource"] === undefined) {
    members["AmazonManagedKafkaEventSourceConfig"] ??= { ConsumerGroupId: uuid };
  }
  const mapping: StoredMapping = {
    place: { region: context.region, account: context.account },
    uuid,
    arn: mappingArn(context, uuid),
    kind,
    sourceArn: source,
    functionArn: target,
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
    "The event source mapping with UUID " +
      `${mapping.uuid} can not be modified because it is in use: its state is ${state}.`,
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
  const changes = given(input, changeable(mapping.kind));
  const members = { ...mapping.members, ...changes };
  checkMembers(mapping.kind, members);
  refuseInUse(parts, mapping);
  const was = wantsEnabled(mapping);
  const enabled = flag(input, "Enabled") ?? was;
  if (enabled && !was && mapping.kind === "sqs" && mapping.sourceArn !== null) {
    checkQueue(context, mapping.sourceArn, parts.queueExists);
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
      `Cannot delete the event source mapping because it is in use: its state is ${mapping.state}.`,
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
