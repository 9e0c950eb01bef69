import { accessSync, constants, statSync } from "node:fs";
import { UsageError } from "../usage-error.ts";

/** Where execvp looks when PATH is not set. Source: execvp(3). */
const DEFAULT_PATH = "/bin:/usr/bin";

/**
 * The file that a shell would start for `command`: its own path when it has a slash, else the first in `path` that can be started.
 *
 * What it answers has a slash. Throws a UsageError when there is none.
 */
export function findProgram(command: string, path: string | undefined): string {
  if (command === "") throw new UsageError("unplug exec: COMMAND is empty: expected a program.");
  if (command.includes("/")) {
    const problem = whyNotStarted(command);
    if (problem === null) return command;
    throw new UsageError(`${command}: ${problem}. Expected a program.`);
  }
  const found = candidates(command, path);
  const program = found.find((file) => whyNotStarted(file) === null);
  if (program !== undefined) return program;
  const near = found.map(nearMiss).find((text) => text !== null);
  const hint = near === undefined ? "" : ` (${near})`;
  throw new UsageError(
    `${command}: not found in PATH${hint}. Expected a program, by its name or its path; nothing was started.`,
  );
}

/** As `findProgram`; null when there is none. */
export function lookUpProgram(command: string, path: string | undefined): string | null {
  const found = command.includes("/") ? [command] : candidates(command, path);
  return found.find((file) => whyNotStarted(file) === null) ?? null;
}

function nearMiss(file: string): string | null {
  const problem = whyNotStarted(file);
  return problem === ABSENT || problem === HIDDEN ? null : `${file}: ${problem}`;
}

function candidates(command: string, path: string | undefined): readonly string[] {
  // An empty entry is the working folder.
  return (path ?? DEFAULT_PATH).split(":").map((folder) => `${folder === "" ? "." : folder}/${command}`);
}

const ABSENT = "there is no such file";
const HIDDEN = "you may not enter its folder";

function whyNotStarted(file: string): string | null {
  try {
    const status = statSync(file, { throwIfNoEntry: false });
    if (status === undefined) return ABSENT;
    if (status.isDirectory()) return "it is a folder";
    if (!status.isFile()) return "it is no file that can be started";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOTDIR") return ABSENT;
    return code === "EACCES" ? HIDDEN : String(code ?? error);
  }
  try {
    accessSync(file, constants.X_OK);
    return null;
  } catch {
    return "you may not execute it (chmod +x makes a file of yours a program)";
  }
}
