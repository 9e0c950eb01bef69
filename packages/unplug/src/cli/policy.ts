import { planExperiment } from "../engine/plan.ts";
import { policyJson } from "../report/policy-json.ts";
import { exitCodes } from "./exit-codes.ts";
import { readSubject } from "./experiment-input.ts";
import { assembleParts, openStateJournal } from "./parts.ts";
import { NO_RUN } from "./plan.ts";
import type { FileFlags } from "./program.ts";
import type { Shell } from "./shell.ts";

export type PolicyFlags = FileFlags;

/** `unplug policy FILE | ID [TUNABLE=VALUE ...]`: from the plan, so that it names the very resources. */
export async function policyCommand(
  subject: string,
  assignments: readonly string[],
  flags: PolicyFlags,
  shell: Shell,
): Promise<number> {
  const { experiment, notices } = await readSubject(subject, assignments, flags, shell);
  for (const notice of notices) shell.stderr.write(`${notice}\n`);
  const journal = openStateJournal(shell);
  try {
    const parts = assembleParts(shell, journal);
    const plan = await planExperiment(experiment, NO_RUN, parts, new AbortController().signal);
    const permissions = [
      ...plan.steps.flatMap((step) => (step.kind === "fault" ? step.permissions : [])),
      ...plan.probes.flatMap((probe) => probe.permissions),
    ];
    shell.stdout.write(`${JSON.stringify(policyJson(permissions), null, 2)}\n`);
    return exitCodes.done;
  } finally {
    journal.close();
  }
}
