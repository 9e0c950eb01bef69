import { builtinFaults } from "../faults/index.ts";
import { faultExperiment } from "../load/fault-experiment.ts";
import { perform, type RunFlags } from "./perform.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

export type FaultFlags = RunFlags;

/** `unplug fault ID [TUNABLE=VALUE ...]` */
export async function faultCommand(
  id: string,
  assignments: readonly string[],
  flags: FaultFlags,
  shell: Shell,
): Promise<number> {
  if (/[/\\]|\.ya?ml$/.test(id))
    throw new UsageError(
      `unplug fault ${id}: expected a fault's id, like lambda-throttle; for a file: unplug run ${id}`,
    );
  const loaded = faultExperiment({ id, assignments, faults: builtinFaults, env: shell.env });
  return perform(loaded, flags, shell);
}
