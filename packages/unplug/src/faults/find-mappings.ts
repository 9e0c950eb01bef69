import { unqualified } from "../contract/arns.ts";
import { isMissing } from "../contract/aws.ts";
import type { MappingConfiguration } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { list } from "../contract/tunables.ts";
import { eventSourceOf } from "./event-source.ts";
import type { TargetFunction } from "./target-function.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What names mappings: their UUIDs, ARNs of their sources, or `all` by itself. */
export const mappingNames = list(
  "Mappings to toggle, comma-separated: UUIDs, source ARNs, or `all` for every enabled mapping of the function",
).superRefine((items, context) => {
  const strange = items.filter((item) => item !== "all" && !item.startsWith("arn:") && !UUID.test(item));
  if (strange.length > 0)
    context.addIssue({
      code: "custom",
      message: `names ${strange.join(", ")}, expected a mapping's UUID, its source's ARN, or all`,
    });
  else if (items.includes("all") && items.length > 1)
    context.addIssue({ code: "custom", message: "names all and others, expected the one or the others" });
});

export interface FoundMappings {
  /** In the order in which EVENT_UUIDS names them. */
  readonly mappings: readonly MappingConfiguration[];
  /** The function has other enabled mappings. */
  readonly others: boolean;
}

/** The mappings that EVENT_UUIDS names; refuses with every culprit at once, before any change. */
export async function findMappings(
  items: readonly string[],
  target: TargetFunction,
  io: Io,
): Promise<FoundMappings> {
  const listed = await listMappings(target, io);
  const mappings =
    items.length === 1 && items[0] === "all"
      ? await allEnabled(listed, target, io)
      : await findNamed(items, listed, target, io);
  const chosen = new Set(mappings.map(({ UUID: id }) => id));
  return { mappings, others: listed.some(({ UUID: id, State }) => State === "Enabled" && !chosen.has(id)) };
}

async function findNamed(
  items: readonly string[],
  listed: readonly MappingConfiguration[],
  target: TargetFunction,
  io: Io,
): Promise<readonly MappingConfiguration[]> {
  const answers = await Promise.all(items.map((item) => resolve(item, listed, target, io)));
  const culprits = answers.flatMap(({ culprit }) => (culprit === null ? [] : [culprit]));
  const found = answers.flatMap(({ mappings }) => mappings);
  const twice = found.find(({ UUID: id }, i) => found.findIndex((other) => other.UUID === id) !== i);
  if (twice !== undefined) culprits.push(`${twice.UUID} is named twice, once by its source`);
  if (culprits.length > 0) {
    const keys = found.map(({ UUID: id = "" }) =>
      refKey({ kind: "mapping", id, within: target.arn, place: io.place }),
    );
    throw new Refusal(
      `EVENT_UUIDS: ${culprits.length} of ${items.length} cannot be toggled; nothing was changed.`,
      culprits,
      await whatThereIs(listed, target, io),
      keys,
    );
  }
  return found;
}

interface Resolved {
  readonly mappings: readonly MappingConfiguration[];
  /** What is wrong with it, for people; null when nothing is. */
  readonly culprit: string | null;
}

async function resolve(
  item: string,
  listed: readonly MappingConfiguration[],
  target: TargetFunction,
  io: Io,
): Promise<Resolved> {
  if (item.startsWith("arn:")) return bySource(item, listed, target, io);
  const known =
    listed.find(({ UUID: id }) => id?.toLowerCase() === item.toLowerCase()) ?? (await getMapping(item, io));
  if (known === null) return { mappings: [], culprit: `${item} does not exist in ${io.place.region}` };
  const owner = unqualified(known.FunctionArn ?? "");
  if (owner !== target.arn)
    return { mappings: [known], culprit: `${item} belongs to another function: ${owner}` };
  if (target.qualifier !== null && known.FunctionArn !== `${target.arn}:${target.qualifier}`) {
    return {
      mappings: [known],
      culprit: `${item} feeds ${known.FunctionArn}, not ${target.name}:${target.qualifier}`,
    };
  }
  return { mappings: [known], culprit: whyNotEnabled(known) };
}

async function bySource(
  arn: string,
  listed: readonly MappingConfiguration[],
  target: TargetFunction,
  io: Io,
): Promise<Resolved> {
  const here = listed.filter(({ EventSourceArn }) => EventSourceArn === arn);
  const mine =
    here.length > 0
      ? here
      : (await listBySource(arn, io)).filter(({ FunctionArn = "" }) => belongs(FunctionArn, target));
  if (mine.length === 0) return { mappings: [], culprit: `${arn} is not a source of ${target.name}` };
  return { mappings: mine, culprit: mine.map(whyNotEnabled).find((why) => why !== null) ?? null };
}

function belongs(functionArn: string, { arn, qualifier }: TargetFunction): boolean {
  return qualifier === null ? unqualified(functionArn) === arn : functionArn === `${arn}:${qualifier}`;
}

/** Lambda's own reason matters: what it disabled by itself must not be enabled blindly. */
function whyNotEnabled({ UUID: id, State, StateTransitionReason }: MappingConfiguration): string | null {
  if (State === "Enabled") return null;
  const reason = StateTransitionReason === undefined ? "" : ` (${StateTransitionReason})`;
  return `${id} is ${State ?? "in an unknown state"}, not Enabled${reason}`;
}

async function allEnabled(
  listed: readonly MappingConfiguration[],
  target: TargetFunction,
  io: Io,
): Promise<readonly MappingConfiguration[]> {
  const enabled = listed.filter(({ State }) => State === "Enabled");
  if (enabled.length > 0) return enabled;
  const keys = listed.map(({ UUID: id = "" }) =>
    refKey({ kind: "mapping", id, within: target.arn, place: io.place }),
  );
  throw new Refusal(
    `Function ${target.name} has no enabled event source mapping; nothing was changed.`,
    [],
    await whatThereIs(listed, target, io),
    keys,
  );
}

/** By page. Source: at most 100 a page, whatever MaxItems says. */
async function listMappings(target: TargetFunction, io: Io): Promise<readonly MappingConfiguration[]> {
  const FunctionName = target.qualifier === null ? target.arn : `${target.arn}:${target.qualifier}`;
  return pages({ FunctionName }, io);
}

function listBySource(EventSourceArn: string, io: Io): Promise<readonly MappingConfiguration[]> {
  return pages({ EventSourceArn }, io);
}

async function pages(
  filter: { FunctionName: string } | { EventSourceArn: string },
  io: Io,
): Promise<readonly MappingConfiguration[]> {
  const found: MappingConfiguration[] = [];
  let marker = "";
  do {
    const input = { ...filter, MaxItems: 100, ...(marker === "" ? {} : { Marker: marker }) };
    const page = await io.aws.call("lambda:ListEventSourceMappings", input, io.signal);
    found.push(...(page.EventSourceMappings ?? []));
    marker = page.NextMarker ?? "";
  } while (marker !== "");
  return found;
}

async function getMapping(uuid: string, io: Io): Promise<MappingConfiguration | null> {
  try {
    return await io.aws.call("lambda:GetEventSourceMapping", { UUID: uuid }, io.signal);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** What the user could have meant: the real mappings, and the triggers that are none. */
async function whatThereIs(
  listed: readonly MappingConfiguration[],
  target: TargetFunction,
  io: Io,
): Promise<string> {
  const lines = listed.map((mapping) => {
    const { kind, name } = eventSourceOf(mapping);
    return `  ${mapping.UUID}  ${kind} ${name}  ${mapping.State}`;
  });
  const triggers = await otherTriggers(target.arn, io);
  return [
    lines.length === 0
      ? `Function ${target.name} has no event source mapping.`
      : `The mappings of ${target.name} are:`,
    ...lines,
    ...(triggers.length === 0
      ? []
      : [
          `It is also invoked by ${triggers.join(", ")}: such triggers are no event source mappings and cannot be toggled.`,
        ]),
    `Enumerate them with: aws lambda list-event-source-mappings --function-name ${target.name} --region ${io.place.region}`,
  ].join("\n");
}

const TRIGGERS: Readonly<Record<string, string>> = {
  "apigateway.amazonaws.com": "API Gateway",
  "events.amazonaws.com": "an EventBridge rule",
  "s3.amazonaws.com": "S3 notifications",
  "sns.amazonaws.com": "SNS",
};

/** Services that the function's own policy lets in; none when the policy cannot be read. */
export async function otherTriggers(functionArn: string, io: Io): Promise<readonly string[]> {
  try {
    const { Policy = "" } = await io.aws.call("lambda:GetPolicy", { FunctionName: functionArn }, io.signal);
    return Object.entries(TRIGGERS).flatMap(([principal, name]) =>
      Policy.includes(`"${principal}"`) ? [name] : [],
    );
  } catch {
    // Optional: it only makes a refusal more helpful.
    return [];
  }
}
