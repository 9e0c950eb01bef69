import { failureText } from "./failure-text.ts";
import { type EditView, type RunView, remainingEdits } from "./run-view.ts";
import { editTitle } from "./target-status.ts";

/** One thing of ours that is not proved out of a target. */
export interface Left {
  readonly edit: number;
  readonly step: string;
  /** For people: what was edited. */
  readonly title: string;
  readonly status: "open" | "pending" | "failed" | "left";
  /** One clause: what is known of it. */
  readonly text: string;
}

/** What somebody must still take out, in the order in which it went in. */
export function whatIsLeft(view: RunView): readonly Left[] {
  return remainingEdits(view).map((edit) => ({
    edit: edit.edit,
    step: edit.step,
    title: editTitle(view, edit),
    status: edit.end === "pending" || edit.end === "failed" || edit.end === "left" ? edit.end : "open",
    text: leftText(edit),
  }));
}

const UNTOLD: ReadonlySet<string> = new Set(["MarkersUnread", "PartStays"]);

/** Beside what is left there may be more of ours: not all that may be marked was read, or somebody has made something of it. */
export function isUntold({ failures }: RunView): boolean {
  return failures.some(({ failure }) => UNTOLD.has(failure.code));
}

/** What is left, by name, as far as a line can hold it. */
export function leftTitles(view: RunView): string {
  const titles = [...new Set(whatIsLeft(view).map(({ title }) => title))];
  const more = titles.length <= 3 ? "" : ` and ${titles.length - 3} more`;
  return `${titles.slice(0, 3).join(", ")}${more}`;
}

/** The command that takes it out, or finishes what AWS was still at. */
export function mendCommand(view: RunView): string {
  return `unplug restore ${view.run === "" ? "--all" : view.run}`;
}

function leftText(edit: EditView): string {
  if (edit.end === "left") return `left in on the word of ${edit.leftBy ?? "somebody"}`;
  if (edit.end === "pending") return `put back, but AWS is still at it (${edit.pending ?? "unknown"})`;
  if (edit.end === "failed" || edit.failure !== null) {
    const failure = edit.failure === null ? "no reason given" : failureText(edit.failure);
    return edit.end === "failed" ? `not put back: ${failure}` : `not known to be out: ${failure}`;
  }
  if (edit.undo === "done") return "put back, not proved";
  return edit.status === "made" ? "not put back" : "may have been made; not put back";
}
