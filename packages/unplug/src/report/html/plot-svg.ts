import type { Window } from "../../contract/evidence.ts";
import { clockText } from "../clock-text.ts";
import { COLUMNS, columnOf, short, thinned } from "./columns.ts";
import { html, type Markup } from "./markup.ts";

const HEIGHT = 120;
/** Room below the curve for the marks of checks. */
const MARKS = 10;

export interface PlotInput {
  readonly title: string;
  readonly points: readonly (readonly [at: number, value: number])[];
  readonly time: Window;
  /** When a fault was in. */
  readonly windows: readonly Window[];
  /** Instants of checks that did not pass. */
  readonly failed: readonly number[];
  readonly errored: readonly number[];
  /** Values that an expectation names. */
  readonly limits: readonly number[];
}

/** Numbers over time: fault windows shaded, what is expected dashed, checks that did not pass marked below. */
export function plotSvg(input: PlotInput): Markup {
  const { title, points, time, windows, failed, errored } = input;
  const values = points.map(([, value]) => value);
  const [least, most] = [minimum(values), maximum(values)];
  const limits = input.limits.filter((limit) => Number.isFinite(limit));
  const low = Math.min(0, least, ...limits);
  const highest = Math.max(most, ...limits);
  // A line of nothing but zeros lies at the bottom of something.
  const high = highest > low ? highest : low + 1;
  // Halved, so that no two numbers are too far apart for their difference to be one.
  const span = high / 2 - low / 2 || 1;
  const y = (value: number) => (1 - (value / 2 - low / 2) / span) * (HEIGHT - MARKS - 6) + 3;
  const drawn = thinned(points, time);
  const line = drawn.map(
    ([at, value], i) => `${i === 0 ? "M" : "L"}${short(columnOf(at, time))} ${short(y(value))}`,
  );
  // One point alone is a dot.
  const curve = drawn.length === 1 ? `${line.join("")}h.1` : line.join("");
  const bad = failed.length + errored.length;
  const label =
    `${title}: ${points.length} values from ${numberText(least)} to ${numberText(most)}, ` +
    `${bad === 0 ? "no check failed" : `${bad} checks did not pass`}`;
  return html`<figure>
<figcaption>${title}: ${numberText(least)} to ${numberText(most)}${limits.length === 0 ? null : html`; dashed: ${limits.map(numberText).join(", ")}`}${drawn.length < points.length ? html`; ${points.length} values, of each column of the picture its least and greatest` : null}</figcaption>
<div class="axis"><span>${numberText(high)}</span></div>
<svg class="plot" viewBox="0 0 ${COLUMNS} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
${windowRects(windows, time, HEIGHT)}
${limits.map((limit) => html`<path class="limit" d="M0 ${short(y(limit))}h${COLUMNS}"/>`)}
<path class="curve" d="${curve}"/>
${ticks(failed, time, "no")}${ticks(errored, time, "err")}
</svg>
<div class="axis"><span>${numberText(low)}</span></div>
${timeAxis(time)}
</figure>`;
}

function windowRects(windows: readonly Window[], time: Window, height: number): readonly Markup[] {
  return windows.map(({ from, to }) => {
    const x = columnOf(from, time);
    const width = Math.max(1, columnOf(to, time) - x);
    return html`<rect class="in" x="${short(x)}" y="0" width="${short(width)}" height="${height}"/>`;
  });
}

export function timeAxis({ from, to }: Window): Markup {
  return html`<div class="axis"><span>${clockText(from)}</span><span>${clockText(to)} UTC</span></div>`;
}

/** One mark for all that share a column. */
function ticks(instants: readonly number[], time: Window, kind: "no" | "err"): Markup | null {
  const columns = [...new Set(instants.map((at) => Math.min(COLUMNS - 2, Math.floor(columnOf(at, time)))))];
  if (columns.length === 0) return null;
  // One that erred is half as tall: colour alone tells some people nothing.
  const height = kind === "no" ? MARKS : MARKS / 2;
  const path = columns.map((x) => `M${x} ${HEIGHT - height}h2v${height}h-2z`).join("");
  return html`<path class="${kind}" d="${path}"/>`;
}

/** For axes: `3002`, `0.125`, `1.23e+9`. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  return Number(value.toPrecision(4)).toString();
}

/** Of ten thousand values at once the engine's own would run out of stack. */
function minimum(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

function maximum(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
}
