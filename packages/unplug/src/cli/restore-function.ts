import { type Access, environmentAccess } from "../contract/access.ts";
import { parseFunctionName } from "../contract/arns.ts";
import { AwsError, isMissing } from "../contract/aws.ts";
import { Refusal } from "../contract/refusal.ts";
import { MarkersUnread } from "../engine/find-by-hand.ts";
import { restoreByHand } from "../engine/restore-by-hand.ts";
import type { OpenJournal } from "../journal/sqlite-journal.ts";
import { accessOfEnvironment } from "./environment-access.ts";
import { explain } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { freshRunId } from "./fresh-run-id.ts";
import { assembleParts } from "./parts.ts";
import { regionOf } from "./region-of.ts";
import type { RestoreFlags } from "./restore.ts";
import { openRestoreProgress, tellRefused, tellRestored } from "./restore-report.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `unplug restore --function F`: without any journal, from the marker in AWS.
 *
 * What carries no marker, or the marker of a run that may be alive elsewhere, is touched on a human's word only: `--yes`.
 */
export async function restoreFunctionCommand(
  functionName: string,
  flags: RestoreFlags,
  journal: OpenJournal,
  shell: Shell,
): Promise<number> {
  const region = regionOf(flags.region, "unplug restore --function", shell);
  checkFunction(functionName, region);
  const access = accessOf(region, flags, shell);
  const run = freshRunId((await journal.runs()).map((head) => head.run));
  const reporting = openRestoreProgress({ run, before: [], alone: true, format: flags.format }, shell);
  try {
    const events = await restoreByHand(
      {
        run,
        functionName,
        access,
        ids: flags.mapping,
        force: flags.yes === true,
        signal: new AbortController().signal,
      },
      assembleParts(shell, journal, reporting.onEvent),
    );
    reporting.close();
    return tellRestored(run, events, flags, shell);
  } catch (error) {
    reporting.close();
    if (error instanceof MarkersUnread) {
      if (error.events.length > 0) tellRestored(run, error.events, flags, shell);
      else await tellRefused({ run, error, exitCode: exitCodes.left }, journal, flags, shell);
      shell.stderr.write(`${error.message}\n`);
      return exitCodes.left;
    }
    const told = isNoFunction(error) ? noFunction(functionName, region) : error;
    await tellRefused({ run, error: told, exitCode: explain(told, false).code }, journal, flags, shell);
    throw told;
  } finally {
    reporting.close();
  }
}

function isNoFunction(error: unknown): boolean {
  return isMissing(error) && error instanceof AwsError && error.action === "lambda:GetFunction";
}

function noFunction(functionName: string, region: string): Refusal {
  return new Refusal(
    `Function ${functionName} does not exist in ${region}; nothing was changed.`,
    [],
    `Enumerate them with: aws lambda list-functions --region ${region}`,
  );
}

/** What is given, or else all that the environment says, as `unplug doctor` takes it. Throws UsageError. */
function accessOf(region: string, flags: RestoreFlags, shell: Shell): Access {
  const { profile, secret, assumeRoleArn, externalId } = flags;
  if (profile === undefined && secret === undefined && assumeRoleArn === undefined)
    return accessOfEnvironment(region, "unplug restore --function", shell);
  return {
    ...environmentAccess(region),
    profile: profile ?? shell.env["AWS_PROFILE"] ?? "",
    secret: secret ?? "",
    assumeRoleArn: assumeRoleArn ?? "",
    externalId: externalId ?? "",
  };
}

/** What names no function, or one elsewhere, would be told as one that does not exist. */
function checkFunction(given: string, region: string): void {
  const named = parseFunctionName(given);
  if (named === null)
    throw new UsageError(`unplug restore --function "${given}": expected a function's name or ARN.`);
  if (named.region !== null && named.region !== region) {
    throw new UsageError(
      `unplug restore --function: ${given} is in ${named.region}, the region is ${region}: make them the same.`,
    );
  }
}
