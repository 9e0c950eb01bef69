import { clockText } from "./clock-text.ts";
import type { PhaseName, RunView } from "./run-view.ts";

/** What a run is at, in words. */
export const phaseWords: Readonly<Record<PhaseName, string>> = {
  planning: "planning",
  ramp: "ramp",
  injecting: "injecting",
  confirming: "waiting for AWS to confirm",
  holding: "holding",
  restoring: "restoring",
  proving: "proving the restore",
  interval: "healthy interval",
  waiting: "waiting",
  watching: "watching the workload come back",
  finished: "finished",
};

/** One sentence for a run whose process goes on: what it is at, and what ends it. */
export function aliveText({ run, phase }: RunView): string {
  const until = phase.until === null ? "" : ` until ${clockText(phase.until)} UTC`;
  return `Run ${run} goes on: ${phaseWords[phase.name]}${until}; end it with: unplug abort ${run}`;
}
