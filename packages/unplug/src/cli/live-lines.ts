import { clockText, durationText } from "../report/clock-text.ts";
import type { Look } from "../report/look.ts";
import { phaseWords } from "../report/phase-text.ts";
import { printable } from "../report/printable.ts";
import { findStep, type RunView, type StepView, type TargetStatus } from "../report/run-view.ts";

/** As many targets as anybody reads while they change. */
const TARGETS = 8;

/** What is going on right now, in lines that fit the terminal: phase and countdown, targets, the latest measures, the last checks of each probe. */
export function liveLines(view: RunView, now: number, look: Look): readonly string[] {
  const step = findStep(view, view.phase.step ?? "");
  const lines = [phaseLine(view, now, look), ...(step === undefined ? [] : targetLines(step, look))];
  return [...lines, ...measureLines(view, step, look), ...probeLines(view, look)].map((line) =>
    fit(line, look),
  );
}

function phaseLine({ phase, steps }: RunView, now: number, { style }: Look): string {
  const step = steps.find(({ name }) => name === phase.step);
  const iteration =
    phase.iteration === null || step === undefined || step.planned < 2
      ? ""
      : `, iteration ${phase.iteration} of ${step.planned}`;
  const where = phase.step === null ? "" : `  ${phase.step}${iteration}`;
  const since = phase.since === null ? "" : `  for ${durationText(whole(now - phase.since))}`;
  const left =
    phase.until === null
      ? since
      : `  ${durationText(whole(phase.until - now))} left, until ${clockText(phase.until)} UTC`;
  return `${style.bold(phaseWords[phase.name])}${left}${where}`;
}

function targetLines({ targets }: StepView, { style, unicode }: Look): readonly string[] {
  const paint: Partial<Record<TargetStatus, (text: string) => string>> = {
    unplugged: style.yellow,
    proved: style.green,
    failed: style.red,
    lost: style.red,
    pending: style.red,
  };
  const shown = targets.slice(0, TARGETS).map(({ status, title }) => {
    const word = status.padEnd(10);
    return `  ${paint[status]?.(word) ?? word} ${printable(title, unicode)}`;
  });
  return targets.length <= TARGETS
    ? shown
    : [...shown, `  and ${targets.length - TARGETS} more: ${tally(targets)}`];
}

function tally(targets: StepView["targets"]): string {
  const counts = new Map<string, number>();
  for (const { status } of targets) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${[...counts].map(([status, n]) => `${n} ${status}`).join(", ")} in all`;
}

function measureLines({ series }: RunView, step: StepView | undefined, { unicode }: Look): readonly string[] {
  return series
    .filter((one) => one.step === step?.name)
    .slice(0, 4)
    .flatMap(({ channel, subject, points }) => {
      const last = points.at(-1);
      return last === undefined ? [] : [`  ${printable(`${subject}: ${last[1]} ${channel}`, unicode)}`];
    });
}

/** As many probes as anybody follows, and as many checks of each. */
const PROBES = 8;
const CHECKS = 20;

/** A mark for each of the last checks of what is asked now, then the latest that it measured. */
function probeLines({ probes, phase }: RunView, { style, unicode }: Look): readonly string[] {
  const asked = probes.filter(
    ({ step, checks }) => checks.length > 0 && (step === null || step === phase.step),
  );
  const marks = {
    passed: style.green(unicode ? "✓" : "+"),
    failed: style.red(unicode ? "✗" : "x"),
    errored: style.yellow("!"),
    missing: style.dim("?"),
  };
  const lines = asked.slice(0, PROBES).map(({ spec, checks }) => {
    const row = checks.slice(-CHECKS).map(({ result }) => marks[result]);
    const last = checks.at(-1);
    const measure = spec.expect[0]?.measure ?? "";
    const value = last?.measures[measure];
    const now = value === undefined || value === null ? "" : `  ${printable(`${measure} ${value}`, unicode)}`;
    return `  ${printable(spec.name, unicode)}  ${row.join("")}${now}`;
  });
  return asked.length <= PROBES ? lines : [...lines, `  and ${asked.length - PROBES} probes more`];
}

/** Whole seconds: a countdown in tenths is noise. */
function whole(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000) * 1000);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that the styles are made of
const SEQUENCE = /(\u001b\[[0-9;]*m)/;

/** Cuts a line to the terminal's width, counting what is seen; a line that wraps could not be drawn over. */
export function fit(line: string, { width, unicode }: Look): string {
  const room = Math.max(1, width - 1);
  const pieces = line.split(SEQUENCE);
  const seen = pieces.filter((_, i) => i % 2 === 0).join("");
  if ([...seen].length <= room) return line;
  const mark = unicode ? "…" : ".";
  let left = room - 1;
  const cut = pieces.map((piece, i) => {
    if (i % 2 === 1) return piece;
    const kept = [...piece].slice(0, Math.max(0, left));
    left -= kept.length;
    return kept.join("");
  });
  return `${cut.join("")}${mark}`;
}
