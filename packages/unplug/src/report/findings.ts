import type { Answer } from "../contract/evidence.ts";
import type { Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import { greatest, least } from "../contract/statistics.ts";
import { clockText, durationText } from "./clock-text.ts";
import { endFindings } from "./end-findings.ts";
import { probeFindings } from "./probe-findings.ts";
import { type IterationView, type RunView, remainingEdits, type StepView } from "./run-view.ts";
import { stepSentence } from "./step-sentence.ts";

export type FindingKind =
  | "confirm"
  | "window"
  | "overrun"
  | "lost"
  | "evidence"
  | "answer"
  | "probe"
  | "alarm"
  | "unasked"
  | "restore"
  | "drift"
  | "gone"
  | "kept"
  | "beside"
  | "left";

/** One answer that a run gives, or a question that it leaves open. */
export interface Finding {
  readonly kind: FindingKind;
  readonly step: string;
  /** `STEP/KIND…`, unique in the run and the same for the same events. */
  readonly id: string;
  readonly answered: boolean;
  /** One sentence for people. */
  readonly text: string;
  /** Instants are milliseconds since 1970, lengths end in `Ms`. */
  readonly numbers: Readonly<Record<string, Json>>;
}

/** What a run found, step by step: what the fault was, what it did, and how it went out again. */
export function findings(view: RunView): readonly Finding[] {
  return unique([
    ...view.steps.flatMap((step) => [
      ...confirmFinding(view, step),
      ...windowFinding(view, step),
      ...overrunFinding(view, step),
      ...lostFindings(view, step),
      ...step.evidence.map(({ channel, subject, verdict, text, numbers }) => ({
        kind: "evidence" as const,
        step: step.name,
        id: `${step.name}/evidence/${channel}/${subject}`,
        answered: verdict === "seen" || verdict === "absent",
        text,
        numbers: { ...numbers, channel, subject, verdict },
      })),
      ...step.answers.map((answer) => answerFinding(view, step, answer)),
      ...restoreFinding(view, step),
      ...endFindings(view, step),
    ]),
    ...probeFindings(view),
  ]);
}

/** How long AWS took from the first write that unplugs until all was in force. */
function confirmFinding(view: RunView, step: StepView): readonly Finding[] {
  const lengths = step.iterations.flatMap(({ intendedAt, confirmedAt }) =>
    intendedAt === null || confirmedAt === null ? [] : [confirmedAt - intendedAt],
  );
  if (lengths.length === 0) return [];
  return [
    {
      kind: "confirm" as const,
      step: step.name,
      id: `${step.name}/confirm`,
      answered: true,
      text: stepSentence(
        view,
        step.name,
        `the injection was confirmed ${spanText(lengths)} after its first write.`,
      ),
      numbers: { confirmMs: lengths },
    },
  ];
}

/** From the confirmation to the end of the hold. */
function windowFinding(view: RunView, step: StepView): readonly Finding[] {
  const windows = step.iterations.flatMap((item) => {
    const to = faultEnd(item);
    return item.confirmedAt === null || to === null
      ? []
      : [{ iteration: item.iteration, from: item.confirmedAt, to, ms: to - item.confirmedAt }];
  });
  const died = step.iterations.some(diedInHold);
  const [first] = windows;
  if (first === undefined) return [];
  const times = windows.length === 1 ? "" : ` in each of ${windows.length} iterations`;
  const when = windows.length === 1 ? ` (${clockText(first.from)} to ${clockText(first.to)} UTC)` : "";
  const length = spanText(windows.map(({ ms }) => ms));
  const ends = died
    ? "from the confirmation until the restore began; the run's process died meanwhile"
    : "from the confirmation to the end of the hold";
  return [
    {
      kind: "window" as const,
      step: step.name,
      id: `${step.name}/window`,
      answered: true,
      text: stepSentence(
        view,
        step.name,
        `unplugged for ${died ? "at most " : ""}${length}${times}, ${ends}${when}.`,
      ),
      numbers: { windows },
    },
  ];
}

function overrunFinding(view: RunView, step: StepView): readonly Finding[] {
  const longest = Math.max(0, ...step.iterations.map(({ overrunMs }) => overrunMs));
  // Below this it is the machine's own jitter.
  if (longest < 1000) return [];
  return [
    {
      kind: "overrun" as const,
      step: step.name,
      id: `${step.name}/overrun`,
      answered: true,
      text: stepSentence(
        view,
        step.name,
        `held ${durationText(longest)} longer than asked; the machine slept or was busy.`,
      ),
      numbers: { overrunMs: longest },
    },
  ];
}

function lostFindings(view: RunView, step: StepView): readonly Finding[] {
  return step.iterations.flatMap((item) =>
    item.lost.map(({ at, ref, reason, now }) => {
      const title = step.targets.find((target) => target.ref.id === ref.id)?.title ?? `${ref.kind} ${ref.id}`;
      const ms = item.confirmedAt === null ? null : at - item.confirmedAt;
      const window = ms === null ? "before it was confirmed" : `${durationText(ms)} after the confirmation`;
      return {
        kind: "lost" as const,
        step: step.name,
        id: `${step.name}/lost/${item.iteration}/${ref.id}`,
        answered: true,
        text: stepSentence(view, step.name, `${title} was lost ${window}: ${reason}.`),
        numbers: { at, effectiveMs: ms, now },
      };
    }),
  );
}

/** How long it took from the start of the restore until every target was read as it was. */
function restoreFinding(view: RunView, step: StepView): readonly Finding[] {
  const begun = step.iterations.filter(({ restoreStartedAt }) => restoreStartedAt !== null);
  if (begun.length === 0) return [];
  const lengths = begun.flatMap(({ restoreStartedAt, restoredAt }) =>
    restoreStartedAt === null || restoredAt === null ? [] : [restoredAt - restoreStartedAt],
  );
  const longest = Math.max(
    0,
    ...begun.map((item) => (item.restoredAt ?? 0) - (item.intendedAt ?? item.startedAt)),
  );
  const left = remainingEdits(view).some((edit) => edit.step === step.name);
  const told = left ? "the restore is not proved." : `the restore took ${spanText(lengths)} to be proved.`;
  const text = stepSentence(view, step.name, told);
  const numbers = { restoreMs: lengths, longestUnprovedMs: left ? null : longest };
  return [
    { kind: "restore" as const, step: step.name, id: `${step.name}/restore`, answered: !left, text, numbers },
  ];
}

function answerFinding(view: RunView, step: StepView, answer: Answer): Finding {
  const { about, subject, answered, text, grounds, numbers } = answer;
  return {
    kind: "answer" as const,
    step: step.name,
    id: `${step.name}/answer/${about}/${subject}`,
    answered,
    // A name keeps its letters.
    text:
      text.startsWith(`${subject} `) && view.steps.length === 1 ? text : stepSentence(view, step.name, text),
    numbers: { ...numbers, about, subject, grounds },
  };
}

/** The end of the hold, or the loss of the last target that was still unplugged. */
function faultEnd({ targets, holdEndedAt, lost, restoreStartedAt }: IterationView): number | null {
  const allLost = lost.length > 0 && new Set(lost.map(({ ref }) => refKey(ref))).size >= targets.length;
  return (allLost ? lost.at(-1)?.at : undefined) ?? holdEndedAt ?? restoreStartedAt;
}

/** Its process noted the confirmation and never the end of the hold: only a later restore ended it. */
function diedInHold({ confirmedAt, holdEndedAt, restoreStartedAt, endedAt }: IterationView): boolean {
  return confirmedAt !== null && holdEndedAt === null && endedAt === null && restoreStartedAt !== null;
}

function spanText(lengths: readonly number[]): string {
  if (lengths.length === 0) return "an unknown time";
  const [low, high] = [least(lengths), greatest(lengths)].map(durationText);
  return low === high ? `${low}` : `${low} to ${high}`;
}

function unique(all: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>();
  return all.map((finding) => {
    const count = (seen.get(finding.id) ?? 0) + 1;
    seen.set(finding.id, count);
    return count === 1 ? finding : { ...finding, id: `${finding.id}/${count}` };
  });
}
