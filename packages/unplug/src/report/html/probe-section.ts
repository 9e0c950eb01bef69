import type { Window } from "../../contract/evidence.ts";
import type { Expectation } from "../../contract/expectation.ts";
import { clockText, durationText } from "../clock-text.ts";
import { numbersOf, plottedMeasures } from "../probe-measures.ts";
import { probeResult } from "../probe-results.ts";
import { expectations, probeWords } from "../probe-words.ts";
import type { ProbeView, RunView } from "../run-view.ts";
import { faultWindows } from "../windows.ts";
import { html, type Markup } from "./markup.ts";
import { plotSvg, timeAxis } from "./plot-svg.ts";
import { windowsOf } from "./report-time.ts";
import { legend, stripSvg } from "./strip-svg.ts";

const tones = { passed: "good", failed: "bad", errored: "doubt", "not-run": "dim" } as const;

/** Each probe: what it came to, what was expected and got, and what it measured. */
export function probeSection(view: RunView, time: Window): Markup | null {
  if (view.probes.length === 0) return null;
  return html`<section aria-labelledby="probes">
<h2 id="probes">Probes</h2>
${view.probes.map((probe) => onePart(view, probe, time))}
</section>`;
}

function onePart(view: RunView, probe: ProbeView, time: Window): Markup {
  const { spec, step, role, checks } = probe;
  const { verdict, text, passed, judged } = probeResult(view, probe);
  const of = step === null ? "" : ` of ${step}`;
  const { timeoutMs, intervalMs, attempts, tolerate } = spec.run;
  const timing = [
    `every ${durationText(intervalMs)}`,
    `timeout ${durationText(timeoutMs)}`,
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(tolerate > 0 ? [`${tolerate * 100}% may fail`] : []),
    ...(spec.lagMs > 0 ? [`data ${durationText(spec.lagMs)} late`] : []),
  ].join(", ");
  return html`<h3>${role === "stop" ? "Stop condition " : ""}${spec.name}${of} <span class="verdict ${tones[verdict]}">${probeWords[verdict]}</span></h3>
${text === null ? null : html`<p>${text}</p>`}
<p class="dim">${spec.type}, ${spec.mode}; ${passed} of ${judged} checks passed; ${timing}</p>
<p class="dim">Expected: ${expectations(spec).join("; ")}</p>
${plottedMeasures(probe).map((measure) => picture(view, probe, measure, time))}
${checks.length === 0 ? null : failedTable(probe)}`;
}

function picture(view: RunView, probe: ProbeView, measure: string, time: Window): Markup {
  const { checks, spec } = probe;
  const points = numbersOf(probe, measure);
  const texts = checks.flatMap(({ about, measures }) => {
    const value = measures[measure];
    return typeof value === "string" ? [{ at: about, value }] : [];
  });
  if (texts.length > points.length) return textStrip(measure, texts, time);
  if (points.length === 0) return checks.length === 0 ? html`` : html`<p class="dim">${measure}: no data</p>`;
  const bad = (wanted: "failed" | "errored") =>
    checks.flatMap(({ about, result }) => (result === wanted ? [about] : []));
  return plotSvg({
    title: measure,
    points,
    time,
    windows: windowsOf(view, probe),
    failed: bad("failed"),
    errored: bad("errored"),
    limits: spec.expect.filter((one) => one.measure === measure).flatMap(limitsOf),
  });
}

/** What a number may be at most or at least. */
function limitsOf(expectation: Expectation): readonly number[] {
  switch (expectation.operator) {
    case "<":
    case "<=":
    case ">":
    case ">=":
      return [expectation.value];
    case "between":
      return expectation.value;
    default:
      return [];
  }
}

const COLOURS = ["a", "b", "c", "d", "e"] as const;

/** Text over time: a colour for each value, the rarest together in one. */
function textStrip(
  measure: string,
  texts: readonly { readonly at: number; readonly value: string }[],
  time: Window,
): Markup {
  const counts = [...Map.groupBy(texts, ({ value }) => value)].map(([value, all]) => ({
    value,
    count: all.length,
  }));
  const frequent = counts.toSorted((a, b) => b.count - a.count).slice(0, COLOURS.length);
  const kindOf = new Map(frequent.map(({ value }, i) => [value, COLOURS[i] ?? "f"]));
  const kinds = texts.map(({ at, value }) => ({ at, kind: kindOf.get(value) ?? "f" }));
  const others = counts.length - frequent.length;
  const strip = stripSvg({
    label: `${measure} over time: ${frequent.map(({ value, count }) => `${cut(value)} ${count} times`).join(", ")}`,
    stretches: kinds,
    time,
    last: texts.at(-1)?.at ?? time.to,
    weight: () => 0,
    // Told apart without colour: the commonest is the tallest.
    height: (kind) => 1 - 0.12 * Math.max(0, ["a", "b", "c", "d", "e", "f"].indexOf(kind)),
  });
  const items = frequent.map(
    ({ value, count }, i) => [COLOURS[i] ?? "f", `${cut(value)} (${count})`] as const,
  );
  return html`<figure><figcaption>${measure}</figcaption>${strip}${timeAxis(time)}${legend([
    ...items,
    ...(others > 0 ? [["f", `${others} other values`] as const] : []),
    ...(counts.length > 1 ? [["mixed", "several at once"] as const] : []),
  ])}</figure>`;
}

function cut(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

const MOST_ROWS = 20;

/** The checks that did not pass: the first ones, and how many there are. */
function failedTable({ spec, checks }: ProbeView): Markup | null {
  const bad = checks.filter(({ result }) => result === "failed" || result === "errored");
  if (bad.length === 0) return null;
  const rows = bad
    .slice(0, MOST_ROWS)
    .map(
      ({ about, phase, result, text }) =>
        html`<tr><td>${clockText(about)}</td><td>${phase}</td><td>${result}</td><td>${text ?? ""}</td></tr>`,
    );
  const more = bad.length - MOST_ROWS;
  return html`<div class="scroll" role="region" aria-label="${`Checks of ${spec.name} (${spec.mode}) that did not pass`}" tabindex="0"><table>
<thead><tr><th scope="col">Time (UTC)</th><th scope="col">Phase</th><th scope="col">Result</th><th scope="col">Expected and got</th></tr></thead>
<tbody>${rows}</tbody></table></div>
${more > 0 ? html`<p class="dim">and ${more} more</p>` : null}`;
}

const MOST_SERIES = 40;

/** What was measured of the workload without any probe. */
export function seriesSection(view: RunView, time: Window): Markup | null {
  const told = view.series.filter(({ points }) => points.some(([, value]) => value !== 0));
  if (told.length === 0) return null;
  const more = told.length - MOST_SERIES;
  return html`<section aria-labelledby="measures">
<h2 id="measures">Measures of the workload</h2>
${told.slice(0, MOST_SERIES).map(({ step, channel, subject, points }) =>
  plotSvg({
    title: `${channel} of ${subject} (${step})`,
    points: points.flatMap(([at, value]) => (Number.isFinite(value) ? [[at, value] as const] : [])),
    time,
    windows: faultWindows(view, step),
    failed: [],
    errored: [],
    limits: [],
  }),
)}
${more > 0 ? html`<p class="dim">and ${more} more: see the JSON</p>` : null}
</section>`;
}
