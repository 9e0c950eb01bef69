import type { Window } from "../contract/evidence.ts";
import { findStep, type RunView } from "./run-view.ts";

/**
 * When a step's fault was in, for plots: from each confirmation to the end of its hold.
 *
 * A fault that is in now, or whose end nobody saw, lasts until the last event.
 */
export function faultWindows(view: RunView, step: string): readonly Window[] {
  const iterations = findStep(view, step)?.iterations ?? [];
  return iterations.flatMap(({ confirmedAt, holdEndedAt, restoreStartedAt }) => {
    if (confirmedAt === null) return [];
    return [{ from: confirmedAt, to: holdEndedAt ?? restoreStartedAt ?? view.lastAt ?? confirmedAt }];
  });
}
