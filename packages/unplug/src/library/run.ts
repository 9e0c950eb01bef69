import { readFile } from "node:fs/promises";
import { stringify } from "yaml";
import { freshRunId } from "../cli/fresh-run-id.ts";
import { assembleParts, openStateJournal } from "../cli/parts.ts";
import type { Recorded } from "../contract/journal.ts";
import type { ExperimentPlan } from "../contract/plan.ts";
import { planChecked } from "../engine/plan.ts";
import { restoreRun } from "../engine/restore-run.ts";
import { runExperiment } from "../engine/run.ts";
import { builtinFaults } from "../faults/index.ts";
import { type Loaded, loadExperiment } from "../load/load-experiment.ts";
import type { Environment } from "../load/variables.ts";
import { builtinProbes } from "../probes/index.ts";
import { fold } from "../report/fold.ts";
import { type RunJson, runJson } from "../report/run-json.ts";
import { newView } from "../report/run-view.ts";
import { lastLine, summaryText } from "../report/summary-text.ts";
import type { ExperimentDocument } from "./experiment-document.ts";

export interface RunSettings {
  /** Instead of the process's own: `UNPLUG_HOME`, `AWS_REGION`, `AWS_ENDPOINT_URL` and all else that the command reads. */
  readonly env?: Environment;
  /** Values of `${NAME}`, before those of the environment. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Changes of tunables: `{"db-outage.TOTAL_CHAOS_DURATION": 10}`. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Inconclusive unless the effect was seen. */
  readonly requireEffect?: boolean;
  /** Aborts the run; whatever is unplugged is restored, and the run resolves. */
  readonly signal?: AbortSignal;
  /** Called with each event once it is durable. */
  readonly onEvent?: (recorded: Recorded) => void;
  /** Restores first what any dead run left. */
  readonly restoreLeftovers?: boolean;
}

/** What `--format json` prints, with what it was made from. */
export interface RunResult extends RunJson {
  readonly events: readonly Recorded[];
  /** The end of the run for people. */
  readonly summary: string;
  /** The same in one line. */
  readonly line: string;
}

/**
 * Runs an experiment, from a file's path or a document, and resolves when all is restored: what happened is in the result.
 *
 * Throws InvalidExperiment before anything is called. A process that dies in it leaves a run that `unplug restore` finishes.
 */
export async function run(
  experiment: string | URL | ExperimentDocument,
  settings: RunSettings = {},
): Promise<RunResult> {
  const env = settings.env ?? process.env;
  const loaded = await load(experiment, settings, env);
  const stated = {
    ...loaded.experiment,
    requireEffect: loaded.experiment.requireEffect || settings.requireEffect === true,
  };
  using journal = closing(openStateJournal({ env }));
  const id = freshRunId((await journal.open.runs()).map((head) => head.run));
  const events = await runExperiment(
    stated,
    {
      run: id,
      signal: settings.signal ?? new AbortController().signal,
      restoreLeftovers: settings.restoreLeftovers === true,
    },
    assembleParts({ env }, journal.open, settings.onEvent),
  );
  return resultOf(id, events);
}

/** What a run would call and change; changes nothing. Throws InvalidExperiment, Refusal or AwsError. */
export async function plan(
  experiment: string | URL | ExperimentDocument,
  settings: Omit<RunSettings, "onEvent" | "restoreLeftovers" | "requireEffect"> = {},
): Promise<ExperimentPlan> {
  const env = settings.env ?? process.env;
  const loaded = await load(experiment, settings, env);
  using journal = closing(openStateJournal({ env }));
  const signal = settings.signal ?? new AbortController().signal;
  return await planChecked(loaded.experiment, "plan", assembleParts({ env }, journal.open), signal);
}

/** Finishes what a dead run left, and resolves to all that is known of it then. Throws Refusal. */
export async function restore(runId: string, settings: Pick<RunSettings, "env"> = {}): Promise<RunResult> {
  const env = settings.env ?? process.env;
  using journal = closing(openStateJournal({ env }));
  await restoreRun(runId, assembleParts({ env }, journal.open));
  return resultOf(runId, await journal.open.read(runId));
}

function resultOf(id: string, events: readonly Recorded[]): RunResult {
  const view = fold(events, newView(id));
  return { ...runJson(view), events, summary: summaryText(view), line: lastLine(view) };
}

async function load(
  experiment: string | URL | ExperimentDocument,
  { vars = {}, set = {} }: Pick<RunSettings, "vars" | "set">,
  env: Environment,
): Promise<Loaded> {
  const isFile = typeof experiment === "string" || experiment instanceof URL;
  const document = isFile ? null : { apiVersion: "unplug.dev/v1", kind: "Experiment", ...experiment };
  return loadExperiment({
    file: isFile ? String(experiment) : "experiment",
    text: isFile ? await readFile(experiment, "utf8") : stringify(document),
    faults: builtinFaults,
    probes: builtinProbes,
    env,
    vars: new Map(Object.entries(vars)),
    sets: Object.entries(set).map(([name, value]) => `${name}=${value}`),
  });
}

function closing<T extends { close(): void }>(open: T): { readonly open: T } & Disposable {
  return { open, [Symbol.dispose]: () => open.close() };
}
