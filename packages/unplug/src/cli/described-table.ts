import { columns, table, wrap } from "../report/wrap.ts";

const INDENT = "  ";
/** Below this a sentence beside what it describes is harder to read than below it. */
const NARROWEST_SENTENCE = 30;

/**
 * Rows whose last cell is a sentence, as a table, or, where that would be too narrow, with each sentence on lines of its own.
 *
 * `facts` says the cells between name and sentence in a clause.
 */
export function describedTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  facts: (row: readonly string[]) => string,
): readonly string[] {
  const heads = table([headings, ...rows].map((row) => [...row.slice(0, -1), "|"]));
  const room = width - INDENT.length - Math.max(...heads.map(columns)) + 1;
  if (room < NARROWEST_SENTENCE) return rows.flatMap((row) => block(row, width, facts(row)));
  return table([headings, ...rows.flatMap((row) => besides(row, room))]).map((line) =>
    (INDENT + line).trimEnd(),
  );
}

/** The rows that one takes when its sentence has so much room. */
function besides(row: readonly string[], room: number): readonly (readonly string[])[] {
  const cells = row.slice(0, -1);
  const lines = wrap(row.at(-1) ?? "", room);
  return lines.map((line, i) => [...(i === 0 ? cells : cells.map(() => "")), line]);
}

function block(row: readonly string[], width: number, facts: string): readonly string[] {
  const deeper = "      ";
  return [
    `${INDENT}${row[0] ?? ""}`,
    ...(facts === "" ? [] : wrap(facts, width, deeper)),
    ...wrap(row.at(-1) ?? "", width, deeper),
  ];
}
