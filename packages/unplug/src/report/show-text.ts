import { placeText } from "../contract/place.ts";
import { changeLines } from "./change-text.ts";
import { clockText } from "./clock-text.ts";
import { eventLine } from "./event-line.ts";
import { type Look, withLook } from "./look.ts";
import { aliveText } from "./phase-text.ts";
import { plot } from "./plot.ts";
import { printable } from "./printable.ts";
import { numbersOf, plottedMeasures } from "./probe-measures.ts";
import { probeResult } from "./probe-results.ts";
import { probeLine } from "./probe-words.ts";
import { stepState } from "./run-state.ts";
import { type EditView, type ProbeView, type RunView, type StepView } from "./run-view.ts";
import { summaryText } from "./summary-text.ts";
import { editTitle } from "./target-status.ts";
import { faultWindows } from "./windows.ts";
import { table, wrap } from "./wrap.ts";

/**
 * One run in full: its steps and targets, what happened, every edit, the measures, and the summary.
 *
 * A run whose process is `alive` has no verdict yet: in the summary's place stands what it is at and what ends it.
 */
export function showText(view: RunView, look?: Partial<Look>, { alive = false } = {}): string {
  const full = withLook(look);
  const { style } = full;
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [style.bold(title), ...lines, ""];
  return [
    ...view.steps.flatMap((step) =>
      part(`Step ${printable(step.name, full.unicode)}`, stepLines(step, alive, full)),
    ),
    ...part(
      "Timeline (UTC)",
      view.timeline.flatMap((item) => eventLine(item, view, full) ?? []),
    ),
    ...part("Edits (UTC)", editLines(view, full)),
    ...view.series
      .filter(({ points }) => points.some(([, value]) => value !== 0))
      .flatMap((series) =>
        part(printable(`${series.step}: ${series.channel}, ${series.subject}`, full.unicode), [
          plot(series.points, {
            width: Math.min(full.width, 100),
            height: 8,
            unicode: full.unicode,
            style,
            windows: faultWindows(view, series.step),
          }),
        ]),
      ),
    ...view.probes.flatMap((probe) => probePart(view, probe, full)),
    alive ? style.bold(printable(aliveText(view), full.unicode)) : summaryText(view, full),
  ].join("\n");
}

/** What a probe measured, and which of its checks did not pass. */
function probePart(view: RunView, probe: ProbeView, look: Look): readonly string[] {
  const { style, unicode, width } = look;
  const line = probeLine({ ...probe, result: probeResult(view, probe) });
  const title = `${probe.role === "stop" ? "Stop condition" : "Probe"} ${line}`;
  const windows =
    probe.step === null
      ? view.steps.flatMap(({ name }) => faultWindows(view, name))
      : faultWindows(view, probe.step);
  const marks = probe.checks.flatMap(({ result, about }) =>
    result === "failed" || result === "errored" ? [about] : [],
  );
  const plots = plottedMeasures(probe).flatMap((measure) => {
    const points = numbersOf(probe, measure);
    if (points.length < 2) return [];
    const drawn = plot(points, { width: Math.min(width, 100), height: 6, unicode, style, windows, marks });
    return [style.dim(`  ${printable(measure, unicode)}`), drawn];
  });
  return [...wrap(printable(title, unicode), width, "", "  ").map((text) => style.bold(text)), ...plots, ""];
}

function stepLines(step: StepView, alive: boolean, { unicode }: Look): readonly string[] {
  const rows = [
    ["state", stepState(step, alive)],
    ...(step.fault === null ? [] : [["fault", step.fault]]),
    ...(step.place === null ? [] : [["place", placeText(step.place)]]),
    ...(step.identity === null ? [] : [["identity", step.identity]]),
    ...step.warnings.map((warning) => ["warning", warning]),
    ...step.targets.map(({ title, status }) => ["target", `${title}: ${status}`]),
  ];
  return table(rows.map((row) => row.map((cell) => printable(cell, unicode)))).map((row) => `  ${row}`);
}

const HEADINGS = ["#", "IN", "OUT", "STATE", "WHAT", "CHANGE"];

function editLines(view: RunView, { style, unicode }: Look): readonly string[] {
  if (view.edits.length === 0) return [];
  const rows = view.edits.map((edit) =>
    [
      String(edit.edit),
      clockText(edit.intendedAt),
      edit.endedAt === null ? "-" : clockText(edit.endedAt),
      editState(edit),
      editTitle(view, edit),
      changeLines(edit.before, edit.after).join(", "),
    ].map((cell) => printable(cell, unicode)),
  );
  return table([HEADINGS, ...rows], (cell, _, y) => (y === 0 ? style.dim(cell) : cell)).map(
    (row) => `  ${row}`,
  );
}

function editState({ status, undo, end }: EditView): string {
  if (status === "refused") return "not written";
  if (end !== "open") return end;
  if (undo !== "none") return `undo ${undo}`;
  return status === "unknown" ? "may be in" : status;
}
