import type { Edit } from "../contract/edit.ts";
import type { Recorded } from "../contract/journal.ts";

/** An edit that may stand in AWS and is not proved out of it. */
export interface OpenEdit {
  /** Its number within the run. */
  readonly edit: number;
  readonly step: string;
  readonly iteration: number;
  /** The key of the target it was made for. */
  readonly target: string;
  readonly value: Edit;
  readonly arms: boolean;
  /** No reading has shown it yet, so it may land late, even after a restore: an answer alone says nothing of reads. */
  readonly doubtful: boolean;
}

/** What a restore of one step has to look at; others may stand beside it. */
export function openEditsOf(step: string, events: readonly Recorded[]): readonly OpenEdit[] {
  return openEdits(events).filter((edit) => edit.step === step);
}

/** What a restore has to look at, in the order in which it was intended. */
export function openEdits(events: readonly Recorded[]): readonly OpenEdit[] {
  const open = new Map<number, OpenEdit>();
  for (const { event } of events) {
    switch (event.type) {
      case "edit.intended": {
        const { edit, step, iteration, target, value, arms } = event;
        if (value.stays === true) break;
        open.set(edit, { edit, step, iteration, target, value, arms, doubtful: true });
        break;
      }
      case "edit.seen":
        settle(open, event.edit);
        break;
      case "edit.failed":
        if (event.certain) open.delete(event.edit);
        break;
      case "proved":
      case "drift":
      case "gone":
      case "kept":
        open.delete(event.edit);
        break;
      default:
    }
  }
  return [...open.values()];
}

/** What was in AWS and is proved out of it, as somebody else may have left it. */
export function editsOut(events: readonly Recorded[]): readonly OpenEdit[] {
  const ends = new Set<number>();
  for (const { event } of events) if (event.type === "proved" || event.type === "drift") ends.add(event.edit);
  const began = events.filter(({ event }) => event.type === "edit.intended" && ends.has(event.edit));
  return openEdits(began);
}

function settle(open: Map<number, OpenEdit>, edit: number): void {
  const found = open.get(edit);
  if (found !== undefined) open.set(edit, { ...found, doubtful: false });
}
