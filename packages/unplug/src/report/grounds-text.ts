import type { EvidenceVerdict } from "../contract/evidence.ts";
import type { RunView, StepView } from "./run-view.ts";

const why: Readonly<Record<Exclude<EvidenceVerdict, "seen">, string>> = {
  absent: "there was traffic and no effect shows on",
  "no-traffic": "no traffic on",
  unreadable: "no readable channel for",
};

/** On what an injection rests, in words: the subjects where its effect was seen and why it was not on the others. */
export function groundsText(view: RunView, step: StepView): string {
  const { evidence } = step;
  const seen = subjects(evidence.filter(({ verdict }) => verdict === "seen"));
  const unseen = (["absent", "no-traffic", "unreadable"] as const).flatMap((verdict) => {
    const mine = subjects(evidence.filter((item) => item.verdict === verdict)).filter(
      (subject) => !seen.includes(subject),
    );
    return mine.length === 0 ? [] : [`${why[verdict]} ${some(mine)}`];
  });
  if (seen.length > 0) return [`effect seen on ${some(seen)}`, ...unseen].join("; ");
  // The iteration's own process notes its end, even after an abort.
  if (evidence.length === 0 && step.iterations.some(({ endedAt }) => endedAt === null))
    return "state only: AWS says so; its process died before the effect was judged";
  if (evidence.length === 0 && cutShort(view, step))
    return "state only: AWS says so; aborted before the effect was judged";
  if (evidence.length === 0)
    return "state only: AWS says so, and nothing that could show the effect was read";
  return `state only: ${unseen.join("; ")}`;
}

/** An abort ends the step that is under way: one after which another began was over by then. */
function cutShort({ aborts, steps }: RunView, step: StepView): boolean {
  const later = steps.slice(steps.indexOf(step) + 1);
  return aborts.length > 0 && !later.some(({ iterations }) => iterations.length > 0);
}

function subjects(evidence: StepView["evidence"]): readonly string[] {
  return [...new Set(evidence.map(({ subject }) => subject))];
}

/** A thousand subjects tell nobody anything; each has a finding of its own. */
function some(all: readonly string[]): string {
  return all.length <= 5 ? all.join(", ") : `${all.slice(0, 3).join(", ")} and ${all.length - 3} more`;
}
