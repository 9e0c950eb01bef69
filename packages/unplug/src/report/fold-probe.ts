import type { EventOf } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { probeKey, stopKey } from "../contract/probe.ts";
import type { ProbeView, RunView } from "./run-view.ts";

/** All probes of an experiment, none of them asked yet. */
export function probesOf({ probes = [], stopConditions = [], steps }: Experiment): readonly ProbeView[] {
  return [
    ...stopConditions.map((spec) => ({ key: stopKey(spec), step: null, role: "stop" as const, spec })),
    ...probes.map((spec) => ({ key: probeKey(null, spec), step: null, role: "hypothesis" as const, spec })),
    ...steps.flatMap((step) =>
      (step.kind === "fault" ? (step.probes ?? []) : []).map((spec) => ({
        key: probeKey(step.name, spec),
        step: step.name,
        role: "hypothesis" as const,
        spec,
      })),
    ),
  ].map((probe) => ({ ...probe, checks: [] }));
}

export function foldProbe(
  view: RunView,
  at: number,
  event: EventOf<"probe.checked" | "steady.absent">,
): RunView {
  if (event.type === "steady.absent") {
    const { step, reasons } = event;
    return { ...view, unsteady: [...view.unsteady, { at, step, reasons }] };
  }
  const { probe: key, askedAt, check } = event;
  const probes = view.probes.map((probe) =>
    probe.key === key ? { ...probe, checks: [...probe.checks, { at, askedAt, ...check }] } : probe,
  );
  return { ...view, probes };
}
