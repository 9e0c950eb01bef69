import type { EvidenceVerdict } from "../contract/evidence.ts";
import type { StepView } from "./run-view.ts";

const why: Readonly<Record<Exclude<EvidenceVerdict, "seen">, string>> = {
  absent: "there was traffic and no effect shows on",
  "no-traffic": "no traffic on",
  unreadable: "no readable channel for",
};

/** On what an injection rests, in words: the subjects where its effect was seen and why it was not on the others. */
export function groundsText({ evidence }: StepView): string {
  const seen = subjects(evidence.filter(({ verdict }) => verdict === "seen"));
  const unseen = (["absent", "no-traffic", "unreadable"] as const).flatMap((verdict) => {
    const mine = subjects(evidence.filter((item) => item.verdict === verdict)).filter(
      (subject) => !seen.includes(subject),
    );
    return mine.length === 0 ? [] : [`${why[verdict]} ${mine.join(", ")}`];
  });
  if (seen.length > 0) return [`effect seen on ${seen.join(", ")}`, ...unseen].join("; ");
  if (evidence.length === 0)
    return "state only: AWS says so, and nothing that could show the effect was read";
  return `state only: ${unseen.join("; ")}`;
}

function subjects(evidence: StepView["evidence"]): readonly string[] {
  return [...new Set(evidence.map(({ subject }) => subject))];
}
