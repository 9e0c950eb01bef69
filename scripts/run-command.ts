import { type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

export interface Ended {
  /** Exit code; 128 and the signal's number when a signal ended it, 127 when it did not start. */
  readonly code: number;
  /** Both streams in the order they came; empty when the streams were inherited. */
  readonly output: string;
  readonly ms: number;
}

/** Runs a program to its end; signals that come meanwhile are for the program, this process outlives it. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, "cwd" | "env"> & { inherit?: boolean } = {},
): Promise<Ended> {
  const { inherit = false, ...rest } = options;
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    ...rest,
    stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => {
    const listener = () => void (name === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(name));
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(`${command} did not start: ${error.message}\n`));
      resolve(127);
    });
    child.on("close", (exitCode, signal) => {
      resolve(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  for (const forget of signals) forget();
  return { code, output: Buffer.concat(chunks).toString(), ms: performance.now() - started };
}

/** Runs the program of a package that is installed here with this Node.js; `script` is its path in node_modules. */
export function runTool(
  script: string,
  args: readonly string[],
  options: Parameters<typeof runCommand>[2] = {},
): Promise<Ended> {
  return runCommand(process.execPath, [join(root, "node_modules", script), ...args], options);
}

/** `0.3 s`, `12.0 s`, `2 min 5 s` */
export function seconds(ms: number): string {
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
