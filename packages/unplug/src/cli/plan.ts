import { planChecked } from "../engine/plan.ts";
import { planText } from "../report/plan-text.ts";
import { exitCodes } from "./exit-codes.ts";
import { readSubject } from "./experiment-input.ts";
import { announceLeftovers } from "./leftovers.ts";
import { lookOf } from "./look.ts";
import { assembleParts, openStateJournal } from "./parts.ts";
import type { FileFlags } from "./program.ts";
import type { Shell } from "./shell.ts";

/** In place of a run's id where there is no run yet. */
export const NO_RUN = "plan";

/** `unplug plan FILE | ID [TUNABLE=VALUE ...]` */
export async function planCommand(
  subject: string,
  assignments: readonly string[],
  flags: FileFlags & { readonly format: string },
  shell: Shell,
): Promise<number> {
  const { experiment, notices } = await readSubject(subject, assignments, flags, shell);
  for (const notice of notices) shell.stderr.write(`${notice}\n`);
  const journal = openStateJournal(shell);
  try {
    announceLeftovers(await journal.runs(), shell.stderr);
    const parts = assembleParts(shell, journal);
    const plan = await planChecked(experiment, NO_RUN, parts, new AbortController().signal);
    const text =
      flags.format === "json"
        ? JSON.stringify(plan, null, 2)
        : planText(plan, lookOf(shell.stdout, shell.env));
    shell.stdout.write(`${text.trimEnd()}\n`);
    const refused = [...(plan.guardRails?.refused ?? []), ...(plan.preflight?.refused ?? [])];
    return refused.length === 0 ? exitCodes.done : exitCodes.refused;
  } finally {
    journal.close();
  }
}
