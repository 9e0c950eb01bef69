import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CONFIGURATION_VARIABLE,
  type Configuration,
  type Interceptor,
  newTally,
  readTally,
  type Tally,
  writeConfiguration,
} from "@unplug/interceptor";
import type { Environment } from "../../load/variables.ts";
import { canBeNamed, preloadWith } from "./preload.ts";
import { makeSharedFolder } from "./shared-folder.ts";

/** Linux takes at most 128 KiB for one variable with its name. Source: MAX_ARG_STRLEN in linux/binfmts.h. */
const MOST_BYTES_IN_A_VARIABLE = 100_000;

/** What a program needs around it to be intercepted; disposed of when the program has ended. */
export interface Interception extends Disposable {
  /** The environment to start the program with. */
  readonly env: NodeJS.ProcessEnv;
  /** What was counted so far; null when the program has damaged it. */
  tally(): Tally | null;
}

/**
 * Writes what the interceptor reads, into a folder of its own.
 *
 * The object is loaded from where it lies, if it can be: with a configuration too long for a variable, or at a path that
 * LD_PRELOAD cannot name, it is copied. Nothing of an exec around this one stays in force: one configuration counts.
 */
export function openInterception(
  interceptor: Pick<Interceptor, "path" | "bytes">,
  configuration: Omit<Configuration, "tallyPath">,
  env: Environment,
): Interception {
  const fits = sizeOf(configuration) < MOST_BYTES_IN_A_VARIABLE;
  const inPlace = fits && canBeNamed(interceptor.path);
  const text = (tallyPath: string) => writeConfiguration({ ...configuration, tallyPath }, fits ? ";" : "\n");
  const folder = makeSharedFolder({
    loadedFrom: !inPlace,
    fill: ({ write }) => {
      const tallyPath = write("tally", newTally(configuration.targets.length), "programs write");
      if (!inPlace) write("interceptor.so", interceptor.bytes);
      if (!fits) write("interceptor.conf", Buffer.from(text(tallyPath)));
    },
  });
  const tallyPath = join(folder.path, "tally");
  const object = inPlace ? interceptor.path : join(folder.path, "interceptor.so");
  return {
    env: {
      ...env,
      LD_PRELOAD: preloadWith(object, env["LD_PRELOAD"]),
      [CONFIGURATION_VARIABLE]: fits ? text(tallyPath) : undefined,
    },
    tally: () => tallyIn(tallyPath, configuration.targets.length),
    [Symbol.dispose]: folder.remove,
  };
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
