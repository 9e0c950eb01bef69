import type { RunHead } from "../contract/journal.ts";
import { durationText, instantText } from "./clock-text.ts";
import { mendCommand } from "./left.ts";
import { type Look, withLook } from "./look.ts";
import { exitCode, outcome } from "./outcome.ts";
import { printable } from "./printable.ts";
import { type RunView, remainingEdits } from "./run-view.ts";
import { table } from "./wrap.ts";

/** One run, as the journal knows it and as its events tell it. */
export interface RunRow {
  readonly head: RunHead;
  readonly view: RunView;
}

/** How a run stands: only a dead process's run can be unfinished. */
export function runState(view: RunView, alive: boolean): "running" | "finished" | "unfinished" {
  if (alive && view.closedAt === null) return "running";
  return view.finishedAt === null && view.closedAt === null ? "unfinished" : "finished";
}

/** Runs as a table, in the order given; then the command for each that left something. */
export function runsText(rows: readonly RunRow[], look?: Partial<Look>): string {
  const { style, unicode } = withLook(look);
  if (rows.length === 0) return "No runs yet.";
  const cells = rows.map((row) => rowCells(row).map((cell) => printable(cell, unicode)));
  const lines = table([HEADINGS, ...cells], (cell, _, y) => (y === 0 ? style.dim(cell) : cell));
  const left = rows.filter(({ head, view }) => !head.alive && remainingEdits(view).length > 0);
  const hints = left.map(({ head, view }) => {
    const count = remainingEdits(view).length;
    return style.red(
      `${count} ${count === 1 ? "change" : "changes"} of ${head.run} not proved out: ${mendCommand({ ...view, run: head.run })}`,
    );
  });
  return [...lines, ...(hints.length === 0 ? [] : ["", ...hints])].join("\n");
}

const HEADINGS = [
  "RUN",
  "STARTED",
  "LENGTH",
  "EXPERIMENT",
  "STATE",
  "VERDICT",
  "INJECTION",
  "RESTORE",
  "EXIT",
];

function rowCells({ head, view }: RunRow): readonly string[] {
  const state = runState(view, head.alive);
  const end = view.finishedAt ?? view.lastAt ?? head.startedAt;
  const name = view.experiment?.name ?? "?";
  const facts = [head.run, instantText(head.startedAt), durationText(end - head.startedAt), name];
  if (state === "running") return [...facts, view.phase.name, "-", "-", "-", "-"];
  const { verdict, injection, restore } = outcome(view);
  return [...facts, state, verdict, injection, restore, String(exitCode(view))];
}
