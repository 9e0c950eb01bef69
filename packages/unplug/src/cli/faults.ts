import { builtinFaults } from "../faults/index.ts";
import { InvalidExperiment } from "../load/invalid-experiment.ts";
import { unknownFault } from "../load/unknown-fault.ts";
import { wrap } from "../report/wrap.ts";
import { exampleFile } from "./example-file.ts";
import { exitCodes } from "./exit-codes.ts";
import { faultText } from "./fault-text.ts";
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
  const text = flags.example === true ? exampleFile(fault) : faultText(fault, width);
  shell.stdout.write(`${text.trimEnd()}\n`);
  return exitCodes.done;
}
