import type { Recorded } from "../contract/journal.ts";
import { Refusal } from "../contract/refusal.ts";
import { openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { resourceTable } from "./readings.ts";
import { RunLog } from "./run-log.ts";
import { undoLines } from "./undo-steps.ts";

export interface LeftRun {
  readonly events: readonly Recorded[];
  /** AWS CLI lines that take out what is left in, last first. */
  readonly byHand: readonly string[];
}

/**
 * Forgets a dead run on a human's word: what it left stays as it is, and its leases are free. Nothing is called in AWS.
 *
 * The run is closed, so that nobody is told of it any more; a restore by its id still takes it out. Throws Refusal when
 * the run is unknown or a process still holds it.
 */
export async function leaveRun(run: string, parts: Parts): Promise<LeftRun> {
  const head = (await parts.journal.runs()).find((known) => known.run === run);
  if (head === undefined) throw new Refusal(`There is no run ${run}.`, [], "`unplug runs` lists them.");
  // Taking it says nothing where this very process has it already.
  if (head.alive || (await parts.journal.take(run, [])) !== null) {
    throw new Refusal(
      `Run ${run} is still going on; nothing was noted.`,
      [],
      `To end it and leave in what is unplugged: unplug abort ${run} --leave`,
    );
  }
  const log = new RunLog(run, parts, await parts.journal.read(run));
  const open = openEdits(log.events);
  const byHand = await undoLines(
    open.toReversed().map(({ value }) => value),
    { run, table: resourceTable(parts.resources) },
  );
  await log.commit(
    ...open.map(({ edit }) => ({ type: "left" as const, edit, by: parts.by })),
    { type: "run.finished" },
    { type: "run.closed" },
  );
  return { events: log.events, byHand };
}
