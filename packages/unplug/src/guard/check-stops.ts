import { isSeriesExpectation } from "../contract/expectation.ts";
import type { ExperimentPlan, StepPlan } from "../contract/plan.ts";
import type { ProbeSpec } from "../contract/probe.ts";
import { matches } from "./pattern.ts";
import type { RuleFile } from "./rules.ts";
import { quotedList, told } from "./told.ts";

const RULE = ["require", "stopCondition"];

/** A required stop condition must be there, and must be able to end each hold before it ends by itself. */
export function stopProblems(
  file: RuleFile,
  steps: readonly StepPlan[],
  { experiment }: ExperimentPlan,
): readonly string[] {
  const wanted = file.rules.require.stopCondition;
  if (wanted === undefined) return [];
  const stops = experiment.stopConditions ?? [];
  const asked = stops.filter(({ type }) => wanted.some((one) => matches(one, type)));
  if (asked.length === 0) {
    const has =
      stops.length === 0
        ? "the experiment has none"
        : `the experiment has ${quotedList(stops.map(({ type }) => type))}`;
    return [told(file, RULE, `${has}; required is one of ${quotedList(wanted)}`)];
  }
  const able = asked.filter((spec) => voidedBy(spec) === null);
  if (able.length === 0)
    return asked.map((spec) => told(file, RULE, `${nameOf(spec)} can stop nothing: ${voidedBy(spec)}`));
  const quickest = able.reduce((best, spec) => (reachMs(spec) < reachMs(best) ? spec : best));
  return steps
    .filter(({ timing }) => reachMs(quickest) >= timing.holdMs)
    .map(({ step, timing }) => told(file, RULE, lateText(quickest, step.name, timing.holdMs)));
}

/** Why it never ends a run, however it is; null when it may. */
function voidedBy({ mode, expect, run }: ProbeSpec): string | null {
  if (mode !== "Continuous") return `it is asked in mode ${mode}; required is Continuous`;
  if (run.tolerate > 0)
    return `it tolerates that ${Math.round(run.tolerate * 1e4) / 100}% of its checks fail; required is 0%`;
  if (expect.every(isSeriesExpectation)) return "what it expects is judged only when the run is over";
  return null;
}

/** The longest time from the confirmation of a fault that breaks it to the end of the run. A first look lies before the injection. */
function reachMs({ run, lagMs }: ProbeSpec): number {
  return (
    lagMs + run.intervalMs + (run.attempts - 1) * Math.max(run.intervalMs, run.timeoutMs) + run.timeoutMs
  );
}

function lateText(spec: ProbeSpec, step: string, holdMs: number): string {
  const { intervalMs, attempts, timeoutMs } = spec.run;
  const parts = [
    `interval ${intervalMs / 1000} s`,
    `timeout ${timeoutMs / 1000} s`,
    ...(attempts > 1 ? [`attempts ${attempts}`] : []),
    ...(spec.lagMs > 0 ? [`lag ${spec.lagMs / 1000} s`] : []),
  ];
  return (
    `${nameOf(spec)} may need ${reachMs(spec) / 1000} s to stop the run (${parts.join(", ")}), ` +
    `and step "${step}" holds its fault for ${holdMs / 1000} s: make these less, or hold for longer`
  );
}

function nameOf({ name }: ProbeSpec): string {
  return `stop condition ${JSON.stringify(name)}`;
}
