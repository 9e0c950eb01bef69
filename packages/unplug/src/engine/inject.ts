import { AwsError, isDenied } from "../contract/aws.ts";
import type { Edit, Made } from "../contract/edit.ts";
import type { Event, Timing } from "../contract/events.ts";
import type { AnyFault, Stamp, Target } from "../contract/fault.ts";
import type { GuardRails } from "../contract/guard-rails.ts";
import type { Io } from "../contract/io.ts";
import { diffJson, equalJson, type Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import type { Reading, Seen } from "../contract/resource.ts";
import { confirm } from "./confirm.ts";
import { failureOf } from "./failure.ts";
import { refuseEdit } from "./guarding.ts";
import type { OpenEdit } from "./open-edits.ts";
import { groupRefs, type ResourceTable, resourceFor } from "./readings.ts";
import { JournalLost, type RunLog } from "./run-log.ts";

/** What one iteration of one step injects, and with what. */
export interface Injection {
  readonly step: string;
  readonly iteration: number;
  readonly fault: AnyFault;
  /** The fault's own tunables. */
  readonly own: Record<string, unknown>;
  readonly targets: readonly Target[];
  readonly stamp: Stamp;
  readonly timing: Timing;
  readonly rails: GuardRails | null;
  readonly table: ResourceTable;
  readonly io: Io;
  readonly log: RunLog;
}

/** One target's generator, and the edit that it has just asked for. */
interface Lane {
  readonly target: string;
  readonly changes: AsyncGenerator<Edit, void, Made | null>;
  answer: Made | null;
  edit: Edit | null;
  /** The edit was sent, whatever became of it. */
  written: boolean;
  /** The last edit, when it has to be in force before the next. */
  pending: OpenEdit | null;
}

/**
 * Makes every edit of every target, in rounds: one edit of each target, journalled, written, journalled.
 *
 * The first failure stops all pulling and is thrown once every write that has left is answered. What was made by then
 * is in the journal, for the restore.
 */
export async function inject(injection: Injection): Promise<void> {
  let lanes: Lane[] = injection.targets.map((target) => ({
    target: refKey(target.ref),
    changes: injection.fault.change(target, injection.own, injection.stamp),
    answer: null,
    edit: null,
    written: false,
    pending: null,
  }));
  while (lanes.length > 0) {
    await Promise.all(lanes.map((lane) => pull(lane, injection)));
    lanes = lanes.filter(({ edit }) => edit !== null);
    await settle(lanes, injection);
    await writeRound(lanes, injection);
  }
}

/** AWS changes one thing of a function at a time: what is guarded is in force before the next edit of its lane. */
async function settle(lanes: readonly Lane[], { timing, table, io, log }: Injection): Promise<void> {
  const pending = lanes.flatMap((lane) => (lane.pending === null ? [] : [lane.pending]));
  if (pending.length > 0) await confirm(pending, timing, { table, io, log });
  if (io.signal.aborted) throw unsent("the run is ending");
}

async function pull(lane: Lane, { rails }: Injection): Promise<void> {
  const next = await lane.changes.next(lane.answer);
  lane.edit = next.done === true ? null : next.value;
  if (lane.edit !== null) refuseEdit(rails, lane.edit);
  lane.written = false;
  lane.answer = null;
}

async function writeRound(lanes: readonly Lane[], injection: Injection): Promise<void> {
  const stop = new Stop(injection.io.signal);
  const byRef = new Map(
    lanes.flatMap((lane) => (lane.edit === null ? [] : [[refKey(lane.edit.ref), lane] as const])),
  );
  const refs = lanes.flatMap(({ edit }) => (edit === null ? [] : [edit.ref]));
  await Promise.all(
    groupRefs(refs, injection.table).map(async ({ resource, refs: mine }) => {
      try {
        const io = { ...injection.io, signal: stop.signal };
        for await (const page of resource.read(mine, io)) {
          if (stop.signal.aborted) break;
          await writePage(page, byRef, injection, stop);
        }
      } catch (error) {
        stop.because(error);
      }
    }),
  );
  stop.throwIfFailed();
  const left = lanes.filter(({ edit, written }) => edit !== null && !written);
  if (left.length > 0 && !stop.signal.aborted) {
    throw new Error(`${left.length} edits were not written: the resource gave no reading of them.`);
  }
}

/** Re-reads are at most a page old when they are written on. */
async function writePage(
  page: readonly Seen<Json>[],
  byRef: ReadonlyMap<string, Lane>,
  injection: Injection,
  stop: Stop,
): Promise<void> {
  const writes = page.flatMap((seen) => {
    const lane = byRef.get(refKey(seen.ref));
    return lane?.edit == null
      ? []
      : [{ lane, value: lane.edit, seen: asBefore(seen, lane.edit), edit: injection.log.nextEdit() }];
  });
  const { step, iteration } = injection;
  await injection.log.commit(
    ...writes.map(({ lane, value, edit }) => ({
      type: "edit.intended" as const,
      edit,
      step,
      iteration,
      target: lane.target,
      value,
      arms: value.arms === true,
    })),
  );
  for (const { lane } of writes) lane.written = true;
  await Promise.all(writes.map((write) => writeOne(write, injection, stop)));
}

interface Write {
  readonly lane: Lane;
  readonly value: Edit;
  readonly seen: Reading<Json>;
  readonly edit: number;
}

async function writeOne(
  { lane, value, seen, edit }: Write,
  { table, io, log, stamp, timing, step, iteration }: Injection,
  stop: Stop,
): Promise<void> {
  const resource = resourceFor(table, value.ref.kind);
  const note = async (event: Event): Promise<void> => {
    await log.note(event);
    // Writes that still wait for their turn have nothing to wait for any more.
    if (log.lost !== null) stop.because(new JournalLost(log.lost));
  };
  try {
    if (stop.signal.aborted) throw unsent("the run is ending");
    const heldMs = value.arms === true ? timing.holdMs : 0;
    if (io.clock.now() + heldMs > stamp.until)
      throw unsent("it is later than the run said it would ever inject");
    const made = await resource.write(value.ref, value.after, seen, {
      ...io,
      signal: stop.signal,
    });
    lane.answer = made;
    lane.pending = resource.guarded
      ? { edit, step, iteration, target: lane.target, value, arms: value.arms === true, doubtful: true }
      : null;
    await note({ type: "edit.made", edit, made });
  } catch (error) {
    // Whatever is not AWS's own "no" may have been made.
    const certain = error instanceof Unsent || (error instanceof AwsError && error.outcome !== "unknown");
    await note({ type: "edit.failed", edit, certain, failure: failureOf(error) });
    if (!(value.optional === true && certain && isDenied(error))) stop.because(error);
  }
}

class Unsent extends Error {
  override name = "Unsent";
}

function unsent(why: string): Unsent {
  return new Unsent(`Not written: ${why}.`);
}

function asBefore(seen: Seen<Json>, edit: Edit): Reading<Json> {
  const what = `${edit.ref.kind} ${edit.ref.id}`;
  if (!seen.found) throw new Refusal(`${what} does not exist any more; nothing was changed on it.`);
  // Somebody else needed it, too, or it could not be taken out the last time: the writer finds it there.
  if ((edit.stays ?? edit.mayStay) === true && equalJson(seen.state, edit.after)) return seen;
  if (!equalJson(seen.state, edit.before)) {
    const changes = diffJson(edit.before, seen.state).map(
      ({ path, before, after }) =>
        `${path || "it"}: ${JSON.stringify(before)} became ${JSON.stringify(after)}`,
    );
    throw new Refusal(
      `Somebody changed ${what} since it was planned; it was left alone.`,
      changes,
      "Run it again.",
    );
  }
  if (!seen.settled)
    throw new Refusal(
      `${what} is being changed by somebody else (${seen.status}); it was left alone.`,
      [],
      "Run it again when it has settled.",
    );
  return seen;
}

/** Ends a round at its first failure, and remembers that failure. */
class Stop {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #error: unknown = null;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
  }

  because(error: unknown): void {
    this.#error ??= error;
    this.#controller.abort();
  }

  throwIfFailed(): void {
    if (this.#error !== null) throw this.#error;
  }
}
