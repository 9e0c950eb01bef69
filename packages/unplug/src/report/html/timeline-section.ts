import type { Window } from "../../contract/evidence.ts";
import type { CheckResult } from "../../contract/probe.ts";
import { clockText, durationText } from "../clock-text.ts";
import { eventLine } from "../event-line.ts";
import { judgedProbes } from "../probe-results.ts";
import { probeWords } from "../probe-words.ts";
import type { IterationView, ProbeView, RunView, StepView } from "../run-view.ts";
import { COLUMNS, columnOf, short } from "./columns.ts";
import { html, type Markup } from "./markup.ts";
import { timeAxis } from "./plot-svg.ts";
import { legend, stripSvg } from "./strip-svg.ts";

/** When each fault went in, was in and went out, and what the probes said meanwhile, under each other. */
export function timelineSection(view: RunView, time: Window): Markup {
  const steps = view.steps.filter(({ iterations }) => iterations.length > 0);
  const probes = judgedProbes(view).filter(({ checks }) => checks.length > 0);
  if (steps.length + probes.length === 0) return html``;
  return html`<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
${steps.map((step) => stepLane(step, view, time))}
${probes.map((probe) => html`<h3>Probe ${probe.spec.name} <span class="dim">${probe.spec.mode}, ${probeWords[probe.result.verdict]}</span></h3>${resultStrip(probe, time)}`)}
${timeAxis(time)}
${legend([
  ["injecting", "going in"],
  ["in", "unplugged"],
  ["restoring", "being put back"],
  ["ok", "check passed"],
  ["no", "failed"],
  ["err", "erred"],
  ["none", "no data yet"],
])}
${iterationTable(steps)}
</section>`;
}

function stepLane(step: StepView, view: RunView, time: Window): Markup {
  const spans = step.iterations.flatMap((item) => spansOf(item, view));
  const told = step.iterations.map(
    ({ confirmedAt, holdEndedAt }) => `in from ${instant(confirmedAt)} to ${instant(holdEndedAt)}`,
  );
  const rects = spans.map(({ kind, from, to }) => {
    const x = columnOf(from, time);
    return html`<rect class="${kind}" x="${short(x)}" y="0" width="${short(Math.max(1, columnOf(to, time) - x))}" height="10"/>`;
  });
  return html`<h3>${step.name}${step.fault === step.name ? null : html` <span class="dim">${step.fault ?? "wait"}</span>`}</h3>
<svg class="lane" viewBox="0 0 ${COLUMNS} 10" preserveAspectRatio="none" role="img" aria-label="${`${step.name}: ${told.join("; ")}`}">${rects}</svg>`;
}

interface Span {
  readonly kind: "injecting" | "in" | "restoring";
  readonly from: number;
  readonly to: number;
}

/** What nobody saw the end of lasts until the last event. */
function spansOf(item: IterationView, { lastAt }: RunView): readonly Span[] {
  const { intendedAt, startedAt, confirmedAt, holdEndedAt, restoreStartedAt, restoredAt } = item;
  const end = lastAt ?? startedAt;
  const out = holdEndedAt ?? restoreStartedAt;
  const begun = intendedAt ?? startedAt;
  return [
    { kind: "injecting" as const, from: begun, to: confirmedAt ?? restoreStartedAt ?? end },
    ...(confirmedAt === null ? [] : [{ kind: "in" as const, from: confirmedAt, to: out ?? end }]),
    ...(restoreStartedAt === null
      ? []
      : [{ kind: "restoring" as const, from: restoreStartedAt, to: restoredAt ?? end }]),
  ];
}

const kinds: Readonly<Record<CheckResult, string>> = {
  passed: "ok",
  failed: "no",
  errored: "err",
  missing: "none",
};
const weights: Readonly<Record<string, number>> = { none: 0, ok: 1, err: 2, no: 3 };
const heights: Readonly<Record<string, number>> = { none: 0.25, ok: 0.4, err: 0.7, no: 1 };

/** The result of each check, the worst where several share a column. */
function resultStrip({ spec, checks }: ProbeView, time: Window): Markup {
  const count = (result: CheckResult) => checks.filter((check) => check.result === result).length;
  const label =
    `Checks of ${spec.name}: ${count("passed")} passed, ${count("failed")} failed, ` +
    `${count("errored")} erred, ${count("missing")} without data`;
  return stripSvg({
    label,
    stretches: checks.map(({ about, result }) => ({ at: about, kind: kinds[result] })),
    time,
    last: checks.at(-1)?.about ?? time.to,
    weight: (kind) => weights[kind] ?? 0,
    height: (kind) => heights[kind] ?? 1,
  });
}

const MOST_ITERATIONS = 200;

function iterationTable(steps: readonly StepView[]): Markup | null {
  const all = steps.flatMap((step) => step.iterations.map((item) => ({ step, item })));
  if (all.length === 0) return null;
  const rows = all.slice(0, MOST_ITERATIONS).map(({ step, item }) => {
    const held =
      item.confirmedAt === null || item.holdEndedAt === null
        ? "-"
        : durationText(item.holdEndedAt - item.confirmedAt);
    const cells = [
      step.name,
      String(item.iteration),
      instant(item.intendedAt),
      instant(item.confirmedAt),
      instant(item.holdEndedAt),
      held,
      instant(item.restoredAt),
    ];
    return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  });
  const more = all.length - MOST_ITERATIONS;
  return html`<div class="scroll" role="region" aria-label="Iterations" tabindex="0"><table>
<thead><tr>${["Step", "Iteration", "First write", "Confirmed", "Hold ended", "Unplugged for", "Restore proved"].map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>
${more > 0 ? html`<p class="dim">and ${more} iterations more</p>` : null}`;
}

function instant(at: number | null): string {
  return at === null ? "-" : clockText(at);
}

const MOST_LINES = 1000;

/** What happened, as a pipe would have shown it. */
export function logSection(view: RunView): Markup {
  const { timeline } = view;
  const left = Math.max(0, timeline.length - MOST_LINES);
  const shown =
    left === 0 ? timeline : [...timeline.slice(0, MOST_LINES / 2), ...timeline.slice(-MOST_LINES / 2)];
  const lines = shown.flatMap((recorded) => {
    const line = eventLine(recorded, view);
    return line === null ? [] : [html`<li>${line}</li>`];
  });
  const gap = html`<li>… ${left} events are left out here; unplug show ${view.run} has them all</li>`;
  return html`<section aria-labelledby="log">
<h2 id="log">Log <span class="dim">UTC, and since the run began</span></h2>
<ol class="log">${left === 0 ? lines : [...lines.slice(0, lines.length / 2), gap, ...lines.slice(lines.length / 2)]}</ol>
</section>`;
}
