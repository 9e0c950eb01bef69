import { differences, driftWords } from "./change-text.ts";
import { failureText } from "./failure-text.ts";
import type { Finding } from "./findings.ts";
import { whatIsLeft } from "./left.ts";
import type { EditView, RunView, StepView } from "./run-view.ts";
import { stepSentence } from "./step-sentence.ts";
import { editTitle } from "./target-status.ts";

/** How each of a step's edits went out, where that was not as it should be, or took more. */
export function endFindings(view: RunView, step: StepView): readonly Finding[] {
  const mine = view.edits.filter((edit) => edit.step === step.name);
  const left = whatIsLeft(view).filter((item) => item.step === step.name);
  return [
    ...mine.flatMap((edit) => (edit.end === "drift" ? [driftFinding(view, edit)] : [])),
    ...mine.flatMap((edit) => (edit.end === "gone" ? [goneFinding(view, edit)] : [])),
    ...mine.flatMap((edit) => (edit.told === undefined ? [] : [besideFinding(view, edit, edit.told)])),
    ...mine.flatMap((edit) => (edit.keptAs === null ? [] : [keptFinding(view, edit, edit.keptAs)])),
    ...left.map(({ edit, title, text, status }) => ({
      kind: "left" as const,
      step: step.name,
      id: `${step.name}/left/${edit}`,
      answered: false,
      text: stepSentence(view, step.name, `${title}: ${text}.`),
      numbers: { edit, status },
    })),
  ];
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
    text: told !== undefined && view.steps.length === 1 ? sentence : stepSentence(view, edit.step, sentence),
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
    text: stepSentence(
      view,
      edit.step,
      `${editTitle(view, edit)} was deleted while the run went on; nothing of ours is left of it.`,
    ),
    numbers: { edit: edit.edit },
  };
}

function besideFinding(view: RunView, edit: EditView, told: string): Finding {
  return {
    kind: "beside" as const,
    step: edit.step,
    id: `${edit.step}/beside/${edit.edit}`,
    answered: true,
    text: stepSentence(view, edit.step, `to put back ${editTitle(view, edit)} took more: ${told}.`),
    numbers: { edit: edit.edit, told },
  };
}

function keptFinding(view: RunView, edit: EditView, what: string): Finding {
  const why = edit.failure === null ? "" : ` (${failureText(edit.failure)})`;
  return {
    kind: "kept" as const,
    step: edit.step,
    id: `${edit.step}/kept/${edit.edit}`,
    answered: true,
    text: stepSentence(
      view,
      edit.step,
      `${editTitle(view, edit)} stays, inert: ${what}; to take it out was not permitted${why}.`,
    ),
    numbers: { edit: edit.edit, what },
  };
}
