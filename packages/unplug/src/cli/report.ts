import type { Journal } from "../contract/journal.ts";
import { Refusal } from "../contract/refusal.ts";
import { fold } from "../report/fold.ts";
import { type FormName, forms, reportText } from "../report/forms.ts";
import { maskedView } from "../report/masked-view.ts";
import { openMetrics } from "../report/openmetrics.ts";
import { printable } from "../report/printable.ts";
import { newView, type RunView } from "../report/run-view.ts";
import { exitCodes } from "./exit-codes.ts";
import { knownRun } from "./known-run.ts";
import { openStateJournal } from "./parts.ts";
import { reportInput } from "./report-input.ts";
import type { Shell } from "./shell.ts";
import { tryRun } from "./try-run.ts";
import { UsageError } from "./usage-error.ts";
import { writeWhole } from "./write-file.ts";

export interface ReportFlags {
  readonly as: FormName;
  readonly all?: boolean;
  readonly output?: string;
}

/** `unplug report RUN`, from the journal alone. */
export async function reportCommand(
  run: string | undefined,
  flags: ReportFlags,
  shell: Shell,
): Promise<number> {
  if (flags.all === true && flags.as !== "openmetrics")
    throw new UsageError(`--all: a report as ${flags.as} is of one run; all runs are told --as openmetrics.`);
  if ((run === undefined) !== (flags.all === true))
    throw new UsageError("Expected a run, or --all --as openmetrics; `unplug runs` lists them.");
  const journal = openStateJournal(shell);
  try {
    const text =
      run === undefined ? await allMetrics(journal, shell) : await oneReport(run, flags.as, journal);
    if (flags.output === undefined) {
      shell.stdout.write(text);
      return exitCodes.done;
    }
    const was = await writeWhole(flags.output, text);
    if (was === "replaced") shell.stderr.write(`${flags.output}: the file that was there is replaced.\n`);
    return exitCodes.done;
  } finally {
    journal.close();
  }
}

async function oneReport(run: string, as: FormName, journal: Journal): Promise<string> {
  const { head, events } = await knownRun(run, journal);
  if (head.alive && !forms[as].early)
    throw new Refusal(
      `Run ${run} goes on, and has no verdict that could be told as ${as}.`,
      [],
      `Wait for its end, or end it with: unplug abort ${run}`,
    );
  return reportText(as, await reportInput(fold(events, newView(head.run)), events, head.alive));
}

/** Of every run that is over, also one whose process died. */
async function allMetrics(journal: Journal, shell: Shell): Promise<string> {
  const over = (await journal.runs()).filter(({ alive }) => !alive);
  const views: RunView[] = [];
  for (const { run } of over) {
    const tried = await tryRun(run, journal, (events) => maskedView(fold(events, newView(run))));
    if ("made" in tried) views.push(tried.made);
    else shell.stderr.write(`Run ${run} is left out, as it cannot be read: ${printable(tried.unreadable)}\n`);
  }
  return openMetrics(views, { unreadable: over.length - views.length });
}
