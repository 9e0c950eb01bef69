import type { Window } from "../../contract/evidence.ts";
import type { ProbeView, RunView } from "../run-view.ts";
import { faultWindows } from "../windows.ts";

/** From the first that is known of a run to the last: every picture of it has the same axis. */
export function reportTime({ startedAt, lastAt, probes }: RunView): Window {
  let from = startedAt ?? lastAt ?? 0;
  let to = lastAt ?? from;
  // Late data tells of an earlier time than that at which it was asked for.
  for (const { checks } of probes)
    for (const { about } of checks) {
      from = Math.min(from, about);
      to = Math.max(to, about);
    }
  return { from, to: Math.max(to, from + 1) };
}

/** When a fault of the probe's scope was in. */
export function windowsOf(view: RunView, { step }: Pick<ProbeView, "step">): readonly Window[] {
  const names = step === null ? view.steps.map(({ name }) => name) : [step];
  return names.flatMap((name) => faultWindows(view, name));
}
