import type { Command } from "commander";
import { placeholderOf } from "./completion/position.ts";
import { lookOf } from "./look.ts";
import type { Shell } from "./shell.ts";

/** What `--help` adds behind a command and a fault: `unplug fault ID --help`. The faults are loaded for it alone. */
export async function addFaultHelp(program: Command, shell: Shell): Promise<void> {
  const id = program.commands.flatMap(namedFault)[0];
  if (id === undefined) return;
  const { builtinFaults } = await import("../faults/index.ts");
  const fault = builtinFaults.find((one) => one.id === id);
  if (fault === undefined) return;
  const { faultText } = await import("./fault-text.ts");
  shell.stdout.write(`\n${faultText(fault, lookOf(shell.stdout, shell.env).width)}\n`);
}

/** What was given where a fault may stand; parsing has left the words with the command that they are for. */
function namedFault({ registeredArguments: [first], args }: Command): readonly string[] {
  if (first === undefined || !["id", "file-or-id"].includes(placeholderOf(first))) return [];
  return args.filter((word) => !word.startsWith("-")).slice(0, 1);
}
