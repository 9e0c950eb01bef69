import type { Command } from "commander";

/** Options that fill in an experiment file. */
export function withVariables(command: Command): Command {
  return command
    .option("--set <step.tunable=value>", "change a tunable of the file (repeatable)", collect, [])
    .option("--var <name=value>", "a value for ${NAME} in the file (repeatable)", collect, []);
}

/** For an option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
