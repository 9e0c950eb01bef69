import type { AnyFault, Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import { equalJson, type Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import type { Reading, Seen } from "../contract/resource.ts";
import type { Revisions } from "./confirm.ts";
import type { OpenEdit } from "./open-edits.ts";
import { type ResourceTable, readAll, resourceFor } from "./readings.ts";
import type { RunLog } from "./run-log.ts";
import { keepSampling, sampleOnce } from "./sampling.ts";

export interface Holding {
  readonly step: string;
  readonly iteration: number;
  readonly fault: AnyFault;
  readonly own: Record<string, unknown>;
  readonly targets: readonly Target[];
  /** What stands in AWS for this iteration. */
  readonly edits: readonly OpenEdit[];
  readonly revisions: Revisions;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly table: ResourceTable;
  readonly io: Io;
  readonly log: RunLog;
}

/**
 * Keeps the fault in until `until`, an abort or the loss of the journal, and looks again and again whether it still is.
 *
 * Nothing but these ends it: a look or a measure that hangs is left behind, and says nothing any more.
 */
export async function hold(holding: Holding): Promise<void> {
  const { io, until, log, step, iteration } = holding;
  const ended = new AbortController();
  const over = AbortSignal.any([io.signal, log.lostSignal, ended.signal]);
  const during: Io = { ...io, signal: over };
  const armed = new Map(
    holding.edits.filter(({ arms }) => arms).map((edit) => [refKey(edit.value.ref), edit]),
  );
  await log.note({ type: "hold.started", step, iteration, until });
  let defect: unknown = null;
  const fails = (error: unknown) => {
    defect = error;
    ended.abort();
  };
  void lookAgain(armed, during, holding).then(() => ended.abort(), fails);
  void keepSampling(during, holding).catch(fails);
  void sampleOnce(during, holding).catch(fails);
  await io.clock.sleep(until - io.clock.now(), over);
  ended.abort();
  if (defect !== null) throw defect;
  await log.note({ type: "hold.ended", step, iteration, overrunMs: Math.max(0, io.clock.now() - until) });
}

/** Ends when nothing is held any more, or somebody works on what is. */
async function lookAgain(armed: Map<string, OpenEdit>, io: Io, holding: Holding): Promise<void> {
  const every = Math.min(
    ...[...armed.values()].map(({ value }) => resourceFor(holding.table, value.ref.kind).lookEveryMs),
  );
  // Somebody may have been faster than the revision that is compared from now on.
  const inert = new Map(
    holding.edits
      .filter(({ arms, value }) => !arms && resourceFor(holding.table, value.ref.kind).guarded)
      .map((edit) => [refKey(edit.value.ref), edit]),
  );
  let { revisions } = holding;
  while (armed.size > 0) {
    await io.clock.sleep(every, io.signal);
    if (io.signal.aborted) return;
    // Somebody else's change may not fit ours: out with it at once, and this run is inconclusive anyway.
    if ((await look(armed, io, holding)).disturbed) return;
    if (inert.size === 0) continue;
    const { disturbed, seen } = await look(inert, io, { ...holding, revisions });
    if (disturbed) return;
    revisions = keepWatched(inert, seen, { ...holding, revisions, every });
  }
}

/**
 * Leaves in `inert` what no look at what arms tells of: a thing with a revision of its own. Gives the revisions that are
 * compared from now on, of each the first that was seen.
 */
function keepWatched(
  inert: Map<string, OpenEdit>,
  seen: readonly Seen<Json>[],
  { revisions, table, every }: Holding & { readonly every: number },
): Revisions {
  const compared = new Set(revisions.values());
  const next = new Map(revisions);
  for (const now of seen) {
    const key = refKey(now.ref);
    if (!now.found || next.has(key)) continue;
    const covered = now.revision === null || compared.has(now.revision);
    if (covered || resourceFor(table, now.ref.kind).lookEveryMs > every) inert.delete(key);
    else if (now.settled) {
      next.set(key, now.revision);
      compared.add(now.revision);
    }
  }
  return next;
}

interface Look {
  /** Somebody works on what is still unplugged. */
  readonly disturbed: boolean;
  readonly seen: readonly Seen<Json>[];
}

/** What is lost is noted and no longer held. */
async function look(held: Map<string, OpenEdit>, io: Io, holding: Holding): Promise<Look> {
  const refs = [...held.values()].map(({ value }) => value.ref);
  // A look that AWS does not answer says nothing; the next one may.
  const seen = await readAll(refs, holding.table, io).catch(() => []);
  if (io.signal.aborted) return { disturbed: false, seen: [] };
  const { step, iteration, log } = holding;
  let disturbed = false;
  for (const now of seen) {
    const key = refKey(now.ref);
    const edit = held.get(key);
    // One 404 is not believed, and what is on its way somewhere is judged when it has arrived.
    if (edit === undefined || !now.found || !now.settled) continue;
    const reason = lossOf(edit, now, holding);
    if (reason === null) continue;
    held.delete(key);
    disturbed ||= reason !== TAKEN_OUT;
    await log.note({ type: "inject.lost", step, iteration, ref: now.ref, reason, now: now.state });
  }
  return { disturbed, seen };
}

const TAKEN_OUT = "somebody took the fault out";

/** Why it is not held any more as it was; null when it is. */
function lossOf({ value, arms }: OpenEdit, now: Reading<Json>, { table, revisions }: Holding): string | null {
  if (equalJson(now.state, value.after)) {
    const revision = revisions.get(refKey(value.ref)) ?? null;
    if (revision === null || now.revision === revision) return null;
    return "somebody else deployed it, published it, or changed a setting of it that the fault leaves alone";
  }
  try {
    const without = resourceFor(table, value.ref.kind).without(now.state, value);
    return arms && equalJson(without, now.state) ? TAKEN_OUT : "somebody else changed it";
  } catch {
    // It was read in part only, which says nothing.
    return null;
  }
}
