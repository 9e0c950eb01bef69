import type { AnyFault } from "../contract/fault.ts";
import { describeTunables, type TunableDescription } from "../engine/tunables.ts";
import { wrap } from "../report/wrap.ts";
import { describedTable } from "./described-table.ts";

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

function rows(tunables: readonly TunableDescription[], width: number): readonly string[] {
  const cells = tunables.map((one) => [
    one.name,
    one.required ? "required" : (one.default ?? ""),
    valuesText(one),
    one.description,
  ]);
  return describedTable(["NAME", "DEFAULT", "VALUES", ""], cells, width, settingFacts);
}

/** What the default and the values of a row say in a clause. */
export function settingFacts([, value = "", values = ""]: readonly string[]): string {
  const standard = value === "" || value === "required" ? value : `default ${value}`;
  return [standard, values].filter((text) => text !== "").join("; ");
}
