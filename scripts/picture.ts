// Draws what a terminal showed, from a typescript(1) recording: node scripts/node24.js scripts/picture.ts FILE LINES > docs/images/run.svg
// Recorded with: script -qec "stty cols 104 rows 50; node scripts/node24.js packages/unplug/bin/unplug.js demo" FILE
import { readFileSync } from "node:fs";

interface Cell {
  readonly text: string;
  readonly color: string;
  readonly bold: boolean;
}

const COLORS: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
};
const TEXT = "#e6edf3";
const DIM = "#8b949e";
const [CELL, LINE, MARGIN] = [8.4, 18, 16];

const [file = "", count = "48"] = process.argv.slice(2);
const recording = readFileSync(file, "utf8")
  .replace(/^Script started[^\n]*\n/, "")
  .replace(/\nScript done[\s\S]*$/, "");
process.stdout.write(draw(screen(recording).slice(-Number(count))));

/** The lines as they were left after all moves of the cursor. */
function screen(text: string): readonly (readonly Cell[])[] {
  const lines: Cell[][] = [[]];
  let [row, column] = [0, 0];
  let [color, bold] = [TEXT, false];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's own language
  for (const [token, parameter = "", command] of text.matchAll(/\x1b\[([\d;?]*)([A-Za-z])|[^\x1b]/gu)) {
    if (command === "A") row = Math.max(0, row - Number(parameter || 1));
    else if (command === "J") {
      lines.length = row + 1;
      lines[row]?.splice(column);
    } else if (command === "m") {
      for (const code of parameter.split(";").map(Number)) {
        if (code === 0) [color, bold] = [TEXT, false];
        else if (code === 1) bold = true;
        else if (code === 2) color = DIM;
        else if (code === 22) [color, bold] = [color === DIM ? TEXT : color, false];
        else if (code === 39) color = TEXT;
        else color = COLORS[code] ?? color;
      }
    } else if (token === "\r") column = 0;
    else if (token === "\n") [row, column] = [row + 1, 0];
    else if (command === undefined) {
      const line = (lines[row] ??= []);
      while (line.length < column) line.push({ text: " ", color: TEXT, bold: false });
      line[column] = { text: token, color, bold };
      column += 1;
    }
  }
  return Array.from(lines, (line) => line ?? []);
}

function draw(lines: readonly (readonly Cell[])[]): string {
  const width = Math.ceil(Math.max(...lines.map(({ length }) => length)) * CELL + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  const rows = lines.flatMap((line, i) => texts(line, MARGIN + (i + 0.75) * LINE));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A run of Unplug in a terminal">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve" fill="${TEXT}">`,
    ...rows,
    "</g></svg>\n",
  ].join("\n");
}

/** Runs of one look are one text, pinned to its column; what is not ASCII stands alone, since fonts differ in its width. */
function texts(line: readonly Cell[], y: number): readonly string[] {
  const parts: string[] = [];
  for (let from = 0; from < line.length; ) {
    const { color, bold, text } = line[from] ?? { color: TEXT, bold: false, text: " " };
    let to = from + 1;
    const goesOn = (cell: Cell | undefined) =>
      cell?.color === color && cell.bold === bold && isPlain(cell.text);
    while (isPlain(text) && goesOn(line[to])) to += 1;
    const whole = line
      .slice(from, to)
      .map((cell) => cell?.text ?? " ")
      .join("");
    const look = `${color === TEXT ? "" : ` fill="${color}"`}${bold ? ' font-weight="bold"' : ""}`;
    if (whole.trim() !== "") {
      const x = (MARGIN + from * CELL).toFixed(1);
      parts.push(`<text x="${x}" y="${y}"${look}>${escaped(whole)}</text>`);
    }
    from = to;
  }
  return parts;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]$/.test(text);
}

function escaped(text: string): string {
  // Viewers disagree on whether blanks in a row are kept.
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(" ", "\u00a0");
}
