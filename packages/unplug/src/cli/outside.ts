import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandAnswer } from "../contract/probe.ts";
import { Refusal } from "../contract/refusal.ts";
import type { Outside } from "../engine/parts.ts";
import type { Shell } from "./shell.ts";

/** More than this of a command's output is no measure. */
const MOST_OUTPUT = 1024 * 1024;

/** What probes reach on this machine: the store of secrets, files, commands. */
export function outsideOf(env: Shell["env"], secretsFolder: string): Outside {
  return {
    async secret(name) {
      if (!/^\w[\w.-]*$/.test(name))
        throw new Refusal(
          `"${name}" names no secret.`,
          [],
          "Use letters, digits, dots, dashes, underscores.",
        );
      const path = join(secretsFolder, name);
      const text = await readFile(path, "utf8").catch(() => null);
      if (text !== null) return text.replace(/\r?\n$/, "");
      throw new Refusal(
        `There is no secret "${name}".`,
        [],
        `Put it into ${path}, or set UNPLUG_SECRETS to the folder that holds it.`,
      );
    },
    file: (path) => readFile(path, "utf8"),
    command: ([program = "", ...args], options) => runCommand(program, args, env, options),
  };
}

/** A process group of its own would outlive a killed run; the signal ends the command itself. */
function runCommand(
  program: string,
  args: readonly string[],
  inherited: Shell["env"],
  { env, signal }: { readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<CommandAnswer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        env: { ...inherited, ...env },
        signal,
        killSignal: "SIGKILL",
        maxBuffer: MOST_OUTPUT,
        encoding: "utf8",
      },
      (error, stdout, stderr) => {
        const { exitCode, signalCode } = child;
        // What was started has an end of its own, whatever that is; only what could not be started is an error.
        if (exitCode === null && signalCode === null && error !== null) reject(error);
        else resolve({ exitCode, signal: signalCode, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
