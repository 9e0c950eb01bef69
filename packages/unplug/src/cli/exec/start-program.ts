import { spawn } from "node:child_process";
import { UsageError } from "../usage-error.ts";
import { inheritedFiles } from "./inherited-files.ts";
import type { Receiver } from "./relay-signals.ts";

/** How a program ended: by itself with a code, or by a signal. */
export type ProgramEnd = { readonly code: number } | { readonly signal: NodeJS.Signals };

export interface StartedProgram extends Receiver {
  readonly ended: Promise<ProgramEnd>;
}

export interface ProgramStart {
  /** Has a slash: nothing is looked up. */
  readonly file: string;
  /** What the program is told that it was called. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Starts a program in our place: with our files and terminal, in our process group. Throws a UsageError when that fails. */
export async function startProgram({ file, name, args, env }: ProgramStart): Promise<StartedProgram> {
  const child = spawn(file, args, {
    argv0: name,
    env,
    stdio: stdioWith(inheritedFiles()),
  });
  const { pid } = child;
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  // The listener stays: a program that has become somebody else cannot be sent signals, which is told as an error, too.
  const failed = new Promise<never>((_, reject) =>
    child.on("error", (error) => reject(notStarted(file, error))),
  );
  failed.catch(() => undefined);
  if (pid === undefined) return failed;
  return { pid, ended, send: (signal) => void child.kill(signal) };
}

/** A number that is not named stays what it is, which is closed for the program. */
function stdioWith(files: readonly number[]): ("inherit" | "ignore" | number)[] {
  const last = Math.max(2, ...files);
  return Array.from({ length: last + 1 }, (_, file) =>
    file < 3 ? "inherit" : files.includes(file) ? file : "ignore",
  );
}

function notStarted(file: string, error: NodeJS.ErrnoException): UsageError {
  return new UsageError(`${file} cannot be started: ${reason(error)}.`);
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === "E2BIG") return "its arguments and environment are too long for this system";
  if (code === "ENOENT") return "the dynamic linker or interpreter that it names is not there";
  if (code === "EACCES") return "you may not execute it, or what it names as its interpreter";
  return code ?? message;
}
