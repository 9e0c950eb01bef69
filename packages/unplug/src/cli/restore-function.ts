import { restoreByHand } from "../engine/restore-by-hand.ts";
import type { OpenJournal } from "../journal/sqlite-journal.ts";
import { freshRunId } from "./fresh-run-id.ts";
import { assembleParts } from "./parts.ts";
import type { RestoreFlags } from "./restore.ts";
import { openRestoreProgress, tellRestored } from "./restore-report.ts";
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
  const { env } = shell;
  const region = [flags.region, env["REGION"], env["AWS_REGION"], env["AWS_DEFAULT_REGION"]].find(Boolean);
  if (region === undefined) {
    throw new UsageError(
      "unplug restore --function: expected the function's region: add --region, or set AWS_REGION.",
    );
  }
  const run = freshRunId((await journal.runs()).map((head) => head.run));
  const reporting = openRestoreProgress({ run, before: [], alone: true, format: flags.format }, shell);
  try {
    const events = await restoreByHand(
      {
        run,
        functionName,
        access: {
          region,
          profile: flags.profile ?? env["AWS_PROFILE"] ?? "",
          secret: "",
          assumeRoleArn: flags.assumeRoleArn ?? "",
          externalId: "",
          endpoint: null,
        },
        ids: flags.mapping,
        force: flags.yes === true,
        signal: new AbortController().signal,
      },
      assembleParts(shell, journal, reporting.onEvent),
    );
    reporting.close();
    return tellRestored(run, events, flags, shell);
  } finally {
    reporting.close();
  }
}
