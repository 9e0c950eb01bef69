import type { Timing } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import type { OpenEdit } from "./open-edits.ts";
import { type ResourceTable, readAll } from "./readings.ts";

/** The change was accepted and did not become real. */
export class NotConfirmed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotConfirmed";
  }
}

const FIRST_PAUSE_MS = 50;

/** Resolves when AWS says of every arming edit that it is in force; ends early, without a word, when aborted. */
export async function confirm(
  edits: readonly OpenEdit[],
  timing: Timing,
  table: ResourceTable,
  io: Io,
): Promise<void> {
  let waiting = new Map(edits.filter(({ arms }) => arms).map((edit) => [refKey(edit.value.ref), edit]));
  const deadline = io.clock.now() + timing.statusTimeoutMs;
  for (
    let pause = FIRST_PAUSE_MS;
    waiting.size > 0 && !io.signal.aborted;
    pause = Math.min(pause * 2, timing.statusDelayMs)
  ) {
    const still = new Map<string, OpenEdit>();
    const words = new Set<string>();
    for (const seen of await readAll(
      [...waiting.values()].map(({ value }) => value.ref),
      table,
      io,
    )) {
      const key = refKey(seen.ref);
      const edit = waiting.get(key);
      if (edit === undefined) continue;
      if (!seen.found)
        throw new NotConfirmed(`${seen.ref.kind} ${seen.ref.id} was deleted while the fault went in.`);
      if (seen.settled && equalJson(seen.state, edit.value.after)) continue;
      if (seen.settled)
        throw new NotConfirmed(
          `${seen.ref.kind} ${seen.ref.id} was changed by somebody else while the fault went in (it is ${seen.status}).`,
        );
      still.set(key, edit);
      words.add(seen.status);
    }
    waiting = still;
    if (waiting.size === 0) return;
    if (io.clock.now() >= deadline) {
      throw new NotConfirmed(
        `${waiting.size} of ${edits.length} targets are still ${[...words].join(", ")} after ${timing.statusTimeoutMs / 1000} s (STATUS_CHECK_TIMEOUT).`,
      );
    }
    await io.clock.sleep(pause, io.signal);
  }
}
