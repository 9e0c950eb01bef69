import type { Experiment } from "../contract/experiment.ts";
import type { Recorded } from "../contract/journal.ts";
import { runExperiment } from "../engine/run.ts";
import type { Loaded } from "../load/load-experiment.ts";
import { fold } from "../report/fold.ts";
import { exitCode } from "../report/outcome.ts";
import { planText } from "../report/plan-text.ts";
import { runJson } from "../report/run-json.ts";
import { newView, type RunView } from "../report/run-view.ts";
import { summaryText } from "../report/summary-text.ts";
import { awsHints } from "./aws-hints.ts";
import { explain } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { freshRunId } from "./fresh-run-id.ts";
import { announceLeftovers } from "./leftovers.ts";
import { lookOf } from "./look.ts";
import { makeOutFolder, writeOut } from "./out-folder.ts";
import { assembleParts, openStateJournal } from "./parts.ts";
import { openProgress } from "./progress.ts";
import { reportInput } from "./report-input.ts";
import type { Shell, Stream } from "./shell.ts";
import { listenForSignals } from "./signals.ts";
import { sparingMemory } from "./sparing-memory.ts";
import { whoami } from "./whoami.ts";

export interface RunFlags {
  readonly requireEffect?: boolean;
  readonly restoreLeftovers?: boolean;
  readonly out?: string;
  readonly format: string;
}

/** Runs an experiment from its plan to its report, and answers its exit code. */
export async function perform(loaded: Loaded, flags: RunFlags, shell: Shell): Promise<number> {
  const experiment = {
    ...loaded.experiment,
    requireEffect: loaded.experiment.requireEffect || flags.requireEffect === true,
  };
  for (const notice of loaded.notices) shell.stderr.write(`${notice}\n`);
  if (flags.out !== undefined) {
    const replaced = await makeOutFolder(flags.out);
    if (replaced.length > 0)
      shell.stderr.write(`--out ${flags.out}: ${replaced.join(", ")} of before will be replaced.\n`);
  }
  const journal = openStateJournal(shell);
  using atEnd = new DisposableStack();
  atEnd.defer(() => journal.close());
  const known = await journal.runs();
  if (flags.restoreLeftovers !== true) announceLeftovers(known, shell.stderr);
  const taken = known.map(({ run }) => run);
  const run = freshRunId(taken);
  const people = flags.format === "human" ? shell.stdout : shell.stderr;
  const { events, defect } = await carryOut({ experiment, run, flags, shell, journal, people, atEnd });
  const view = fold(events, newView(run));
  await report(view, events, { flags, shell, people });
  if (defect === null) return exitCode(view);
  people.write(`${explain(defect, shell.env["UNPLUG_DEBUG"] === "1").lines.join("\n")}\n`);
  return exitCode(view) === exitCodes.left ? exitCodes.left : exitCodes.defect;
}

interface Undertaking {
  readonly experiment: Experiment;
  readonly run: string;
  readonly flags: RunFlags;
  readonly shell: Shell;
  readonly journal: ReturnType<typeof openStateJournal>;
  readonly people: Stream;
  /** What is to be done when the report, too, is written. */
  readonly atEnd: DisposableStack;
}

async function carryOut({ experiment, run, flags, shell, journal, people, atEnd }: Undertaking): Promise<{
  events: readonly Recorded[];
  defect: unknown;
}> {
  const progress = openProgress({ run, stream: people, env: shell.env, now: () => Date.now() });
  let over = false;
  const say = (text: string) => {
    if (!over) progress.say(text);
  };
  const interruption = listenForSignals({
    by: whoami(),
    onFirst: (name) => say(`${name}: nothing more is injected; what is unplugged is being put back.`),
    onRepeat: (name) =>
      say(`${name} again: still putting back what is unplugged; it is retried, and never skipped.`),
  });
  // One that comes while the report is written must not cut it short.
  atEnd.defer(() => interruption.close());
  const onEvent = (recorded: Recorded) => {
    progress.event(recorded);
    if (flags.format === "ndjson") shell.stdout.write(`${JSON.stringify({ run, ...recorded })}\n`);
  };
  try {
    const parts = assembleParts(shell, journal, onEvent);
    const events = await runExperiment(
      experiment,
      {
        run,
        signal: interruption.signal,
        onPlan: (plan) => progress.say(planText(plan, lookOf(people, shell.env), { brief: true })),
        restoreLeftovers: flags.restoreLeftovers === true,
      },
      { ...parts, connect: sparingMemory(parts.connect) },
    );
    return { events, defect: interruption.defect() };
  } finally {
    over = true;
    progress.close();
  }
}

async function report(
  view: RunView,
  events: readonly Recorded[],
  { flags, shell, people }: { flags: RunFlags; shell: Shell; people: Stream },
): Promise<void> {
  people.write(`\n${summaryText(view, lookOf(people, shell.env)).trimEnd()}\n`);
  for (const hint of awsHints(view.failures.map(({ failure }) => failure))) people.write(`${hint}\n`);
  const result = `${JSON.stringify(runJson(view), null, 2)}\n`;
  if (flags.format === "json") shell.stdout.write(result);
  if (flags.out === undefined) return;
  const reports = await reportInput(view, events, false);
  const problem = await writeOut(flags.out, { result, events, summary: summaryText(view), reports });
  if (problem !== null) shell.stderr.write(`${problem}\n`);
}
