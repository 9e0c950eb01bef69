import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../contract/access.ts";
import { parseFunctionName } from "../contract/arns.ts";
import { AwsError } from "../contract/aws.ts";
import { systemClock } from "../contract/clock.ts";
import type { Connection } from "../contract/connection.ts";
import type { RunHead } from "../contract/journal.ts";
import { Refusal } from "../contract/refusal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { OpenJournal } from "../journal/sqlite-journal.ts";
import { awsHint } from "./aws-hints.ts";
import { checkClock } from "./doctor/check-clock.ts";
import { checkJournal, checkRuns } from "./doctor/check-journal.ts";
import { checkPermissions } from "./doctor/check-permissions.ts";
import { diagnosisJson, diagnosisText, type Finding } from "./doctor/diagnosis.ts";
import { findLeftovers, type Looking } from "./doctor/find-leftovers.ts";
import { imageRepositories, KnownRuns, stagingBuckets } from "./doctor/known-runs.ts";
import { accessOfEnvironment } from "./environment-access.ts";
import { exitCodes } from "./exit-codes.ts";
import { stateFolder } from "./home.ts";
import { lookOf } from "./look.ts";
import { assembleParts, endpointOf, openStateJournal } from "./parts.ts";
import { regionOf } from "./region-of.ts";
import type { Shell } from "./shell.ts";
import { tryRun } from "./try-run.ts";
import { UsageError } from "./usage-error.ts";

export interface DoctorFlags {
  readonly region?: string;
  readonly function?: string;
  readonly format: string;
}

/** `unplug doctor`: 0 when nothing is left, 4 when something is, 3 when something would stop a run. Changes nothing. */
export async function doctorCommand(flags: DoctorFlags, shell: Shell): Promise<number> {
  const region = regionOf(flags.region, "unplug doctor", shell);
  if (flags.function !== undefined && parseFunctionName(flags.function) === null)
    throw new UsageError(`unplug doctor --function "${flags.function}": expected a function's name or ARN.`);
  const access = accessOfEnvironment(region, "unplug doctor", shell);
  const folder = stateFolder(shell.env);
  const found = checkJournal(folder);
  // To look must not make a folder, nor touch a journal that is not whole.
  const isReadable = found.state === "good" && existsSync(join(folder, "journal.db"));
  const journal = isReadable ? openStateJournal(shell) : null;
  try {
    const findings = [
      found,
      ...(await checkClock({ region, endpoint: endpointOf(shell.env) }, () => Date.now())),
      ...(await askAll({ access, flags, journal, shell })),
    ];
    const code = exitCodeFor(findings);
    const text =
      flags.format === "json"
        ? diagnosisJson(findings, code)
        : diagnosisText(findings, lookOf(shell.stdout, shell.env));
    shell.stdout.write(`${text}\n`);
    return code;
  } finally {
    journal?.close();
  }
}

interface Asked {
  readonly access: Access;
  readonly flags: DoctorFlags;
  readonly journal: OpenJournal | null;
  readonly shell: Shell;
}

async function askAll({ access, flags, journal, shell }: Asked): Promise<readonly Finding[]> {
  const heads = (await journal?.runs()) ?? [];
  const { unreadable, ...places } = await placesOf(heads, journal, access.region);
  const runs = journal === null ? [] : checkRuns(heads, unreadable);
  const parts = assembleParts(shell, journal ?? nowhere());
  const { signal } = new AbortController();
  let connection: Connection;
  try {
    connection = await parts.connect(access, "doctor", signal);
  } catch (error) {
    return [...runs, unconnected(error)];
  }
  const { region } = access;
  const who: Finding = {
    subject: "identity",
    state: "good",
    text: `${connection.identity}, account ${connection.place.account}`,
  };
  const known = new KnownRuns(heads, Date.now());
  const [permissions, leftovers] = await Promise.all([
    checkPermissions({ name: flags.function, region }, parts, shell),
    findLeftovers({ connection, known, ...places, signal }),
  ]);
  return [...runs, who, ...permissions, ...leftovers];
}

/** Nothing is written down by who only looks. */
function nowhere(): OpenJournal {
  const locks = { take: () => true, isHeld: () => false, release: () => undefined };
  return { ...memoryJournal(locks, systemClock), close: () => undefined };
}

function unconnected(error: unknown): Finding {
  if (error instanceof Refusal)
    return { subject: "identity", state: "bad", text: error.message.split("\n").join(" ") };
  if (!(error instanceof AwsError)) throw error;
  const hint = awsHint(error);
  return {
    subject: "identity",
    state: "bad",
    text: `not known, and nothing in the account was looked at: ${error.code}: ${error.message}`,
    ...(hint === null ? {} : { mend: hint }),
  };
}

interface Places extends Pick<Looking, "buckets" | "repositories"> {
  /** By run, why its events cannot be read. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Where runs put more than the function itself, as far as the journal tells. */
async function placesOf(
  heads: readonly RunHead[],
  journal: OpenJournal | null,
  region: string,
): Promise<Places> {
  const [buckets, repositories] = [new Set<string>(), new Set<string>()];
  const unreadable = new Map<string, string>();
  for (const { run } of heads) {
    const tried = await tryRun(run, journal ?? nowhere(), (events) => {
      for (const bucket of stagingBuckets(events, region)) buckets.add(bucket);
      for (const repository of imageRepositories(events, region)) repositories.add(repository);
    });
    if ("unreadable" in tried) unreadable.set(run, tried.unreadable);
  }
  return { buckets, repositories, unreadable };
}

function exitCodeFor(findings: readonly Finding[]): number {
  if (findings.some(({ state }) => state === "left")) return exitCodes.left;
  return findings.some(({ state }) => state === "bad") ? exitCodes.refused : exitCodes.done;
}
