import type { Timing } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import type { OpenEdit } from "./open-edits.ts";
import { Pace } from "./pace.ts";
import { type ResourceTable, readAll } from "./readings.ts";

/** The change was accepted and did not become real. */
class NotConfirmed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotConfirmed";
  }
}

/** Resolves when AWS says of every arming edit that it is in force; ends early, without a word, when aborted. */
export async function confirm(
  edits: readonly OpenEdit[],
  timing: Timing,
  table: ResourceTable,
  io: Io,
): Promise<void> {
  const { clock, signal } = io;
  const waiting = new Map(edits.filter(({ arms }) => arms).map((edit) => [refKey(edit.value.ref), edit]));
  const deadline = clock.now() + timing.statusTimeoutMs;
  const pace = new Pace(timing.statusDelayMs);
  while (waiting.size > 0 && !signal.aborted) {
    const began = clock.now();
    const words = await look(waiting, table, io);
    if (waiting.size === 0) return;
    if (clock.now() >= deadline) {
      throw new NotConfirmed(
        `${waiting.size} of ${edits.length} targets are still ${words.join(", ")} after ${timing.statusTimeoutMs / 1000} s (STATUS_CHECK_TIMEOUT).`,
      );
    }
    await clock.sleep(pace.after(clock.now() - began), signal);
  }
}

/** Takes out of `waiting` what is in force; gives AWS's words for the rest. Throws when somebody else was faster. */
async function look(
  waiting: Map<string, OpenEdit>,
  table: ResourceTable,
  io: Io,
): Promise<readonly string[]> {
  const words = new Set<string>();
  const refs = [...waiting.values()].map(({ value }) => value.ref);
  for (const seen of await readAll(refs, table, io)) {
    const key = refKey(seen.ref);
    const what = `${seen.ref.kind} ${seen.ref.id}`;
    if (!seen.found) throw new NotConfirmed(`${what} was deleted while the fault went in.`);
    if (!seen.settled) words.add(seen.status);
    else if (equalJson(seen.state, waiting.get(key)?.value.after ?? null)) waiting.delete(key);
    else
      throw new NotConfirmed(
        `${what} was changed by somebody else while the fault went in (it is ${seen.status}).`,
      );
  }
  return [...words];
}
