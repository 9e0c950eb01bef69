import type { Answer } from "../contract/evidence.ts";
import type { Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import { greatest, least } from "../contract/statistics.ts";
import { differences, driftWords } from "./change-text.ts";
import { clockText, durationText } from "./clock-text.ts";
import { failureText } from "./failure-text.ts";
import { whatIsLeft } from "./left.ts";
import { probeFindings } from "./probe-findings.ts";
import {
  type EditView,
  type IterationView,
  type RunView,
  remainingEdits,
  type StepView,
} from "./run-view.ts";
import { editTitle } from "./target-status.ts";

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
      text: of(view, step.name, `the injection was confirmed ${spanText(lengths)} after its first write.`),
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
      text: of(view, step.name, `unplugged for ${died ? "at most " : ""}${length}${times}, ${ends}${when}.`),
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
      text: of(
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
        text: of(view, step.name, `${title} was lost ${window}: ${reason}.`),
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
  const text = of(view, step.name, told);
  const numbers = { restoreMs: lengths, longestUnprovedMs: left ? null : longest };
  return [
    { kind: "restore" as const, step: step.name, id: `${step.name}/restore`, answered: !left, text, numbers },
  ];
}

function endFindings(view: RunView, step: StepView): readonly Finding[] {
  const mine = view.edits.filter((edit) => edit.step === step.name);
  const left = whatIsLeft(view).filter((item) => item.step === step.name);
  return [
    ...mine.flatMap((edit) => (edit.end === "drift" ? [driftFinding(view, edit)] : [])),
    ...mine.flatMap((edit) => (edit.end === "gone" ? [goneFinding(view, edit)] : [])),
    ...mine.flatMap((edit) => (edit.keptAs === null ? [] : [keptFinding(view, edit, edit.keptAs)])),
    ...left.map(({ edit, title, text, status }) => ({
      kind: "left" as const,
      step: step.name,
      id: `${step.name}/left/${edit}`,
      answered: false,
      text: of(view, step.name, `${title}: ${text}.`),
      numbers: { edit, status },
    })),
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
    text: text.startsWith(`${subject} `) && view.steps.length === 1 ? text : of(view, step.name, text),
    numbers: { ...numbers, about, subject, grounds },
  };
}

function driftFinding(view: RunView, edit: EditView): Finding {
  const changes = differences(edit.drift?.before ?? null, edit.drift?.now ?? null);
  const words = changes.length === 0 ? "it changed and changed back" : driftWords(changes).join("; ");
  const told = edit.drift?.told;
  const title = editTitle(view, edit);
  const sentence =
    told === undefined
      ? `somebody else changed ${title}: ${words}. Our part is out; nothing of theirs was overwritten.`
      : `${title}: ${told}. Our part is out; nothing of anybody else's was overwritten.`;
  return {
    kind: "drift" as const,
    step: edit.step,
    id: `${edit.step}/drift/${edit.edit}`,
    answered: true,
    // A name keeps its letters.
    text: told !== undefined && view.steps.length === 1 ? sentence : of(view, edit.step, sentence),
    numbers: {
      edit: edit.edit,
      changes: changes.map(({ path, before, after }) => ({ path, before, now: after })),
    },
  };
}

function goneFinding(view: RunView, edit: EditView): Finding {
  return {
    kind: "gone" as const,
    step: edit.step,
    id: `${edit.step}/gone/${edit.edit}`,
    answered: true,
    text: of(
      view,
      edit.step,
      `${editTitle(view, edit)} was deleted while the run went on; nothing of ours is left of it.`,
    ),
    numbers: { edit: edit.edit },
  };
}

function keptFinding(view: RunView, edit: EditView, what: string): Finding {
  const why = edit.failure === null ? "" : ` (${failureText(edit.failure)})`;
  return {
    kind: "kept" as const,
    step: edit.step,
    id: `${edit.step}/kept/${edit.edit}`,
    answered: true,
    text: of(
      view,
      edit.step,
      `${editTitle(view, edit)} stays, inert: ${what}; to take it out was not permitted${why}.`,
    ),
    numbers: { edit: edit.edit, what },
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

/** A sentence about a step; where there is but one, nobody needs its name. */
function of({ steps }: RunView, step: string, sentence: string): string {
  return steps.length === 1
    ? `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`
    : `${step}: ${sentence}`;
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
