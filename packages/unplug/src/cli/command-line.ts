import { CommanderError } from "commander";
import { exitCodeOf } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { buildProgram } from "./program.ts";
import type { Shell } from "./shell.ts";
import { version } from "./version.ts";

/** Runs one command line and answers its exit code; every error has been told when it does. */
export async function runCommandLine(args: readonly string[], shell: Shell): Promise<number> {
  let code: number = exitCodes.done;
  const program = buildProgram(shell, version(), async (command) => {
    code = await command();
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    // Commander has printed it: help and version end this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return exitCodeOf(error, shell);
  }
}
