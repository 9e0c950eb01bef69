import { join } from "node:path";
import {
  CONFIGURATION_VARIABLE,
  type InterceptorLine,
  interceptorFor,
  readLine,
} from "../../packages/interceptor/src/index.ts";
import type { Command, Ended, Stage } from "../interception/stage.ts";
import { builtC, type CBuild } from "../support/built-c.ts";
import { type Availability, type Need, needs, needsAll } from "../support/needs.ts";

export const programFolder = join(import.meta.dirname, "programs");
export const object = interceptorFor("x86_64").path;

/** What every test here needs: a stage, and programs on it. */
export function onStage(...more: readonly Need[]): Availability {
  return needsAll("x86-64", "namespaces", "ip", "dnsmasq", "gcc", ...more);
}

const strict = ["-O1", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE"];

/** A program of the folder, built of these sources. */
export function program(
  sources: readonly string[],
  { compiler = "gcc", flags = [] }: { compiler?: Need; flags?: readonly string[] } = {},
): Promise<string> {
  const { path } = needs(compiler);
  if (path === null)
    throw new Error(`'${compiler}' is not installed, and the test did not say that it needs it.`);
  const build: CBuild = {
    compiler: path,
    flags: [...strict, ...flags],
    sources: sources.map((name) => join(programFolder, name)),
    headers: [join(programFolder, "steps.h")],
  };
  return builtC(build);
}

export const stepsSources = ["steps.c", "steps-bad.c", "steps-names.c", "steps-process.c"];

/** The program that takes steps, one per argument (programs/steps.c). */
export const stepsProgram = (how: Parameters<typeof program>[1] = {}) => program(stepsSources, how);

/** A configuration of version 1; the entries of `more` come first, as `key=value`. */
export function blocking(targets: readonly string[], ...more: readonly string[]): string {
  return [
    "unplug=1",
    ...more,
    `targets=${targets.length}`,
    ...targets.map((target) => `target=${target}`),
  ].join(";");
}

/** What came of the steps. */
export interface Taken {
  /** In the order of the steps. */
  readonly results: readonly string[];
  readonly ms: readonly number[];
  readonly lines: readonly InterceptorLine[];
  readonly ended: Ended;
}

/** The environment of a program that this configuration is for. */
export function by(configuration: string): Readonly<Record<string, string>> {
  return { LD_PRELOAD: object, [CONFIGURATION_VARIABLE]: configuration };
}

/** Runs the steps; `env` is all that they have of an environment. */
export async function take(
  stage: Stage,
  env: Readonly<Record<string, string>>,
  steps: readonly string[],
  command?: string,
): Promise<Taken> {
  const ended = await stage.run({ command: command ?? (await stepsProgram()), args: steps, env }, 100_000);
  if (ended.code !== 0 || ended.late) throw new Error(`The steps did not end well: ${JSON.stringify(ended)}`);
  const said = ended.stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  return {
    results: said.map(([result = ""]) => result),
    ms: said.map(([, ms]) => Number(ms)),
    lines: linesIn(ended.stderr),
    ended,
  };
}

/** As `command`, with its standard error in a file, which takes all that is written to it at once. */
export function withErrorsIn(path: string, command: Command): Command {
  const args = ["-c", 'exec 2>"$0" "$@"', path, command.command, ...command.args];
  return { command: "/bin/sh", args, env: command.env };
}

/** Throws on a line that the interceptor's reader does not know: nothing else here writes to standard error. */
export function linesIn(stderr: string): InterceptorLine[] {
  return stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const read = readLine(line);
      if (read === null) throw new Error(`This is no line of the interceptor: ${line}`);
      return read;
    });
}

/** `ADDRESS:PORT by TARGET` of each blocked connect, in order. */
export function blockedIn(lines: readonly InterceptorLine[]): string[] {
  return lines.flatMap((line) =>
    line.kind === "blocked" ? [`${line.address}:${line.port} by ${line.target}`] : [],
  );
}

/** Steps that connect a socket of its own, blocking, to each of these. */
export function connects(...addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => [
    `socket a ${address.startsWith("[") ? "6" : address.startsWith("unix") ? "unix" : "4"} tcp`,
    `connect a ${address}`,
    "close a",
  ]);
}

/** The results of `connects`, without those of the steps around. */
export function outcomes({ results }: Taken): string[] {
  return results.filter((_, index) => index % 3 === 1);
}
