import { createReadStream } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { GuardRails } from "../contract/guard-rails.ts";
import { Refusal } from "../contract/refusal.ts";
import { builtinFaults } from "../faults/index.ts";
import { guardRailsOf } from "../guard/guard-rails.ts";
import type { RuleFile } from "../guard/rules.ts";
import { InvalidExperiment } from "../load/invalid-experiment.ts";
import type { Environment } from "../load/variables.ts";
import { builtinProbes } from "../probes/index.ts";
import { builtinResources } from "../resources/index.ts";
import { boundedText, LARGEST_TEXT } from "./bounded-text.ts";
import { fileTrouble } from "./file-trouble.ts";

const NAME = "guard-rails.yaml";
/** What a project's own file is called, so that it is seen in the project. */
const PROJECT_NAME = `unplug.${NAME}`;

/** Where to look. */
export interface GuardRailsPlaces {
  readonly env: Environment;
  /** The working directory. */
  readonly folder: string;
  readonly home?: string;
  /** The platform's folder. */
  readonly system?: string;
}

interface Candidate {
  readonly path: string;
  /** Somebody said that it is there. */
  readonly isNamed: boolean;
}

/**
 * The guard rails of this machine, user and project, all together; null where nobody laid any down.
 *
 * Throws Refusal when one of the files is not as it should be: what a broken one would forbid nobody knows.
 */
export async function findGuardRails(places: GuardRailsPlaces): Promise<GuardRails | null> {
  const files: RuleFile[] = [];
  const problems: string[] = [];
  for (const candidate of candidates(places)) {
    try {
      const file = await readCandidate(candidate);
      if (file !== null) files.push(file);
    } catch (error) {
      if (error instanceof InvalidExperiment) problems.push(...error.problems);
      else problems.push(`${candidate.path}: cannot be read: ${fileTrouble(error)}`);
    }
  }
  if (problems.length === 0) return guardRailsOf(files);
  throw new Refusal(
    "Guard rails that cannot be read forbid every run.",
    problems,
    "Mend the file, or have it mended by who keeps it; `unplug schema --of guard-rails` describes one.",
  );
}

/** First what the platform enforces, then what is the user's own, then the project's, the outermost first. */
function candidates({ env, folder, home = homedir(), system = "/etc/unplug" }: GuardRailsPlaces) {
  const named = env["UNPLUG_GUARD_RAILS"];
  const config = env["XDG_CONFIG_HOME"];
  // The XDG specification says to ignore a path that is not absolute.
  const own = config?.startsWith("/") ? config : join(home, ".config");
  const above: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    above.unshift(join(at, PROJECT_NAME));
    if (at === dirname(at)) break;
  }
  const found: Candidate[] = [
    { path: join(system, NAME), isNamed: false },
    // Besides, not instead: else anybody could lead away from what the platform enforces.
    ...(named === undefined || named === "" ? [] : [{ path: resolve(folder, named), isNamed: true }]),
    { path: join(own, "unplug", NAME), isNamed: false },
    ...above.map((path) => ({ path, isNamed: false })),
  ];
  return [...new Map(found.map((one) => [one.path, one])).values()];
}

async function readCandidate(candidate: Candidate): Promise<RuleFile | null> {
  const { path } = candidate;
  await refuseNamesake(candidate);
  if (!(await isThere(candidate))) return null;
  const about = await stat(path);
  if (!about.isFile()) throw new Error(about.isDirectory() ? "it is a folder" : "it is no file");
  const text = await boundedText(createReadStream(path, { encoding: "utf8" }));
  if (text.length > LARGEST_TEXT) throw new Error("it is larger than 1 MiB");
  // Most have none, and need not load what reads them.
  const { loadGuardRails } = await import("../load/load-guard-rails.ts");
  return loadGuardRails({
    file: path,
    text,
    faults: builtinFaults,
    probes: builtinProbes.map(({ type }) => type),
    kinds: builtinResources.map(({ kind }) => kind),
  });
}

/** A link that leads nowhere is there: somebody meant rules to hold. */
async function isThere({ path, isNamed }: Candidate): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (!isNamed && (code === "ENOENT" || code === "ENOTDIR")) return false;
    throw error;
  }
}

/** Whoever called it `.yml` meant it to hold, and it would not. */
async function refuseNamesake({ path, isNamed }: Candidate): Promise<void> {
  const other = path.replace(/\.yaml$/, ".yml");
  if (isNamed || !(await isThere({ path: other, isNamed: false }))) return;
  throw new Error(`its name ends in .yml: call ${basename(other)} ${basename(path)}`);
}
