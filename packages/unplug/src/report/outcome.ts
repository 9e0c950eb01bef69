import { type ExitLine, exitLine } from "./exit-codes.ts";
import { failureText, isRefusal } from "./failure-text.ts";
import { type Finding, findings } from "./findings.ts";
import { isUntold, leftTitles } from "./left.ts";
import { type JudgedProbe, judgedProbes, resilienceScore } from "./probe-results.ts";
import { type RunView, remainingEdits, type StepView } from "./run-view.ts";

export type Verdict = "passed" | "failed" | "inconclusive" | "error" | "aborted";
export type InjectionOutcome = "confirmed" | "lost" | "failed" | "skipped";
export type Grounds = "state" | "effect";
export type HypothesisOutcome = "met" | "unmet" | "errored" | "none";
/** `not-begun`: its process died, or holds the fault still, and nothing was sent to take it out. */
export type RestoreOutcome = "proved" | "drifted" | "failed" | "not-begun" | "not-needed";

export interface StepOutcome {
  readonly injection: InjectionOutcome;
  readonly grounds: Grounds;
  readonly restore: RestoreOutcome;
}

export interface Outcome extends StepOutcome {
  readonly verdict: Verdict;
  readonly hypothesis: HypothesisOutcome;
  /** 0 to 100; null without a probe that was asked while anything was injected. */
  readonly resilienceScore: number | null;
  /** Why the verdict is not `passed`, the weightiest first; each a clause for people. Empty when it is. */
  readonly reasons: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * How a run ended: injection, hypothesis and restore, kept apart.
 *
 * It takes the events for all there will ever be: of a run that still goes on it says how it would stand if its
 * process died now.
 */
export function outcome(view: RunView): Outcome {
  // A restore by hand injected nothing: it has an experiment without steps.
  const isByHand = view.experiment?.steps.length === 0;
  const steps = isByHand ? [] : view.steps.filter(({ kind }) => kind === "fault");
  const outcomes = steps.map((step) => stepOutcome(view, step));
  const probes = judgedProbes(view);
  const { verdict, reasons } = judge(view, steps, probes);
  const hypothesis = hypothesisOf(view, probes);
  return {
    verdict,
    injection: injectionOfAll(outcomes.map(({ injection }) => injection)),
    grounds: groundsOfAll(outcomes),
    hypothesis,
    // Cut short, nobody knows how the rest would have been.
    resilienceScore: view.aborts.length > 0 && hypothesis === "none" ? null : resilienceScore(view),
    restore: restoreOf(view, null),
    reasons,
    findings: findings(view),
  };
}

export function stepOutcome(view: RunView, step: StepView): StepOutcome {
  return {
    injection: injectionOf(view, step),
    grounds: step.evidence.some(({ verdict }) => verdict === "seen") ? "effect" : "state",
    restore: restoreOf(view, step.name),
  };
}

/** The process's exit code, and what it means. Meaningless for a run that still goes on. */
export function exitOf(view: RunView): ExitLine {
  const { verdict, hypothesis, restore } = outcome(view);
  return exitLine({
    usage: false,
    left: restore === "failed" || restore === "not-begun" || isUntold(view),
    defect: view.defect,
    signals: view.aborts.flatMap(({ signal }) => (signal === null ? [] : [signal])),
    aborted: view.aborts.length > 0,
    unanswered: verdict === "error" || verdict === "inconclusive" || hypothesis === "errored",
    unmet: hypothesis === "unmet",
  });
}

export function exitCode(view: RunView): number {
  return exitOf(view).code;
}

function injectionOf(view: RunView, step: StepView): InjectionOutcome {
  const begun = step.iterations.filter(({ iteration }) =>
    view.edits.some((edit) => edit.step === step.name && edit.iteration === iteration),
  );
  const confirmed = step.iterations.some(({ confirmedAt }) => confirmedAt !== null);
  if (step.iterations.some(({ failure }) => failure !== null)) return "failed";
  if (step.iterations.some(({ lost }) => lost.length > 0)) return "lost";
  // An abort that comes before the confirmation is nobody's failure; a process that died there is.
  const cutShort = begun.some(({ confirmedAt }) => confirmedAt === null);
  if (cutShort && view.aborts.length === 0) return "failed";
  return confirmed ? "confirmed" : "skipped";
}

function injectionOfAll(all: readonly InjectionOutcome[]): InjectionOutcome {
  const worstFirst: readonly InjectionOutcome[] = ["failed", "lost", "confirmed"];
  return worstFirst.find((one) => all.includes(one)) ?? "skipped";
}

/** Effect is claimed for a run only when it was seen in every step that was injected. */
function groundsOfAll(outcomes: readonly StepOutcome[]): Grounds {
  const injected = outcomes.filter(({ injection }) => injection === "confirmed" || injection === "lost");
  return injected.length > 0 && injected.every(({ grounds }) => grounds === "effect") ? "effect" : "state";
}

function restoreOf(view: RunView, step: string | null): RestoreOutcome {
  const mine = view.edits.filter(
    (edit) => edit.status !== "refused" && edit.end !== "stays" && (step === null || edit.step === step),
  );
  if (mine.length === 0) return "not-needed";
  const left = remainingEdits(view).filter((edit) => step === null || edit.step === step);
  if (left.length > 0)
    return left.every(({ end, undo }) => end === "open" && undo === "none") ? "not-begun" : "failed";
  return mine.some(({ end }) => end === "drift" || end === "gone") ? "drifted" : "proved";
}

/** A probe that erred leaves it open; one that was never asked says nothing. */
function hypothesisOf(view: RunView, probes: readonly JudgedProbe[]): HypothesisOutcome {
  // Without a fault nothing was put to the test.
  if (!view.steps.some(wasInjected)) return "none";
  const verdicts = probes.map(({ result }) => result.verdict);
  if (verdicts.includes("errored")) return "errored";
  if (verdicts.includes("failed")) return "unmet";
  if (verdicts.includes("not-run") || view.aborts.length > 0) return "none";
  return verdicts.includes("passed") ? "met" : "none";
}

function judge(
  view: RunView,
  steps: readonly StepView[],
  probes: readonly JudgedProbe[],
): { verdict: Verdict; reasons: readonly string[] } {
  const restore = restoreOf(view, null);
  const isIn = restore === "failed" || restore === "not-begun";
  const stillIn = isIn ? [`not proved out: ${leftTitles(view)}`] : [];
  const broken = errors(view, steps);
  const injected = steps.some(wasInjected);
  const doubts = [
    ...(injected && view.finishedAt !== null ? probesThat("not-run", "was never asked", probes) : []),
    ...view.unsteady.flatMap(({ reasons }) => reasons),
    ...steps.flatMap((step) => doubtsOf(step, view.experiment?.requireEffect === true)),
  ];
  if (view.defect) return { verdict: "error", reasons: [...stillIn, ...broken] };
  if (view.aborts.length > 0) return { verdict: "aborted", reasons: [...stillIn, abortText(view)] };
  if (stillIn.length > 0) return { verdict: "error", reasons: [...stillIn, ...broken] };
  // What went wrong or is in doubt explains why the steps after it were skipped.
  const known = [...broken, ...doubts];
  const open = known.length > 0 ? known : steps.flatMap(skipsOf);
  const erred = probesThat("errored", "could not be judged", probes);
  const failed = probesThat("failed", "failed", probes);
  const reasons = [...open, ...erred, ...failed];
  if (doubts.length > 0 && broken.length === 0) return { verdict: "inconclusive", reasons };
  if (open.length > 0 || erred.length > 0) return { verdict: "error", reasons };
  return { verdict: failed.length > 0 ? "failed" : "passed", reasons };
}

/** Each names the probe, what was expected and what came: often the one line of a run that a CI's log shows. */
function probesThat(
  verdict: "errored" | "failed" | "not-run",
  word: string,
  probes: readonly JudgedProbe[],
): readonly string[] {
  return probes
    .filter(({ result }) => result.verdict === verdict)
    .map(({ spec, step, result }) => {
      const of = step === null ? "" : ` of ${step}`;
      return `probe "${spec.name}"${of} (${spec.mode}) ${word}: ${firstLine(result.text ?? "no reason given")}`;
    });
}

function errors(view: RunView, steps: readonly StepView[]): readonly string[] {
  const run = view.failures.flatMap(({ during, failure }) =>
    during === "run" ? [`${isRefusal(failure) ? "refused: " : ""}${firstLine(failureText(failure))}`] : [],
  );
  const journal =
    view.journalLost === null ? [] : [`the journal was lost: ${firstLine(failureText(view.journalLost))}`];
  const cut = view.finishedAt === null ? ["its process ended before the run did"] : [];
  return [...run, ...journal, ...cut, ...steps.flatMap((step) => errorsOf(view, step))];
}

function errorsOf(view: RunView, step: StepView): readonly string[] {
  if (step.state === "refused")
    return [`${step.name} was refused: ${firstLine(step.reason ?? "no reason given")}`];
  if (step.state === "skipped") return [];
  const failure = step.iterations.find((item) => item.failure !== null)?.failure;
  if (failure != null) return [`${step.name} was not injected: ${firstLine(failureText(failure))}`];
  const isLost = step.iterations.some(({ lost }) => lost.length > 0);
  const held = step.iterations.filter(({ holdEndedAt }) => holdEndedAt !== null).length;
  if (view.finishedAt === null || isLost || held >= Math.max(1, step.planned)) return [];
  return [`${step.name} was held in ${held} of ${Math.max(1, step.planned)} iterations`];
}

function wasInjected({ iterations }: StepView): boolean {
  return iterations.some(({ confirmedAt }) => confirmedAt !== null);
}

function skipsOf({ state, name, reason }: StepView): readonly string[] {
  return state === "skipped" ? [`${name} was skipped: ${firstLine(reason ?? "no reason given")}`] : [];
}

/** Why what was injected answers nothing. */
function doubtsOf(step: StepView, requireEffect: boolean): readonly string[] {
  const lost = step.iterations.some((item) => item.lost.length > 0);
  const seen = new Set(step.evidence.flatMap((item) => (item.verdict === "seen" ? [item.subject] : [])));
  const absent = step.evidence.filter((item) => item.verdict === "absent" && !seen.has(item.subject));
  const confirmed = step.iterations.some(({ confirmedAt }) => confirmedAt !== null);
  return [
    ...(lost ? [`${step.name} was lost in the hold`] : []),
    ...absent.map(({ text }) => `${step.name} shows no effect: ${firstLine(text)}`),
    ...(requireEffect && confirmed && seen.size === 0
      ? [`${step.name} rests on state alone, and an effect is required`]
      : []),
  ];
}

function abortText(view: RunView): string {
  const [first] = view.aborts;
  const leave = first?.leave === true ? ", leaving the fault in" : "";
  return `aborted by ${first?.by ?? "somebody"}${first?.signal == null ? "" : ` (${first.signal})`}${leave}`;
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").replace(/[.:]$/, "");
}
