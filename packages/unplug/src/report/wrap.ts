// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that styles are made of
const SEQUENCE = /\u001b\[[0-9;]*m/g;

/** Columns that a text takes; every character counts as one, and what only paints as none. */
export function columns(text: string): number {
  return [...text.replace(SEQUENCE, "")].length;
}

/**
 * Breaks text at blanks into lines of at most `width`; the first line begins with `first`, the others with `rest`.
 *
 * A word that is longer stands on a line of its own, whole: an ARN or a command must stay fit to be copied.
 */
export function wrap(text: string, width: number, first = "", rest = first): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const indent = lines.length === 0 ? first : rest;
    if (line !== "" && columns(indent) + columns(line) + 1 + columns(word) > width) {
      lines.push((indent + line).trimEnd());
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, (lines.length === 0 ? first : rest) + line];
}

/** As `wrap`, for a line that is indented itself; what does not fit comes two columns deeper. */
export function wrapIndented(line: string, width: number, indent: string): readonly string[] {
  const text = line.trimStart();
  const own = indent + " ".repeat(line.length - text.length);
  return wrap(text, width, own, `${own}  `);
}

/** Rows as columns that line up; the last column is left as it is. Cells are padded before `paint` sees them. */
export function table(
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number, row: number) => string = (cell) => cell,
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, columns(cell));
    });
  }
  return rows.map((row, y) =>
    row
      .map((cell, x) => paint(x === row.length - 1 ? cell : pad(cell, widths[x] ?? 0), x, y))
      .join("  ")
      .trimEnd(),
  );
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}
