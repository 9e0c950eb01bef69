import * as z from "zod";
import type { RunHead } from "../contract/journal.ts";
import { mendCommand, whatIsLeft } from "./left.ts";
import { exitCode, type InjectionOutcome, outcome, stepOutcome } from "./outcome.ts";
import { probeJson, probeJsonSchema } from "./probe-json.ts";
import { runState, stepState } from "./run-state.ts";
import { newView, type RunView, type StepView } from "./run-view.ts";

const instant = z.number().nullable().describe("Milliseconds since 1970");
const injection = z.enum(["confirmed", "lost", "failed", "skipped"]);
const grounds = z.enum(["state", "effect"]);
const restore = z.enum(["proved", "drifted", "failed", "not-begun", "not-needed"]);
const place = z.object({ account: z.string(), region: z.string(), endpoint: z.string().nullable() });

const target = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  status: z.enum([
    "untouched",
    "injecting",
    "unplugged",
    "lost",
    "restoring",
    "proved",
    "drift",
    "gone",
    "pending",
    "failed",
    "left",
    "unknown",
  ]),
  drift: z.array(z.object({ path: z.string(), before: z.json(), now: z.json() })),
});

const iteration = z.object({
  iteration: z.int(),
  startedAt: instant,
  intendedAt: instant,
  confirmedAt: instant,
  holdStartedAt: instant,
  until: instant,
  holdEndedAt: instant,
  overrunMs: z.number(),
  restoreStartedAt: instant,
  restoredAt: instant,
  endedAt: instant,
});

const step = z.object({
  name: z.string(),
  kind: z.enum(["fault", "wait"]),
  fault: z.string().nullable(),
  weight: z.number(),
  /** `cut-short`: its process died in it. */
  state: z.enum(["waiting", "running", "cut-short", "refused", "skipped", "done"]),
  reason: z.string().nullable(),
  place: place.nullable(),
  identity: z.string().nullable(),
  /** Null while it runs and nothing can be said yet. */
  injection: injection.nullable(),
  grounds,
  /** Null while it runs. */
  restore: restore.nullable(),
  targets: z.array(target),
  iterations: z.array(iteration),
  warnings: z.array(z.string()),
});

const finding = z.object({
  kind: z.string(),
  step: z.string(),
  id: z.string(),
  answered: z.boolean(),
  text: z.string(),
  numbers: z.record(z.string(), z.json()),
});

/** What `--format json` prints. Members are added, never renamed or removed. */
export const runJsonSchema = z.object({
  runId: z.string(),
  experiment: z.string().nullable(),
  version: z.string().nullable(),
  by: z.string().nullable(),
  startedAt: instant,
  finishedAt: instant,
  state: z.enum(["running", "finished", "unfinished"]),
  /** Null while it runs. */
  verdict: z.enum(["passed", "failed", "inconclusive", "error", "aborted"]).nullable(),
  /** Null while it runs and nothing can be said yet. */
  injection: injection.nullable(),
  grounds,
  hypothesis: z.enum(["met", "unmet", "errored", "none"]),
  /** Null while it runs. */
  restore: restore.nullable(),
  /** 0 to 100; null without probes. */
  resilienceScore: z.number().nullable(),
  steps: z.array(step),
  probes: z.array(probeJsonSchema),
  findings: z.array(finding),
  reasons: z.array(z.string()),
  left: z.array(
    z.object({ edit: z.int(), step: z.string(), title: z.string(), status: z.string(), text: z.string() }),
  ),
  /** The command that takes out what is left; null when nothing is. */
  mend: z.string().nullable(),
  /** Null while it runs. */
  exitCode: z.number().nullable(),
});

export type RunJson = z.output<typeof runJsonSchema>;

/** The run for machines; `alive` says that its process goes on, so that there is no verdict yet. */
export function runJson(view: RunView, { alive = false }: { readonly alive?: boolean } = {}): RunJson {
  const result = outcome(view);
  const state = runState(view, alive);
  const running = state === "running";
  const left = whatIsLeft(view);
  const json = {
    runId: view.run,
    experiment: view.experiment?.name ?? null,
    version: view.version,
    by: view.by,
    startedAt: view.startedAt,
    finishedAt: view.finishedAt,
    state,
    verdict: running ? null : result.verdict,
    injection: running ? soFar(result.injection) : result.injection,
    grounds: result.grounds,
    hypothesis: result.hypothesis,
    restore: running ? null : result.restore,
    resilienceScore: running ? null : result.resilienceScore,
    steps: view.steps.map((item) => stepJson(view, item, running)),
    probes: view.probes.map((probe) => probeJson(view, probe)),
    // What is still in is meant to be.
    findings: running ? result.findings.filter(({ kind }) => kind !== "left") : result.findings,
    reasons: running ? [] : result.reasons,
    left: running ? [] : left,
    mend: running || left.length === 0 ? null : mendCommand(view),
    exitCode: running ? null : exitCode(view),
  };
  // Through JSON, so that a number that is none cannot keep a run from being told.
  return runJsonSchema.parse(JSON.parse(JSON.stringify(json)));
}

/** A run of which the journal's list is all that can be read: what is not known is null or empty, and `unreadable` says why. */
export function unreadableJson(
  { run, startedAt, closed, alive }: RunHead,
  unreadable: string,
): RunJson & { readonly unreadable: string } {
  const state = closed ? "finished" : "unfinished";
  // As of one that runs, nothing is said of how it ended.
  const unknown = runJson(newView(run), { alive: true });
  return { ...unknown, startedAt, state: alive ? "running" : state, unreadable };
}

/** What has not been confirmed may be at any moment. */
function soFar(injection: InjectionOutcome): InjectionOutcome | null {
  return injection === "confirmed" || injection === "lost" ? injection : null;
}

function stepJson(view: RunView, item: StepView, running: boolean): object {
  const result = stepOutcome(view, item);
  return {
    ...item,
    ...result,
    ...(running ? { injection: soFar(result.injection), restore: null } : {}),
    state: stepState(item, running),
    targets: item.targets.map(({ ref, title, status, drift }) => ({
      id: ref.id,
      kind: ref.kind,
      title,
      status,
      drift: drift.map(({ path, before, after }) => ({ path, before, now: after })),
    })),
    iterations: item.iterations,
    warnings: item.warnings,
  };
}
