import type { RunView } from "./run-view.ts";

/** A sentence about a step; where there is but one, nobody needs its name. */
export function stepSentence({ steps }: RunView, step: string, sentence: string): string {
  return steps.length === 1
    ? `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`
    : `${step}: ${sentence}`;
}
