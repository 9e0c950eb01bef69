import { InvalidExperiment } from "../load/invalid-experiment.ts";
import { didYouMean } from "../load/nearest.ts";
import { builtinProbes } from "../probes/index.ts";
import { wrap } from "../report/wrap.ts";
import { exitCodes } from "./exit-codes.ts";
import { lookOf } from "./look.ts";
import { probeText } from "./probe-text.ts";
import type { Shell } from "./shell.ts";

/** `unplug probes [TYPE]` */
export async function probesCommand(type: string | undefined, shell: Shell): Promise<number> {
  const { width } = lookOf(shell.stdout, shell.env);
  if (type === undefined) {
    const lines = builtinProbes.flatMap((probe) => [probe.type, ...wrap(probe.summary, width, "  "), ""]);
    shell.stdout.write(
      `${lines.join("\n")}\nunplug probes TYPE tells its settings, measures and an example.\n`,
    );
    return exitCodes.done;
  }
  const probe = builtinProbes.find((one) => one.type === type);
  const types = builtinProbes.map((one) => one.type);
  if (probe === undefined)
    throw new InvalidExperiment([
      `argument: unknown type of probe "${type}"${didYouMean(type, types)}: \`unplug probes\` lists them`,
    ]);
  shell.stdout.write(`${probeText(probe, width)}\n`);
  return exitCodes.done;
}
