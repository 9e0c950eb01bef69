import type { EventOf } from "../contract/events.ts";
import type { Experiment } from "../contract/experiment.ts";
import { probeKey, stopKey } from "../contract/probe.ts";
import type { CheckView, ProbeView, RunView } from "./run-view.ts";

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

/** Checks on their way into a view. */
export class GatheredChecks {
  readonly #byKey = new Map<string, CheckView[]>();

  /** Says whether its result is another than that of the check before: thousands that say the same are told once. */
  add(view: RunView, at: number, { probe: key, askedAt, check }: EventOf<"probe.checked">): boolean {
    const probe = view.probes.find((one) => one.key === key);
    if (probe === undefined) return false;
    const gathered = this.#byKey.get(key) ?? [];
    this.#byKey.set(key, gathered);
    const last = gathered.at(-1) ?? probe.checks.at(-1);
    gathered.push({ at, askedAt, ...check });
    return last?.result !== check.result;
  }

  /** The view with all of them; none is left here. */
  into(view: RunView): RunView {
    if (this.#byKey.size === 0) return view;
    const probes = view.probes.map((probe) => {
      const more = this.#byKey.get(probe.key);
      return more === undefined ? probe : { ...probe, checks: [...probe.checks, ...more] };
    });
    this.#byKey.clear();
    return { ...view, probes };
  }
}
