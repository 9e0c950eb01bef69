import type { RunHead } from "../contract/journal.ts";
import { durationText, instantText } from "./clock-text.ts";
import { mendCommand } from "./left.ts";
import { type Look, withLook } from "./look.ts";
import { exitCode, outcome } from "./outcome.ts";
import { printable } from "./printable.ts";
import { runState } from "./run-state.ts";
import { type RunView, remainingEdits } from "./run-view.ts";
import { columns, table, wrap } from "./wrap.ts";

/** One run, as the journal knows it and as its events tell it. */
export interface RunRow {
  readonly head: RunHead;
  readonly view: RunView;
  /** Why its events cannot be read; `view` is an empty one then. */
  readonly unreadable?: string;
}

/** Runs as a table that fits the width, in the order given; then the command for each that left something. */
export function runsText(rows: readonly RunRow[], look?: Partial<Look>): string {
  const { style, unicode, width } = withLook(look);
  if (rows.length === 0) return "No runs yet.";
  const cells = rows.map((row) => rowCells(row).map((cell) => printable(cell, unicode)));
  const lines = table(fitted([HEADINGS, ...cells], width, unicode), (cell, _, y) =>
    y === 0 ? style.dim(cell) : cell,
  );
  // A closed run was left in on somebody's word, who was told.
  const left = rows.filter(
    ({ head, view }) => !head.alive && !head.closed && remainingEdits(view).length > 0,
  );
  const hints = left.flatMap(({ head, view }) => {
    const count = remainingEdits(view).length;
    const what = `${count} ${count === 1 ? "change" : "changes"} of ${head.run} not proved out:`;
    const command = mendCommand({ ...view, run: head.run });
    const whole = `${what} ${command}`;
    // A command stays fit to be copied.
    const told = columns(whole) <= width ? [whole] : [...wrap(what, width), `  ${command}`];
    return told.map((line) => style.red(line));
  });
  for (const { head, unreadable } of rows) {
    if (unreadable === undefined) continue;
    const told = printable(`${head.run} cannot be read: ${unreadable}`, unicode);
    hints.push(...wrap(told, width).map((line) => style.red(line)));
  }
  return [...lines, ...(hints.length === 0 ? [] : ["", ...hints])].join("\n");
}

const HEADINGS = ["RUN", "STARTED (UTC)", "LENGTH", "EXPERIMENT", "STATE", "INJECTION", "RESTORE", "EXIT"];
const EXPERIMENT = HEADINGS.indexOf("EXPERIMENT");
/** What a narrow screen does without, the first to go first: `unplug show` tells it too. */
const DISPENSABLE = ["INJECTION", "LENGTH", "EXIT", "RESTORE", "STARTED (UTC)"] as const;
const SHORTEST_NAME = 12;

function rowCells({ head, view, unreadable }: RunRow): readonly string[] {
  const state = runState(view, head.alive);
  const end = view.finishedAt ?? view.lastAt ?? head.startedAt;
  const name = view.experiment?.name ?? "?";
  const started = instantText(head.startedAt).slice(0, 16);
  if (unreadable !== undefined) return [head.run, started, "-", name, "unreadable", "-", "-", "-"];
  const facts = [head.run, started, durationText(end - head.startedAt), name];
  if (state === "running") return [...facts, view.phase.name, "-", "-", "-"];
  const { verdict, injection, restore } = outcome(view);
  const standing = state === "unfinished" ? state : verdict;
  return [...facts, standing, injection, restore, String(exitCode(view))];
}

/** Leaves out columns until the rows fit with the experiments' names as short as can be, at last those; else shortens them. */
function fitted(
  rows: readonly (readonly string[])[],
  width: number,
  unicode: boolean,
): readonly (readonly string[])[] {
  const widths = HEADINGS.map((_, x) => Math.max(...rows.map((row) => columns(row[x] ?? ""))));
  const named = widths[EXPERIMENT] ?? 0;
  const gone = new Set<number>();
  const rest = () =>
    widths.reduce((sum, one, x) => (x === EXPERIMENT || gone.has(x) ? sum : sum + one + 2), 0);
  for (const heading of [...DISPENSABLE, "EXPERIMENT"]) {
    if (rest() + Math.min(named, SHORTEST_NAME) > width) gone.add(HEADINGS.indexOf(heading));
  }
  const room = Math.max(SHORTEST_NAME, width - rest());
  return rows.map((row) =>
    row.flatMap((cell, x) => (gone.has(x) ? [] : [x === EXPERIMENT ? cut(cell, room, unicode) : cell])),
  );
}

function cut(text: string, room: number, unicode: boolean): string {
  if (columns(text) <= room) return text;
  const mark = unicode ? "…" : ".";
  return `${[...text].slice(0, room - 1).join("")}${mark}`;
}
