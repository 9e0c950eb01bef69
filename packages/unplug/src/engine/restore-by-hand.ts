import { unqualified } from "../contract/arns.ts";
import type { Connection } from "../contract/connection.ts";
import type { Edit } from "../contract/edit.ts";
import type { Event, Timing } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import type { Recorded } from "../contract/journal.ts";
import { refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { failureOf } from "./failure.ts";
import { type ByHand, findEdits, MarkersUnread, refuseLive } from "./find-by-hand.ts";
import { openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { resourceTable } from "./readings.ts";
import { restore } from "./restore.ts";
import { RunLog } from "./run-log.ts";

const STEP = "by hand";
const RESTORE_TIMEOUT_MS = 300_000;

/**
 * Takes out of a function what a run left, without that run's journal: by the marker in AWS, or on a human's word.
 *
 * It journals what it does, so that it can itself be finished after a crash. Throws Refusal when it finds nothing, and
 * MarkersUnread, once the rest is restored, when it cannot tell.
 */
export async function restoreByHand(asked: ByHand, parts: Parts): Promise<readonly Recorded[]> {
  const connection = await parts.connect(asked.access, asked.run, asked.signal);
  const io: Io = {
    aws: connection.aws,
    place: connection.place,
    clock: parts.clock,
    salt: asked.run,
    signal: asked.signal,
  };
  const table = resourceTable(parts.resources);
  const { edits, refs, unread } = await findEdits(asked, table, io);
  const log = new RunLog(asked.run, parts);
  // A run has the thing that it arms; what else it edits of it may be all that is in by now.
  const same = refs.filter(({ id }) => edits.some(({ ref }) => unqualified(ref.id) === id));
  const claims = new Set([...edits.map(({ ref }) => ref), ...same].map(refKey));
  const conflict = await parts.journal.take(asked.run, [...claims]);
  if (conflict !== null) {
    const remedy = conflict.alive ? `unplug abort ${conflict.run}` : `unplug restore ${conflict.run}`;
    throw new Refusal(`This machine's journal knows more: run ${conflict.run} has it.`, [], `Use ${remedy}`);
  }
  try {
    refuseLive(edits, asked, { table, clock: parts.clock });
  } catch (error) {
    // Who looks on is told of the refusal by itself; "nothing of ours is left" would be the contrary of what it says.
    const { onEvent: _, ...silent } = parts;
    const quiet = new RunLog(asked.run, silent);
    await quiet.note({ type: "run.failed", failure: failureOf(error), defect: false });
    await quiet.finish();
    throw error;
  }
  await log.note(...adopted(edits, connection, asked, parts));
  await restore(openEdits(log.events), {
    log,
    table,
    clock: parts.clock,
    ioFor: () => Promise.resolve({ ...io, signal: new AbortController().signal }),
    timeoutMs: RESTORE_TIMEOUT_MS,
  });
  const untold = unread.length === 0 ? null : new MarkersUnread(asked.functionName, unread, log.events);
  if (untold !== null) await log.note({ type: "run.failed", failure: failureOf(untold), defect: false });
  await log.finish();
  if (untold !== null) throw untold;
  return log.events;
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
      const target = unqualified(value.ref.id);
      return [
        {
          type: "edit.intended" as const,
          edit: i + 1,
          step: STEP,
          iteration: 0,
          target,
          value,
          arms: value.arms === true,
          found: true as const,
        },
        // What arms may still be in flight from the dead machine, whatever is read now; a marker was read.
        ...(value.arms === true ? [] : seenAs(i + 1, value)),
      ];
    }),
    { type: "restore.started", step: STEP, iteration: null, by: parts.by },
  ];
}

function seenAs(edit: number, { ref }: Edit): readonly Event[] {
  return [
    { type: "edit.made", edit, made: { id: ref.id, revision: null } },
    { type: "edit.seen", edit },
  ];
}
