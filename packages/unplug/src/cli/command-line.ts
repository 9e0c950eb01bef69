import { type Command, CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { legible } from "./legible.ts";
import { buildProgram } from "./program.ts";
import type { Shell } from "./shell.ts";
import { version } from "./version.ts";

/** Runs one command line and answers its exit code; every error has been told when it does. */
export async function runCommandLine(args: readonly string[], given: Shell): Promise<number> {
  const { env } = given;
  const shell = { ...given, stdout: legible(given.stdout, env), stderr: legible(given.stderr, env) };
  let code: number = exitCodes.done;
  const program = buildProgram(shell, version(), async (command) => {
    code = await command();
  });
  try {
    await program.parseAsync(withoutVainHelp(args, program), { from: "user" });
    return code;
  } catch (error) {
    // Commander has printed it: help and version end this way too.
    if (error instanceof CommanderError) {
      if (error.code === "commander.helpDisplayed" && args.length > 2)
        await (await import("./fault-help.ts")).addFaultHelp(program, shell);
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    const { exitCodeOf } = await import("./errors.ts");
    return exitCodeOf(error, shell);
  }
}

/** Commander would print the help of all for a command that there is not, and answer 0. */
function withoutVainHelp(args: readonly string[], program: Command): string[] {
  const [name] = args;
  const isKnown = program.commands.some((command) => command.name() === name);
  if (name === undefined || name.startsWith("-") || isKnown) return [...args];
  return args.filter((word) => word !== "-h" && word !== "--help");
}
