import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { architectureOf, interceptorFor } from "../packages/interceptor/src/index.ts";
import { root, runCommand } from "./run-command.ts";

/** Why a program cannot be used here, naming it and its package in Debian; null when it is installed. */
export async function lacking(program: string, debianPackage: string): Promise<string | null> {
  const { code } = await runCommand("sh", ["-c", 'command -v "$1"', "sh", program]);
  return code === 0 ? null : `'${program}' is not installed (apt-get install ${debianPackage})`;
}

/** What measures inside a process, and what it measures. */
export interface Ground {
  /** The interceptor for this machine. */
  readonly object: string;
  /** Holds the compiled programs; gone afterwards. */
  readonly folder: string;
}

/**
 * Compiles `name`.c of packages/interceptor/native/bench to a program of that name in a temporary folder, for `measure`;
 * a text says why this machine cannot.
 */
export async function withProgram<T>(
  name: string,
  measure: (ground: Ground) => Promise<T>,
): Promise<T | string> {
  const architecture = process.platform === "linux" ? architectureOf(process.arch) : null;
  if (architecture === null) return "there is no interceptor for this machine";
  const lacks = await lacking("gcc", "gcc libc6-dev");
  if (lacks !== null) return lacks;
  const folder = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  try {
    const source = join(root, "packages/interceptor/native/bench", `${name}.c`);
    await compile(source, join(folder, name), ["-O2"]);
    return await measure({ object: interceptorFor(architecture).path, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws with what the compiler said. */
export async function compile(source: string, to: string, options: readonly string[]): Promise<void> {
  const all = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", ...options, source, "-o", to];
  const { code, output } = await runCommand("gcc", [...all, "-ldl"]);
  if (code !== 0) throw new Error(`gcc ${all.join(" ")} ended with ${code}:\n${output}`);
}
