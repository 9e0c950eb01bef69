import { readExperiment } from "./experiment-input.ts";
import { perform, type RunFlags } from "./perform.ts";
import type { FileFlags } from "./program.ts";
import type { Shell } from "./shell.ts";

/** `unplug run FILE` */
export async function runCommand(file: string, flags: RunFlags & FileFlags, shell: Shell): Promise<number> {
  return perform(await readExperiment(file, flags, shell), flags, shell);
}
