import type { Window } from "../contract/evidence.ts";
import { clockText } from "./clock-text.ts";
import { plainStyle, type Style } from "./look.ts";
import { columns } from "./wrap.ts";

/** When (milliseconds since 1970) and how much; further members are passed over. */
export type PlotPoint = readonly [at: number, value: number, ...rest: readonly unknown[]];

export interface PlotOptions {
  /** Columns in all, axis included; at least 24 are used. */
  readonly width: number;
  /** Rows of the drawing itself, without the two below it; at least 2 are used. */
  readonly height: number;
  readonly unicode: boolean;
  readonly style?: Style;
  /** Marked below the axis: when the fault was in. */
  readonly windows?: readonly Window[];
  /** Instants marked below the axis: checks that did not pass. */
  readonly marks?: readonly number[];
  /** The stretch of time that is shown; that of the points and windows when left out. */
  readonly time?: Window;
}

/**
 * One series over time as text, without a line break at the end; the fault is marked under the axis.
 *
 * Points need no order. The value axis begins at zero unless there are values below it. Points that share a column
 * are drawn as the stretch between their least and greatest, so that no peak is lost.
 */
export function plot(points: readonly PlotPoint[], options: PlotOptions): string {
  const { unicode, style = plainStyle, windows = [] } = options;
  const shown = points
    .filter(([at, value]) => Number.isFinite(at) && Number.isFinite(value))
    .filter(([at]) => options.time === undefined || (at >= options.time.from && at <= options.time.to))
    .toSorted(([a], [b]) => a - b);
  const time = options.time ?? stretch(shown, windows);
  if (shown.length === 0 || time === null) return "(no samples)";
  const values = range(shown);
  const height = Math.max(2, Math.floor(options.height));
  const labels = axisLabels(values, height);
  const margin = Math.max(...labels.map(columns)) + 2;
  const width = Math.max(24, Math.floor(options.width)) - margin;
  const cell = unicode ? { x: 2, y: 4 } : { x: 1, y: 1 };
  const dots = draw(shown, time, values, { width: width * cell.x, height: height * cell.y });
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (unicode ? braille(dots, x, y) : ascii(dots, x, y))).join(""),
  );
  const edge = unicode ? "┤" : "|";
  const body = rows.map(
    (row, y) =>
      `${style.dim(`${(labels[y] ?? "").padStart(margin - 2)} ${edge}`)}${style.cyan(row.trimEnd())}`,
  );
  const indent = " ".repeat(margin);
  const mark = windowMark(windows, time, width, unicode);
  const crosses = markRow(options.marks ?? [], time, width, unicode);
  const marked = [
    ...(mark === "" ? [] : [`${indent}${style.yellow(mark)}`]),
    ...(crosses === "" ? [] : [`${indent}${style.red(crosses)}`]),
  ];
  return [...body, ...marked, `${indent}${style.dim(timeLabels(time, width))}`]
    .map((line) => line.trimEnd())
    .join("\n");
}

interface Range {
  readonly low: number;
  readonly high: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rows of dots, the top one first; true where the line passes. */
type Dots = readonly (readonly boolean[])[];

function stretch(points: readonly PlotPoint[], windows: readonly Window[]): Window | null {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const from = windows.reduce((least, window) => Math.min(least, window.from), first[0]);
  const to = windows.reduce((most, window) => Math.max(most, window.to), last[0]);
  return { from, to };
}

function range(points: readonly PlotPoint[]): Range {
  let [low, high] = [0, Number.NEGATIVE_INFINITY];
  for (const [, value] of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  high = Math.max(high, 0);
  return { low, high: high === low ? low + 1 : high };
}

/** A line from point to point, on a grid of dots whose first row is the top. */
function draw(points: readonly PlotPoint[], time: Window, values: Range, { width, height }: Size): Dots {
  const dots = Array.from({ length: height }, () => Array.from({ length: width }, () => false));
  const length = Math.max(1, time.to - time.from);
  const column = (at: number) => clamp(Math.round(((at - time.from) / length) * (width - 1)), width);
  // Halved, so that no two numbers are too far apart for their difference to be one; the least number has no half.
  const span = values.high / 2 - values.low / 2 || Number.MIN_VALUE;
  const row = (value: number) =>
    clamp(Math.round((1 - (value / 2 - values.low / 2) / span) * (height - 1)), height);
  let previous: { x: number; y: number } | null = null;
  for (const [at, value] of points) {
    const next = { x: column(at), y: row(value) };
    line(dots, previous ?? next, next);
    previous = next;
  }
  return dots;
}

/** Every dot between two, by equal steps along the longer way. */
function line(dots: boolean[][], from: { x: number; y: number }, to: { x: number; y: number }): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let i = 0; i <= steps; i += 1) {
    const y = Math.round(from.y + ((to.y - from.y) * i) / steps);
    const x = Math.round(from.x + ((to.x - from.x) * i) / steps);
    const cells = dots[y];
    if (cells !== undefined) cells[x] = true;
  }
}

/** Bits of the eight dots of a braille cell, row by row. Source: Unicode, block U+2800. */
const BRAILLE = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

function braille(dots: Dots, x: number, y: number): string {
  let bits = 0;
  BRAILLE.forEach((pair, dy) => {
    pair.forEach((bit, dx) => {
      if (dots[y * 4 + dy]?.[x * 2 + dx] === true) bits |= bit;
    });
  });
  return bits === 0 ? " " : String.fromCodePoint(0x2800 + bits);
}

function ascii(dots: Dots, x: number, y: number): string {
  return dots[y]?.[x] === true ? "*" : " ";
}

/** The highest value on the first row, the lowest on the last, blanks between. */
function axisLabels({ low, high }: Range, height: number): readonly string[] {
  return Array.from({ length: height }, (_, y) =>
    y === 0 ? numberText(high) : y === height - 1 ? numberText(low) : "",
  );
}

function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  return Number(value.toPrecision(3)).toString();
}

function windowMark(windows: readonly Window[], time: Window, width: number, unicode: boolean): string {
  const length = Math.max(1, time.to - time.from);
  const column = (at: number) => clamp(Math.round(((at - time.from) / length) * (width - 1)), width);
  const cells = Array.from({ length: width }, () => " ");
  for (const { from, to } of windows) {
    if (to < time.from || from > time.to) continue;
    cells.fill(unicode ? "▀" : "=", column(from), column(to) + 1);
  }
  const bar = cells.join("").trimEnd();
  const label = " unplugged";
  return bar === "" || bar.length + label.length > width ? bar : bar + label;
}

function markRow(marks: readonly number[], time: Window, width: number, unicode: boolean): string {
  const length = Math.max(1, time.to - time.from);
  const cells = Array.from({ length: width }, () => " ");
  for (const at of marks) {
    if (at < time.from || at > time.to) continue;
    cells[clamp(Math.round(((at - time.from) / length) * (width - 1)), width)] = unicode ? "✗" : "x";
  }
  const row = cells.join("").trimEnd();
  const label = " not passed";
  return row === "" || row.length + label.length > width ? row : row + label;
}

function timeLabels({ from, to }: Window, width: number): string {
  const [start, end] = [clockText(from), clockText(to)];
  return start === end
    ? start
    : `${start}${" ".repeat(Math.max(1, width - start.length - end.length))}${end}`;
}

function clamp(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, value));
}
