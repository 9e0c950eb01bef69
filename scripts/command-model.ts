import type { Command } from "commander";
import { commandNotes, helpModelOf } from "../packages/unplug/src/cli/command-help.ts";
import type { Example, HelpModel } from "../packages/unplug/src/cli/help-text.ts";
import { buildProgram } from "../packages/unplug/src/cli/program.ts";

/** A command as the program that parses it describes it. */
export interface CommandModel {
  readonly name: string;
  /** Behind `unplug`: `run [options] <file>`. */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly { readonly term: string; readonly description: string }[];
  readonly notes: readonly string[];
  readonly examples: readonly Example[];
}

export function commandModels(): readonly CommandModel[] {
  const program = silentProgram();
  return program.createHelp().visibleCommands(program).map(modelOf);
}

/** The help of each command by its name, and of all by "". */
export function helpModels(): Readonly<Record<string, HelpModel>> {
  const program = silentProgram();
  const help = program.createHelp();
  const models = help.visibleCommands(program).map((one) => [one.name(), helpModelOf(one, one.createHelp())]);
  return Object.fromEntries([["", helpModelOf(program, help)], ...models]);
}

function silentProgram(): Command {
  const silent = { write: () => true };
  const shell = { env: {}, stdout: silent, stderr: silent, readInput: () => Promise.resolve("") };
  return buildProgram(shell, "", () => Promise.resolve());
}

function modelOf(command: Command): CommandModel {
  const help = command.createHelp();
  const { notes = [], examples } = commandNotes[command.name()] ?? { examples: [] };
  return {
    name: command.name(),
    usage: help.commandUsage(command).replace(/^unplug /, ""),
    description: command.description(),
    options: help
      .visibleOptions(command)
      .map((option) => ({ term: help.optionTerm(option), description: help.optionDescription(option) })),
    notes,
    examples,
  };
}
