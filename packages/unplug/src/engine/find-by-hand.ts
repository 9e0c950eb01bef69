import type { Access } from "../contract/access.ts";
import { unqualified } from "../contract/arns.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Recorded } from "../contract/journal.ts";
import { isRecord, type Json } from "../contract/json.ts";
import { type Ref, refText } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { failureOf } from "./failure.ts";
import { type ResourceTable, readAll, resourceFor } from "./readings.ts";

export interface ByHand {
  /** The id of this restore in the journal. */
  readonly run: string;
  /** Name or ARN. */
  readonly functionName: string;
  readonly access: Access;
  /** What a human says was ours, by id; empty: only what carries our marker. */
  readonly ids: readonly string[];
  /** A human's word that a marker's run is dead although its time is not over. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** Some markers could not be read, so what they may mark may still be unplugged; what could be told is restored. */
export class MarkersUnread extends Error {
  /** One line for each thing whose marker could not be read. */
  readonly unread: readonly string[];
  /** What was restored all the same; empty when nothing could be told to be ours. */
  readonly events: readonly Recorded[];

  constructor(functionName: string, unread: readonly string[], events: readonly Recorded[] = []) {
    super(
      [
        `Not every marker of ${functionName} could be read, so these may still be unplugged:`,
        ...unread.map((line) => `  - ${line}`),
        "Run it again once each can be read: with the permission that its line names, or when what failed has passed",
        ...(unread.some((line) => line.startsWith("mapping"))
          ? ["A mapping can be enabled on your own word: add --mapping UUID --yes"]
          : []),
      ].join("\n"),
    );
    this.name = "MarkersUnread";
    this.unread = unread;
    this.events = events;
  }
}

/** What was recognised as ours, and, for people, what could not be told. */
export interface Found {
  readonly edits: readonly Edit[];
  /** All that was looked at: none of it may be in use by a run of this machine. */
  readonly refs: readonly Ref[];
  readonly unread: readonly string[];
}

/** Looks at everything that belongs to the function. Throws Refusal when nothing is ours, MarkersUnread when nothing can be told. */
export async function findEdits(asked: ByHand, table: ResourceTable, io: Io): Promise<Found> {
  const refs = await discover(asked, table, io);
  const found = await Promise.all(refs.map((ref) => recognised(ref, asked, table, io)));
  const edits = found.flatMap((one) => one.edits);
  const unread = found.flatMap((one) => one.unread);
  if (edits.length > 0) return { edits, refs, unread };
  if (unread.length > 0) throw new MarkersUnread(asked.functionName, unread);
  const known = refs.map(refText);
  throw new Refusal(
    `Nothing of ${asked.functionName} carries Unplug's marker${asked.ids.length > 0 ? " or is unplugged" : ""}; nothing was changed.`,
    known,
    [
      "To enable a mapping on your own word: add --mapping UUID --yes. Mappings of an alias are found by --function NAME:ALIAS.",
      "Memory and concurrency carry no marker: what a run made of them is undone by its journal, or by the lines that it printed.",
      "If its process died a moment ago, a write of it may still be on its way: look again in a minute",
    ].join("\n"),
  );
}

async function discover(asked: ByHand, table: ResourceTable, io: Io): Promise<readonly Ref[]> {
  const answer = await io.aws.call("lambda:GetFunction", { FunctionName: asked.functionName }, io.signal);
  const arn = answer.Configuration?.FunctionArn ?? asked.functionName;
  const found = await Promise.all(
    [...table.values()].map(async (resource) => (await resource.discover?.(arn, io)) ?? []),
  );
  const refs = found.flat();
  if (asked.ids.length === 0) return refs;
  const listed = refs.filter(({ id }) => asked.ids.includes(id));
  const others = asked.ids.filter((id) => !refs.some((ref) => ref.id === id));
  return [...listed, ...(await unlisted(others, arn, table, io))];
}

/** What a human names and the function's own list does not (of an alias, under the bare name), read one by one. */
async function unlisted(
  ids: readonly string[],
  functionArn: string,
  table: ResourceTable,
  io: Io,
): Promise<readonly Ref[]> {
  const kinds = [...table.values()].filter(({ onWord }) => onWord !== undefined).map(({ kind }) => kind);
  const refs = ids.flatMap((id) => kinds.map((kind) => ({ kind, id, within: null, place: io.place })));
  const mine = (await readAll(refs, table, io)).filter(
    (seen) => seen.found && ownerOf(seen.state) === unqualified(functionArn),
  );
  const foreign = ids.filter((id) => !mine.some(({ ref }) => ref.id === id));
  if (foreign.length > 0)
    throw new Refusal(`${functionArn} has no ${foreign.join(", ")}; nothing was changed.`);
  return mine.map(({ ref }) => ref);
}

/** The unqualified ARN of the function that a thing belongs to, as its state says; null when it does not. */
function ownerOf(state: Json | null): string | null {
  if (!isRecord(state) || typeof state.functionArn !== "string") return null;
  return unqualified(state.functionArn);
}

async function recognised(
  ref: Ref,
  asked: ByHand,
  table: ResourceTable,
  io: Io,
): Promise<Omit<Found, "refs">> {
  const { marked, error } = await markedBy(ref, table, io);
  if (marked.length > 0) return { edits: marked, unread: [] };
  const unread = error === null ? [] : [`${refText(ref)}: ${textOf(error)}`];
  const { onWord } = resourceFor(table, ref.kind);
  if (!asked.ids.includes(ref.id) || !asked.force || onWord === undefined) return { edits: [], unread };
  const [seen] = await readAll([ref], table, io);
  const edit = seen?.found === true ? onWord(ref, seen.state) : null;
  // Where markers may not be read there is still a human's word; what only failed may be read the next time.
  return { edits: edit === null ? [] : [edit], unread: isDenied(error) ? [] : unread };
}

async function markedBy(
  ref: Ref,
  table: ResourceTable,
  io: Io,
): Promise<{ readonly marked: readonly Edit[]; readonly error: unknown }> {
  try {
    return { marked: (await resourceFor(table, ref.kind).recognise?.(ref, io)) ?? [], error: null };
  } catch (error) {
    // Nothing is unplugged that is not there.
    return { marked: [], error: isMissing(error) ? null : error };
  }
}

function textOf(error: unknown): string {
  // Our own word needs no code in front of it.
  if (error instanceof Refusal) return error.message;
  const { code, message } = failureOf(error);
  return `${code}: ${message}`;
}

/** A marker whose time is not over may belong to a run that is alive on another machine. */
export function refuseLive(
  edits: readonly Edit[],
  asked: ByHand,
  { table, clock }: { readonly table: ResourceTable; readonly clock: Clock },
): void {
  if (asked.force) return;
  if (!edits.some(({ arms }) => arms === true)) {
    throw new Refusal(
      "What was found is inert by itself: a run that is alive on another machine may be about to use it; nothing was changed.",
      edits.map(({ ref }) => refText(ref)),
      "If you know that there is none: add --yes",
    );
  }
  for (const edit of edits) {
    const until = resourceFor(table, edit.ref.kind).liveUntil?.(edit) ?? null;
    if (until !== null && until > clock.now()) {
      throw new Refusal(
        `A run that may be alive on another machine has it until ${new Date(until).toISOString()}; nothing was changed.`,
        [],
        "If you know that it is dead: add --yes",
      );
    }
  }
}
