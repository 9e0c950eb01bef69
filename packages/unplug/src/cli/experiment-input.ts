import { createReadStream, existsSync } from "node:fs";
import { builtinFaults } from "../faults/index.ts";
import { faultExperiment } from "../load/fault-experiment.ts";
import { type Loaded, loadExperiment } from "../load/load-experiment.ts";
import { readAssignment } from "../load/overrides.ts";
import { builtinProbes } from "../probes/index.ts";
import { boundedText, LARGEST_TEXT } from "./bounded-text.ts";
import { fileTrouble } from "./file-trouble.ts";
import type { FileFlags } from "./program.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/** Reads and checks an experiment file; `-` is standard input. */
export async function readExperiment(file: string, flags: FileFlags, shell: Shell): Promise<Loaded> {
  const text = file === "-" ? await shell.readInput() : await readText(file);
  return loadExperiment({
    file: file === "-" ? "standard input" : file,
    text: checkSize(text, file === "-" ? "Standard input" : file),
    faults: builtinFaults,
    probes: builtinProbes,
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
  if (!isFault && existsSync(subject)) {
    throw new UsageError(
      `${subject} is no fault, and there is a file of that name: for the file, write ./${subject}`,
    );
  }
  return faultExperiment({ id: subject, assignments, faults: builtinFaults, env: shell.env });
}

async function readText(file: string): Promise<string> {
  try {
    return await boundedText(createReadStream(file, { encoding: "utf8" }));
  } catch (error) {
    const shown = file === "" ? '""' : file;
    throw new UsageError(
      `Cannot read the experiment file ${shown}: ${fileTrouble(error)}. Expected a YAML file; \`unplug faults ID --example\` prints one.`,
    );
  }
}

function checkSize(text: string, file: string): string {
  if (text.length <= LARGEST_TEXT) return text;
  throw new UsageError(
    `${file} is larger than 1 MiB, expected an experiment; \`unplug faults ID --example\` prints one.`,
  );
}

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
