import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CONFIGURATION_VARIABLE,
  type Configuration,
  type Interceptor,
  newTally,
  type PatchedGo,
  readTally,
  type Tally,
  writeConfiguration,
} from "@unplug/interceptor";
import { Refusal } from "../../contract/refusal.ts";
import type { Environment } from "../../load/variables.ts";
import { goDebugWithOwnResolver } from "./go-debug.ts";
import { canBeNamed, preloadWith } from "./preload.ts";
import { makeSharedFolder } from "./shared-folder.ts";

/** Linux takes at most 128 KiB for one variable with its name. Source: MAX_ARG_STRLEN in linux/binfmts.h. */
const MOST_BYTES_IN_A_VARIABLE = 100_000;

/** What a program needs around it to be intercepted; disposed of when the program has ended. */
export interface Interception extends Disposable {
  /** The environment to start the program with. */
  readonly env: NodeJS.ProcessEnv;
  /** The patched copy of a Go program; null for what is started as it is. */
  readonly program: string | null;
  /** What was counted so far; null when the program has damaged it. */
  tally(): Tally | null;
}

/** A Go program that is started as a patched copy. */
export interface GoCommand {
  /** Of its file, which the copy has too. */
  readonly name: string;
  readonly patched: PatchedGo;
  readonly preloads: boolean;
}

/** What is put into a program, and told to it. */
export interface Told {
  readonly interceptor: Pick<Interceptor, "path" | "bytes">;
  readonly configuration: Omit<Configuration, "tallyPath">;
  readonly go: GoCommand | null;
}

/**
 * Writes what the interceptor reads, into a folder of its own.
 *
 * The object is loaded from where it lies, if it can be: with a configuration too long for a variable, or at a path that
 * LD_PRELOAD cannot name, it is copied. Nothing of an exec around this one stays in force: one configuration counts.
 */
export function openInterception({ interceptor, configuration, go }: Told, env: Environment): Interception {
  const fits = sizeOf(configuration) < MOST_BYTES_IN_A_VARIABLE;
  if (!fits && go !== null) throw tooLongForGo(configuration, go);
  const inPlace = fits && canBeNamed(interceptor.path);
  const text = (tallyPath: string) => writeConfiguration({ ...configuration, tallyPath }, fits ? ";" : "\n");
  const copy = go === null ? null : nameOfCopy(go.name);
  const folder = makeSharedFolder({
    loadedFrom: !inPlace || go !== null,
    fill: ({ write }) => {
      const tallyPath = write("tally", newTally(configuration.targets.length), "programs write");
      if (!inPlace) write("interceptor.so", interceptor.bytes);
      if (!fits) write("interceptor.conf", Buffer.from(text(tallyPath)));
      if (go !== null && copy !== null) write(copy, go.patched.bytes);
    },
  });
  const tallyPath = join(folder.path, "tally");
  const object = inPlace ? interceptor.path : join(folder.path, "interceptor.so");
  return {
    env: {
      // In front: a Go program reads no more than the first 256 KiB of its environment.
      [CONFIGURATION_VARIABLE]: fits ? text(tallyPath) : undefined,
      ...without(env, CONFIGURATION_VARIABLE),
      ...(go?.patched.go.asksLibc === true ? { GODEBUG: goDebugWithOwnResolver(env["GODEBUG"]) } : {}),
      ...(go?.preloads === false ? {} : { LD_PRELOAD: preloadWith(object, env["LD_PRELOAD"]) }),
    },
    program: copy === null ? null : join(folder.path, copy),
    tally: () => tallyIn(tallyPath, configuration.targets.length),
    [Symbol.dispose]: folder.remove,
  };
}

function tooLongForGo({ targets }: Pick<Configuration, "targets">, { name }: GoCommand): Refusal {
  return new Refusal(
    `What is to be blocked is too long for ${name}; it was not started.`,
    [`${targets.length} targets with their addresses take more than ${MOST_BYTES_IN_A_VARIABLE} bytes`],
    "A Go program is told by a variable alone, and Linux takes no longer ones. Expected fewer targets, or *.suffix and ranges in place of many.",
  );
}

/** The program is called as ever in lists of processes; the names of our own files are taken. */
function nameOfCopy(name: string): string {
  return ["tally", "interceptor.so", "interceptor.conf", "loadable"].includes(name)
    ? `${name}-program`
    : name;
}

function without(env: Environment, name: string): Environment {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}

/** With the longest path of a tally. */
function sizeOf(configuration: Omit<Configuration, "tallyPath">): number {
  const tallyPath = `/${"x".repeat(4000)}`;
  return Buffer.byteLength(writeConfiguration({ ...configuration, tallyPath }, ";"));
}

function tallyIn(path: string, count: number): Tally | null {
  try {
    return readTally(readFileSync(path), count);
  } catch {
    return null;
  }
}
