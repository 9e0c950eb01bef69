import type { TimedSample, Window, Windows } from "../contract/evidence.ts";
import type { Recorded } from "../contract/journal.ts";

/** When a step's fault was in force, and the measures taken around it; null when it never was. */
export function windowsOf(
  step: string,
  events: readonly Recorded[],
): { windows: Windows | null; samples: readonly TimedSample[] } {
  const mine = events.filter(({ event }) => "step" in event && event.step === step);
  const faults: Window[] = [];
  let from: number | null = null;
  for (const { at, event } of mine) {
    if (event.type === "inject.confirmed") from = at;
    if (from !== null && (event.type === "restore.started" || event.type === "iteration.ended")) {
      faults.push({ from, to: at });
      from = null;
    }
  }
  const samples = mine.flatMap(({ at, event }) =>
    event.type === "sampled" ? event.samples.map((one) => ({ ...one, at })) : [],
  );
  const [first, last] = [faults[0], faults.at(-1)];
  if (first === undefined || last === undefined) return { windows: null, samples };
  const started = events[0]?.at ?? first.from;
  // Proved, or given up: what the workload does from here on is its own doing.
  const restored = mine.findLast(({ event }) => event.type === "iteration.ended")?.at ?? last.to;
  const ended = Math.max(events.at(-1)?.at ?? restored, restored);
  return {
    windows: { baseline: { from: started, to: first.from }, faults, after: { from: restored, to: ended } },
    samples,
  };
}
