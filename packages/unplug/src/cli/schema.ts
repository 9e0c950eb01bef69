import { builtinFaults } from "../faults/index.ts";
import { experimentSchema } from "../load/experiment-schema.ts";
import { guardRailsSchema } from "../load/load-guard-rails.ts";
import { builtinProbes } from "../probes/index.ts";
import { reportSchema } from "../report/report-json.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";

export interface SchemaFlags {
  readonly of: "experiment" | "guard-rails" | "report";
}

/** `unplug schema` */
export async function schemaCommand(flags: SchemaFlags, shell: Shell): Promise<number> {
  shell.stdout.write(`${JSON.stringify(schemaOf(flags.of), null, 2)}\n`);
  return exitCodes.done;
}

function schemaOf(what: SchemaFlags["of"]) {
  if (what === "report") return reportSchema();
  return what === "guard-rails" ? guardRailsSchema() : experimentSchema(builtinFaults, builtinProbes);
}
