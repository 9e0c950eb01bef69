import { isPassing } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import { refKey } from "../contract/place.ts";
import { PartStays } from "../contract/refusal.ts";

import { AwakeTime } from "./awake-time.ts";
import { failureOf } from "./failure.ts";
import type { OpenEdit } from "./open-edits.ts";
import { Pace } from "./pace.ts";
import { type ResourceTable, resourceFor } from "./readings.ts";
import type { RunLog } from "./run-log.ts";
import { DOUBT_MS, Undo } from "./undo.ts";

export interface Restoring {
  readonly log: RunLog;
  readonly table: ResourceTable;
  readonly clock: Clock;
  /** AWS as the edit's own step reached it. Its signal is the restore's, never the aborted run's. */
  readonly ioFor: (step: string) => Promise<Io>;
  /** How long failures are retried; the time that this process is suspended does not count. */
  readonly timeoutMs: number;
}

const LONGEST_PAUSE_MS = 2_000;
/** While writes wait for their turn, what is written already is not looked at again before this: a look would take their turns. */
const LONGEST_WAIT_MS = 10_000;
/** A transition that AWS has accepted may take minutes (MSK, VPC); longer than this it is reported as pending. */
const TRANSITION_MS = 900_000;

/**
 * Takes every edit out again, last first, and proves it. Generic: it needs the edits and the resources, no fault.
 *
 * Every target is tried; what fails is journalled and never keeps another from being restored. In each wave every
 * write is sent before anything is waited for. `outBefore` are edits that were out already, and of which nobody may have asked
 * yet what somebody made of them.
 */
export async function restore(
  edits: readonly OpenEdit[],
  restoring: Restoring,
  outBefore: readonly OpenEdit[] = [],
): Promise<void> {
  await restoreWaves(edits, restoring);
  const copies = await copiesOf([...outBefore, ...edits], restoring);
  if (copies.length > 0) await restoreWaves(copies, restoring);
}

/** What somebody made of what is out now, and what carries our part still: from here on an edit like any other. */
async function copiesOf(edits: readonly OpenEdit[], restoring: Restoring): Promise<readonly OpenEdit[]> {
  const { log, table, ioFor } = restoring;
  const asked = edits.filter((edit) => hasCopies(edit, table));
  if (asked.length === 0) return [];
  const known = new Set<string>();
  const out = new Set<number>();
  for (const { event } of log.events) {
    if (event.type === "edit.intended") known.add(keyOf(event.value));
    if (event.type === "proved" || event.type === "drift") out.add(event.edit);
  }
  const found: OpenEdit[] = [];
  for (const { edit: original, step, iteration, value: made } of asked) {
    if (!out.has(original)) continue;
    const copies = resourceFor(table, made.ref.kind).copies?.bind(null, made);
    const all =
      (await ioFor(step)
        .then(copies, () => [])
        .catch((error: unknown) => toldOf(error, log))) ?? [];
    for (const value of all.filter((one) => !known.has(keyOf(one)))) {
      const edit = log.nextEdit();
      const copy = { edit, step, iteration, target: refKey(value.ref), value, arms: false };
      await log.note({ type: "edit.intended", ...copy, found: true });
      found.push({ ...copy, doubtful: false });
    }
  }
  return found;
}

/** Where copies cannot be asked for, a restore that is proved stays proved; what is known to stay is told. */
async function toldOf(error: unknown, log: RunLog): Promise<readonly []> {
  if (error instanceof PartStays) {
    await log.note({ type: "run.failed", failure: failureOf(error), defect: false });
  }
  return [];
}

/** Whether somebody may have made something of the edited thing that carries our part still. */
export function hasCopies({ value }: OpenEdit, table: ResourceTable): boolean {
  return resourceFor(table, value.ref.kind).copies !== undefined;
}

function keyOf({ ref, after }: Edit): string {
  return `${refKey(ref)} ${JSON.stringify(after)}`;
}

async function restoreWaves(edits: readonly OpenEdit[], restoring: Restoring): Promise<void> {
  const stuck = new Set<string>();
  for (const wave of waves(edits)) {
    const [free, blocked] = [
      wave.filter(({ target }) => !stuck.has(target)),
      wave.filter(({ target }) => stuck.has(target)),
    ];
    // What came first may be needed by what is still in (a wrapper's file by the variable that names it).
    for (const { edit } of blocked) {
      await restoring.log.note({
        type: "failed",
        edit,
        failure: { code: "Blocked", message: "A later change to the same target is not out yet." },
      });
    }
    const failed = await Promise.all(groups(free).map((group) => restoreGroup(group, restoring)));
    for (const target of failed.flat()) stuck.add(target);
  }
}

/** The last edit of every target, then the one before it, and so on. */
function waves(edits: readonly OpenEdit[]): readonly (readonly OpenEdit[])[] {
  const lanes = new Map<string, OpenEdit[]>();
  for (const edit of edits) {
    const key = `${edit.step}|${edit.target}`;
    lanes.set(key, [edit, ...(lanes.get(key) ?? [])]);
  }
  const depth = Math.max(0, ...[...lanes.values()].map((lane) => lane.length));
  return Array.from({ length: depth }, (_, i) => [...lanes.values()].flatMap((lane) => lane.slice(i, i + 1)));
}

function groups(edits: readonly OpenEdit[]): readonly (readonly OpenEdit[])[] {
  const found = new Map<string, OpenEdit[]>();
  for (const edit of edits) {
    const key = `${edit.step}|${edit.value.ref.kind}`;
    found.set(key, [...(found.get(key) ?? []), edit]);
  }
  return [...found.values()];
}

/** Restores edits that are read together; gives the targets that are not out. */
async function restoreGroup(edits: readonly OpenEdit[], restoring: Restoring): Promise<readonly string[]> {
  const undos = edits.map((edit) => new Undo(edit, restoring.log));
  const time = new AwakeTime(restoring.clock);
  try {
    await takeOut(undos, time, restoring);
  } finally {
    time.end();
  }
  // What may stay is needed by nothing, and nothing waits for it.
  return undos.filter(({ out, open }) => !out && open.value.mayStay !== true).map(({ open }) => open.target);
}

async function takeOut(undos: readonly Undo[], time: AwakeTime, restoring: Restoring): Promise<void> {
  const { clock, timeoutMs } = restoring;
  let pace = new Pace(LONGEST_PAUSE_MS);
  const busy = new Map<Undo, Promise<void>>();
  let written = false;
  for (let open = undos; open.length > 0; ) {
    const began = clock.now();
    const free = open.filter((undo) => !busy.has(undo));
    // Whose time is up is looked at once more: what it wrote last may have been done without an answer.
    const last = new Set(free.filter((undo) => time.ms - timeoutMs >= patience(undo)));
    await pass(free, { last, busy, restoring });
    for (const undo of last) {
      const isOver = time.ms - timeoutMs >= patience(undo);
      if (isOver && !undo.ended && !busy.has(undo)) await undo.giveUp();
    }
    open = open.filter(({ ended }) => !ended);
    // Once the last write is accepted: how long they took, or waited for their turn, says nothing of how long a look takes.
    const isWritten: boolean = !written && open.every((undo) => undo.accepted);
    if (isWritten) pace = new Pace(LONGEST_PAUSE_MS);
    written ||= isWritten;
    if (open.length > 0) await pause(pace.after(isWritten ? 0 : clock.now() - began), open, { busy, clock });
  }
}

/** Waits until it is worth looking again: at once when the last answer that is waited for has come. */
async function pause(
  ms: number,
  open: readonly Undo[],
  { busy, clock }: { busy: ReadonlyMap<Undo, Promise<void>>; clock: Clock },
): Promise<void> {
  const isAnswered = new AbortController();
  if (busy.size > 0) void Promise.allSettled(busy.values()).then(() => isAnswered.abort());
  const isSent = open.every((undo) => undo.accepted || busy.has(undo));
  await clock.sleep(busy.size > 0 && isSent ? LONGEST_WAIT_MS : ms, isAnswered.signal);
}

/** How long after its deadline an edit is still waited for, since waiting is all that is left to do. */
function patience({ accepted, calm }: Undo): number {
  if (accepted) return TRANSITION_MS;
  return calm ? DOUBT_MS : 0;
}

/** Reads everything that is open, page by page, and takes each one step further; slow ones are left to themselves. */
async function pass(open: readonly Undo[], told: Pick<Pass, "last" | "busy" | "restoring">): Promise<void> {
  const { restoring } = told;
  const waiting = new Set(open);
  const steps: Promise<void>[] = [];
  const go = (undos: readonly Undo[]) => readAndStep(undos, { ...told, waiting, steps });
  try {
    if (open.length > 0) await go(open);
  } catch (error) {
    // What cannot be read at all may only be one of many: each is asked for by itself, and charged with its own failure.
    const alone = isPassing(error) ? [] : [...waiting];
    if (alone.length === 0) await chargeAll(waiting, error, restoring);
    for (const undo of alone) await go([undo]).catch((own: unknown) => chargeAll([undo], own, restoring));
  }
  const enough = new AbortController();
  await Promise.race([Promise.all(steps), restoring.clock.sleep(LONGEST_PAUSE_MS, enough.signal)]);
  enough.abort();
}

interface Pass {
  /** Not read yet in this pass. */
  readonly waiting: Set<Undo>;
  /** For which nothing is written any more. */
  readonly last: ReadonlySet<Undo>;
  /** At a write whose answer has not come. */
  readonly busy: Map<Undo, Promise<void>>;
  readonly steps: Promise<void>[];
  readonly restoring: Restoring;
}

async function readAndStep(
  undos: readonly Undo[],
  { waiting, last, busy, steps, restoring }: Pass,
): Promise<void> {
  const [first] = undos;
  if (first === undefined) return;
  const io = await restoring.ioFor(first.open.step);
  const resource = resourceFor(restoring.table, first.open.value.ref.kind);
  const byRef = new Map(undos.map((undo) => [refKey(undo.open.value.ref), undo]));
  for await (const page of resource.read(
    undos.map((undo) => undo.open.value.ref),
    io,
  )) {
    for (const seen of page) {
      const undo = byRef.get(refKey(seen.ref));
      if (undo === undefined) continue;
      waiting.delete(undo);
      // An answer that hangs must not keep another's write from being sent.
      const step = undo
        .step(seen, { resource, io, mayWrite: !last.has(undo) })
        .catch((error: unknown) => undo.failedWith(error, io.clock.now()))
        .finally(() => busy.delete(undo));
      busy.set(undo, step);
      steps.push(step);
    }
  }
}

async function chargeAll(undos: Iterable<Undo>, error: unknown, { clock }: Restoring): Promise<void> {
  for (const undo of undos) await undo.failedWith(error, clock.now());
}
