import { readFile } from "node:fs/promises";
import { builtinFaults } from "../faults/index.ts";
import { faultExperiment } from "../load/fault-experiment.ts";
import { type Loaded, loadExperiment } from "../load/load-experiment.ts";
import { readAssignment } from "../load/overrides.ts";
import type { FileFlags } from "./program.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/** Reads and checks an experiment file; `-` is standard input. */
export async function readExperiment(file: string, flags: FileFlags, shell: Shell): Promise<Loaded> {
  const text = file === "-" ? await shell.readInput() : await readText(file);
  return loadExperiment({
    file: file === "-" ? "standard input" : file,
    text,
    faults: builtinFaults,
    env: shell.env,
    vars: readVariables(flags.var),
    sets: flags.set,
  });
}

/** A fault's id with its tunables, or a file: whichever it is. */
export async function readSubject(
  subject: string,
  assignments: readonly string[],
  flags: FileFlags,
  shell: Shell,
): Promise<Loaded> {
  const isFault = builtinFaults.some(({ id }) => id === subject);
  // What looks like neither a path nor a known id is a misspelt id, and its error names the nearest.
  const isName = assignments.length > 0 || !/[./\\]|^-$/.test(subject);
  if (!isFault && !isName) return readExperiment(subject, flags, shell);
  if (!isFault && /[./\\]|^-$/.test(subject)) {
    throw new UsageError(
      `${assignments.join(" ")}: tunables of a file are changed with --set STEP.TUNABLE=VALUE, one for each.`,
    );
  }
  if (flags.set.length > 0 || flags.var.length > 0) {
    throw new UsageError(
      `--set and --var fill in a file; for the fault ${subject} write TUNABLE=VALUE instead.`,
    );
  }
  return faultExperiment({ id: subject, assignments, faults: builtinFaults, env: shell.env });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason = REASONS[code] ?? String(error);
    throw new UsageError(
      `Cannot read the experiment file ${file}: ${reason}. Expected a YAML file; \`unplug faults ID --example\` prints one.`,
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "no permission to read it",
};

function readVariables(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const found = readAssignment(text);
      if (found === null)
        throw new UsageError(`--var ${text}: expected NAME=VALUE, like API_URL=http://localhost:3000`);
      return [found.name, found.value];
    }),
  );
}
