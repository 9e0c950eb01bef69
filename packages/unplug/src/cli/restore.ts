import { Refusal } from "../contract/refusal.ts";
import { isSecretName } from "../contract/secrets.ts";
import { isRoleArn } from "../contract/tunables.ts";
import type { Parts } from "../engine/parts.ts";
import { type AccessOverride, restoreRun } from "../engine/restore-run.ts";
import type { OpenJournal } from "../journal/sqlite-journal.ts";
import { exitCodeOf } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { knownRun } from "./known-run.ts";
import { announceLeftovers, leftovers } from "./leftovers.ts";
import { assembleParts, openStateJournal } from "./parts.ts";
import { restoreFunctionCommand } from "./restore-function.ts";
import { openRestoreProgress, peopleOf, tellRefused, tellRestored } from "./restore-report.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

export interface RestoreFlags {
  readonly all?: boolean;
  readonly function?: string;
  readonly region?: string;
  readonly mapping: readonly string[];
  readonly yes?: boolean;
  readonly profile?: string;
  readonly secret?: string;
  readonly assumeRoleArn?: string;
  readonly externalId?: string;
  readonly format: string;
}

/**
 * `unplug restore [RUN | --all]`, `unplug restore --function F`: 0 when nothing is left, else 4.
 *
 * A signal ends it at once: the journal knows how far it came, and the same command goes on from there.
 */
export async function restoreCommand(
  run: string | undefined,
  flags: RestoreFlags,
  shell: Shell,
): Promise<number> {
  checkUsage(run, flags);
  const journal = openStateJournal(shell);
  try {
    const heads = await journal.runs();
    if (flags.function !== undefined) {
      announceLeftovers(heads, shell.stderr);
      return await restoreFunctionCommand(flags.function, flags, journal, shell);
    }
    const runs = run === undefined ? leftovers(heads).map((head) => head.run) : [run];
    announceLeftovers(heads, shell.stderr, runs);
    if (runs.length === 0) {
      const people = peopleOf(flags.format, shell);
      people.write("Nothing to restore: no run of a dead process is unfinished.\n");
      return exitCodes.done;
    }
    const situation = {
      flags,
      journal,
      shell,
      parts: assembleParts(shell, journal),
      alone: runs.length === 1,
    };
    // All at once: each may have to wait 30 s for a write without an answer, and one that hangs must not keep the others in.
    // What is wrong with one must not close the journal under the others either.
    const ends = await Promise.allSettled(runs.map((one) => restoreOne(one, situation)));
    const codes = ends.map((end) => (end.status === "fulfilled" ? end.value : exitCodeOf(end.reason, shell)));
    return codes.reduce(worse, exitCodes.done);
  } finally {
    journal.close();
  }
}

function checkUsage(run: string | undefined, flags: RestoreFlags): void {
  const ways = [run !== undefined, flags.all === true, flags.function !== undefined].filter(Boolean).length;
  if (ways > 1)
    throw new UsageError("unplug restore: expected one of RUN, --all and --function, not several.");
  if (
    flags.function === undefined &&
    (flags.mapping.length > 0 || flags.region !== undefined || flags.yes === true)
  ) {
    throw new UsageError(
      "unplug restore: --region, --mapping and --yes go with --function; a run's journal knows the rest.",
    );
  }
  checkAccess(flags);
  const stray = flags.mapping.find((uuid) => !UUID.test(uuid));
  if (stray !== undefined) {
    throw new UsageError(
      `--mapping ${stray}: "${stray}" is no mapping's UUID, like 14e0db71-5d35-4eb5-b481-8945cf9d10c2; \`aws lambda list-event-source-mappings\` lists them.`,
    );
  }
}

function checkAccess({ function: name, profile, secret, assumeRoleArn, externalId }: RestoreFlags): void {
  if (assumeRoleArn !== undefined && !isRoleArn(assumeRoleArn)) {
    throw new UsageError(
      `--assume-role-arn ${assumeRoleArn}: expected a role's ARN, like arn:aws:iam::123456789012:role/chaos.`,
    );
  }
  // The message must not repeat it: it may be the secret itself.
  if (secret !== undefined && !isSecretName(secret)) {
    throw new UsageError(
      "--secret: expected the name of a file secret, as AWS_AUTHENTICATION_SECRET has it: not a path and not the secret itself.",
    );
  }
  const hasOwnRole = name === undefined && profile === undefined && secret === undefined;
  if (externalId !== undefined && assumeRoleArn === undefined && !hasOwnRole) {
    throw new UsageError(
      "unplug restore: --external-id goes with --assume-role-arn: a role asks for it, and none is taken.",
    );
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Situation {
  readonly flags: RestoreFlags;
  readonly journal: OpenJournal;
  readonly shell: Shell;
  /** The same for all runs: they share one budget of requests. */
  readonly parts: Parts;
  readonly alone: boolean;
}

/** One run; what goes wrong with it is told here, so that the next one gets its turn. */
async function restoreOne(run: string, situation: Situation): Promise<number> {
  const { flags, journal, shell, parts, alone } = situation;
  using atEnd = new DisposableStack();
  try {
    const { events: before } = await knownRun(run, journal);
    const reporting = openRestoreProgress({ run, before, alone, format: flags.format }, shell);
    atEnd.defer(() => reporting.close());
    const events = await restoreRun(run, { ...parts, onEvent: reporting.onEvent }, accessOf(flags));
    reporting.close();
    return tellRestored(run, events, flags, shell);
  } catch (error) {
    atEnd.dispose();
    const code = exitCodeOf(error, shell);
    // A run that goes on restores by itself; any other that could not be restored has left something.
    const exitCode = error instanceof Refusal || code === exitCodes.defect ? code : exitCodes.left;
    await tellRefused({ run, error, exitCode }, journal, flags, shell);
    return exitCode;
  }
}

function accessOf({ profile, secret, assumeRoleArn, externalId }: RestoreFlags): AccessOverride {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(secret === undefined ? {} : { secret }),
    ...(assumeRoleArn === undefined ? {} : { assumeRoleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}

function worse(a: number, b: number): number {
  const worstFirst: readonly number[] = [exitCodes.left, exitCodes.defect, exitCodes.refused];
  return worstFirst.find((code) => code === a || code === b) ?? exitCodes.done;
}
