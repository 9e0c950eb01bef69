import type { AnyFault } from "../contract/fault.ts";
import { describeTunables } from "../engine/tunables.ts";
import { builtinFaults } from "../faults/index.ts";
import { InvalidExperiment } from "../load/invalid-experiment.ts";
import { unknownFault } from "../load/load-experiment.ts";
import { table, wrap } from "../report/wrap.ts";
import { exampleFile } from "./example-file.ts";
import { exitCodes } from "./exit-codes.ts";
import { lookOf } from "./look.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/** `unplug faults [ID] [--example]` */
export async function faultsCommand(
  id: string | undefined,
  flags: { readonly example?: boolean },
  shell: Shell,
): Promise<number> {
  const { width } = lookOf(shell.stdout, shell.env);
  if (id === undefined) {
    if (flags.example === true) throw new UsageError("--example needs a fault: unplug faults ID --example");
    const lines = builtinFaults.flatMap((fault) => [fault.id, ...wrap(fault.summary, width, "  "), ""]);
    shell.stdout.write(
      `${lines.join("\n")}\nunplug faults ID tells more, unplug faults ID --example prints a file.\n`,
    );
    return exitCodes.done;
  }
  const fault = builtinFaults.find((one) => one.id === id);
  if (fault === undefined) throw new InvalidExperiment([unknownFault("argument", id, builtinFaults)]);
  const text = flags.example === true ? exampleFile(fault) : describeFault(fault, width);
  shell.stdout.write(`${text.trimEnd()}\n`);
  return exitCodes.done;
}

function describeFault(fault: AnyFault, width: number): string {
  const rows = describeTunables(fault).map(({ name, required, default: value, description }) => [
    `  ${name}`,
    required ? "required" : (value ?? ""),
    description,
  ]);
  return [
    fault.id,
    ...wrap(fault.summary, width, "  "),
    "",
    "It answers:",
    ...fault.questions.flatMap((question) => wrap(question, width, "  - ", "    ")),
    "",
    "Tunables, with their defaults:",
    ...tunableLines(rows, width),
  ].join("\n");
}

/** As a table where it fits, else with the description on lines of its own. */
function tunableLines(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const lines = table(rows);
  if (lines.every((line) => [...line].length <= width)) return lines;
  return rows.flatMap(([name = "", value = "", description = ""]) => [
    value === "" ? name : `${name} (${value})`,
    ...wrap(description, width, "      "),
  ]);
}
