import { builtinFaults } from "../faults/index.ts";
import { experimentSchema } from "../load/experiment-schema.ts";
import { builtinProbes } from "../probes/index.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";

/** `unplug schema` */
export async function schemaCommand(shell: Shell): Promise<number> {
  shell.stdout.write(`${JSON.stringify(experimentSchema(builtinFaults, builtinProbes), null, 2)}\n`);
  return exitCodes.done;
}
