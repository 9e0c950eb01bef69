import type { Command } from "commander";
import { commandNotes, type Example } from "../packages/unplug/src/cli/command-help.ts";
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
  const silent = { write: () => true };
  const shell = { env: {}, stdout: silent, stderr: silent, readInput: () => Promise.resolve("") };
  const program = buildProgram(shell, "", () => Promise.resolve());
  return program.createHelp().visibleCommands(program).map(modelOf);
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
