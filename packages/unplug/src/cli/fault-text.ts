import type { AnyFault } from "../contract/fault.ts";
import { describeTunables, type TunableDescription } from "../engine/tunables.ts";
import { columns, table, wrap } from "../report/wrap.ts";

/** A fault as `unplug faults ID` tells it. */
export function faultText(fault: AnyFault, width: number): string {
  return [
    fault.id,
    ...wrap(fault.summary, width, "  "),
    "",
    "It answers:",
    ...fault.questions.flatMap((question) => wrap(question, width, "  - ", "    ")),
    "",
    ...tunableLines(fault, width),
  ].join("\n");
}

/** What can be set of a fault: its own tunables, then those that all faults have. */
function tunableLines(fault: AnyFault, width: number): readonly string[] {
  const tunables = describeTunables(fault);
  return [
    "Tunables:",
    ...rows(
      tunables.filter(({ common }) => !common),
      width,
    ),
    "",
    ...wrap("Tunables of every fault (seconds may be written 90, 90s, 5m or 1h):", width, "", "  "),
    ...rows(
      tunables.filter(({ common }) => common),
      width,
    ),
  ];
}

/** What a tunable may be: "1 to 86400 s", "parallel, serial", or nothing where no list says it. */
function valuesText({ range, unit, values }: TunableDescription): string {
  if (range === null) return values.join(", ");
  return `${range.min} to ${range.max}${unit === null ? "" : ` ${unit}`}`;
}

const HEADINGS = ["NAME", "DEFAULT", "VALUES", ""];
const INDENT = "  ";
/** Below this a sentence beside its tunable is harder to read than below it. */
const NARROWEST_SENTENCE = 30;

/** As a table whose last column is wrapped, or, where that would be too narrow, with each sentence on lines of its own. */
function rows(tunables: readonly TunableDescription[], width: number): readonly string[] {
  const cells = tunables.map((one) => [
    one.name,
    one.required ? "required" : (one.default ?? ""),
    valuesText(one),
    one.description,
  ]);
  const heads = table([HEADINGS, ...cells].map((row) => [...row.slice(0, 3), "|"]));
  const room = width - INDENT.length - Math.max(...heads.map(columns)) + 1;
  if (room < NARROWEST_SENTENCE) return cells.flatMap((row) => block(row, width));
  return table([HEADINGS, ...cells.flatMap((row) => besides(row, room))]).map((line) => INDENT + line);
}

/** The rows that one tunable takes when its sentence has so much room. */
function besides(row: readonly string[], room: number): readonly (readonly string[])[] {
  const [name = "", value = "", values = "", description = ""] = row;
  return wrap(description, room).map((line, i) =>
    i === 0 ? [name, value, values, line] : ["", "", "", line],
  );
}

function block(row: readonly string[], width: number): readonly string[] {
  const [name = "", value = "", values = "", description = ""] = row;
  const standard = value === "" || value === "required" ? value : `default ${value}`;
  const facts = [standard, values].filter((text) => text !== "").join("; ");
  return [
    `${INDENT}${name}`,
    ...(facts === "" ? [] : wrap(facts, width, "      ")),
    ...wrap(description, width, "      "),
  ];
}
