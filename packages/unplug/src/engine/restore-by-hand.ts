import type { Access } from "../contract/access.ts";
import type { Connection } from "../contract/connection.ts";
import type { Edit } from "../contract/edit.ts";
import type { Event, Timing } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import type { Recorded } from "../contract/journal.ts";
import { type Ref, refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { type ResourceTable, readAll, resourceFor, resourceTable } from "./readings.ts";
import { undoLines } from "./recorder.ts";
import { restore } from "./restore.ts";
import { RunLog } from "./run-log.ts";

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

const STEP = "by hand";
const RESTORE_TIMEOUT_MS = 300_000;

/**
 * Takes out of a function what a run left, without that run's journal: by the marker in AWS, or on a human's word.
 *
 * It journals what it does, so that it can itself be finished after a crash. Throws Refusal when it finds nothing.
 */
export async function restoreByHand(asked: ByHand, parts: Parts): Promise<readonly Recorded[]> {
  const connection = await parts.connect(asked.access, asked.run, asked.signal);
  const io: Io = { aws: connection.aws, place: connection.place, clock: parts.clock, signal: asked.signal };
  const table = resourceTable(parts.resources);
  const edits = await findEdits(asked, table, io);
  const log = new RunLog(asked.run, parts);
  const conflict = await parts.journal.take(asked.run, [...new Set(edits.map(({ ref }) => refKey(ref)))]);
  if (conflict !== null) {
    const remedy = conflict.alive ? `unplug abort ${conflict.run}` : `unplug restore ${conflict.run}`;
    throw new Refusal(`This machine's journal knows more: run ${conflict.run} has it.`, [], `Use ${remedy}`);
  }
  await log.note(...adopted(edits, connection, asked, parts));
  await restore(openEdits(log.events), {
    log,
    table,
    clock: parts.clock,
    ioFor: () => Promise.resolve({ ...io, signal: new AbortController().signal }),
    timeoutMs: RESTORE_TIMEOUT_MS,
  });
  const left = openEdits(log.events).length;
  await log.note({ type: "run.finished" }, ...(left === 0 ? [{ type: "run.closed" as const }] : []));
  return log.events;
}

async function findEdits(asked: ByHand, table: ResourceTable, io: Io): Promise<readonly Edit[]> {
  const refs = await discover(asked, table, io);
  const edits = (await Promise.all(refs.map((ref) => recognised(ref, asked, table, io)))).flat();
  if (edits.length > 0) return edits;
  const known = refs.map(({ kind, id }) => `${kind} ${id}`);
  throw new Refusal(
    `Nothing of ${asked.functionName} carries Unplug's marker${asked.ids.length > 0 ? " or is unplugged" : ""}; nothing was changed.`,
    known,
    "To enable a mapping on your own word: add --mapping UUID --yes",
  );
}

async function discover(asked: ByHand, table: ResourceTable, io: Io): Promise<readonly Ref[]> {
  const answer = await io.aws.call("lambda:GetFunction", { FunctionName: asked.functionName }, io.signal);
  const arn = answer.Configuration?.FunctionArn ?? asked.functionName;
  const found = await Promise.all(
    [...table.values()].map(async (resource) => (await resource.discover?.(arn, io)) ?? []),
  );
  const refs = found.flat();
  const unknown = asked.ids.filter((id) => !refs.some((ref) => ref.id === id));
  if (unknown.length > 0)
    throw new Refusal(`${asked.functionName} has no ${unknown.join(", ")}; nothing was changed.`);
  return asked.ids.length === 0 ? refs : refs.filter(({ id }) => asked.ids.includes(id));
}

async function recognised(ref: Ref, asked: ByHand, table: ResourceTable, io: Io): Promise<readonly Edit[]> {
  const resource = resourceFor(table, ref.kind);
  // Without the permission to read markers there is still a human's word.
  const marked = (await resource.recognise?.(ref, io).catch(() => [])) ?? [];
  if (marked.length > 0) {
    refuseLive(marked, asked, io);
    return marked;
  }
  if (!asked.ids.includes(ref.id) || !asked.force || resource.onWord === undefined) return [];
  const [seen] = await readAll([ref], table, io);
  const edit = seen?.found === true ? resource.onWord(ref, seen.state) : null;
  return edit === null ? [] : [edit];
}

/** A marker whose time is not over may belong to a run that is alive on another machine. */
function refuseLive(edits: readonly Edit[], asked: ByHand, io: Io): void {
  if (asked.force) return;
  for (const { after } of edits) {
    const until =
      after !== null && typeof after === "object" && "unplug:until" in after ? after["unplug:until"] : null;
    if (typeof until === "string" && Date.parse(until) > io.clock.now()) {
      throw new Refusal(
        `A run that may be alive on another machine has it until ${until}; nothing was changed.`,
        [],
        "If you know that it is dead: add --yes",
      );
    }
  }
}

/** Writes down what was found, as if this run had made it: from here on a restore is like any other. */
function adopted(
  edits: readonly Edit[],
  { place, identity }: Connection,
  asked: ByHand,
  parts: Parts,
): readonly Event[] {
  const now = parts.clock.now();
  const timing: Timing = {
    holdMs: 0,
    intervalMs: 0,
    rampMs: 0,
    serial: false,
    cycles: 1,
    statusTimeoutMs: 0,
    statusDelayMs: 0,
    restoreTimeoutMs: RESTORE_TIMEOUT_MS,
  };
  const experiment = {
    name: `restore of ${asked.functionName} by hand`,
    description: "",
    requireEffect: false,
    steps: [],
  };
  return [
    { type: "run.started", version: parts.version, format: 1, by: parts.by, experiment },
    {
      type: "step.planned",
      step: STEP,
      place,
      access: { ...asked.access, endpoint: place.endpoint },
      identity,
      timing,
      iterations: 0,
      targets: [],
      warnings: [],
      until: now,
    },
    ...edits.flatMap((value, i) => {
      // Edits of one thing are undone last first, whatever kinds they are of.
      const target = value.ref.id;
      return [
        {
          type: "edit.intended" as const,
          edit: i + 1,
          step: STEP,
          iteration: 0,
          target,
          value,
          arms: value.arms === true,
        },
        { type: "edit.made" as const, edit: i + 1, made: { id: value.ref.id, revision: null } },
      ];
    }),
    { type: "restore.started", step: STEP, iteration: null, by: parts.by },
  ];
}

/** The plain AWS CLI calls that restore a run, last first, as a script for the day when Unplug itself is broken. */
export async function byHandScript(
  run: string,
  events: readonly Recorded[],
  parts: Pick<Parts, "resources">,
): Promise<string> {
  const open = openEdits(events).toReversed();
  const lines = await undoLines(
    open.map(({ value }) => value),
    resourceTable(parts.resources),
  );
  return [
    "#!/bin/sh",
    `# Takes out of AWS what run ${run} left there. Read it before you run it.`,
    "set -eux",
    ...lines,
    "",
  ].join("\n");
}
