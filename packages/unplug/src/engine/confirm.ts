import type { Timing } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import { refKey, refText } from "../contract/place.ts";
import type { OpenEdit } from "./open-edits.ts";
import { Pace } from "./pace.ts";
import { type ResourceTable, readAll } from "./readings.ts";
import type { RunLog } from "./run-log.ts";

/** The change was accepted and did not become real. */
class NotConfirmed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotConfirmed";
  }
}

/** What AWS guards the next write of each edited thing by, by `refKey`, as it was when the edit was in force. */
export type Revisions = ReadonlyMap<string, string | null>;

/** Resolves when AWS says of every edit that it is in force; ends early, without a word, when aborted. */
export async function confirm(
  edits: readonly OpenEdit[],
  timing: Timing,
  { table, io, log }: { table: ResourceTable; io: Io; log: RunLog },
): Promise<Revisions> {
  const { clock, signal } = io;
  const revisions = new Map<string, string | null>();
  const waiting = new Map(edits.map((edit) => [refKey(edit.value.ref), edit]));
  const deadline = clock.now() + timing.statusTimeoutMs;
  const pace = new Pace(timing.statusDelayMs);
  while (waiting.size > 0 && !signal.aborted) {
    const began = clock.now();
    const words = await look(waiting, { revisions, table, io, log });
    if (waiting.size === 0) break;
    if (clock.now() >= deadline) {
      throw new NotConfirmed(
        `${waiting.size} of ${edits.length} targets are still ${words.join(", ")} after ${timing.statusTimeoutMs / 1000} s (STATUS_CHECK_TIMEOUT).`,
      );
    }
    await clock.sleep(pace.after(clock.now() - began), signal);
  }
  return revisions;
}

interface Look {
  /** Of what is in force. */
  readonly revisions: Map<string, string | null>;
  readonly table: ResourceTable;
  readonly io: Io;
  readonly log: RunLog;
}

/**
 * Takes out of `waiting` what is in force; gives AWS's words for the rest. Throws when somebody else was faster.
 *
 * What still reads as before the write may be a reading from before it: nothing says that AWS reads what it has just
 * written.
 */
async function look(
  waiting: Map<string, OpenEdit>,
  { revisions, table, io, log }: Look,
): Promise<readonly string[]> {
  const words = new Set<string>();
  const refs = [...waiting.values()].map(({ value }) => value.ref);
  const readings = (await readAll(refs, table, io)).flatMap((seen) => {
    const edit = waiting.get(refKey(seen.ref));
    return edit === undefined
      ? []
      : [{ seen, edit, isAfter: seen.found && equalJson(seen.state, edit.value.after) }];
  });
  const landed = readings.filter(({ edit, isAfter }) => isAfter && edit.doubtful);
  await log.note(...landed.map(({ edit: { edit } }) => ({ type: "edit.seen" as const, edit })));
  for (const { edit } of landed) waiting.set(refKey(edit.value.ref), { ...edit, doubtful: false });
  for (const { seen, edit, isAfter } of readings) {
    const what = refText(seen.ref);
    if (!seen.found) throw new NotConfirmed(`${what} was deleted while the fault went in.`);
    if (seen.failed !== undefined) throw new NotConfirmed(`AWS could not change ${what}: ${seen.failed}`);
    if (seen.settled && isAfter) {
      waiting.delete(refKey(seen.ref));
      revisions.set(refKey(seen.ref), seen.revision);
    } else if (!seen.settled || equalJson(seen.state, edit.value.before)) words.add(seen.status);
    else
      throw new NotConfirmed(
        `${what} was changed by somebody else while the fault went in (it is ${seen.status}).`,
      );
  }
  return [...words];
}
