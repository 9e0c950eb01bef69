import { judgeProbe, type ProbeResult } from "../contract/judge-probe.ts";
import { greatest, least } from "../contract/statistics.ts";
import type { ProbeView, RunView, StepView } from "./run-view.ts";

export interface JudgedProbe extends ProbeView {
  readonly result: ProbeResult;
}

/** All probes of the hypothesis, each with what its checks come to. */
export function judgedProbes(view: RunView): readonly JudgedProbe[] {
  return view.probes
    .filter(({ role }) => role === "hypothesis")
    .map((probe) => ({ ...probe, result: probeResult(view, probe) }));
}

export function probeResult(view: RunView, { step, spec, checks }: ProbeView): ProbeResult {
  const iterations = view.steps
    .filter(({ name }) => step === null || name === step)
    .flatMap((one) => one.iterations);
  const confirmed = iterations.flatMap(({ confirmedAt }) => (confirmedAt === null ? [] : [confirmedAt]));
  const restored = iterations.map(({ restoredAt }) => restoredAt);
  const isRestored = restored.length > 0 && restored.every((at) => at !== null);
  return judgeProbe(spec, checks, {
    confirmedAt: confirmed.length === 0 ? null : least(confirmed),
    restoredAt: isRestored ? greatest(restored.map((at) => at ?? 0)) : null,
  });
}

/**
 * How much of what was expected held, 0 to 100: of each step that was injected the share of its probes that passed, weighted.
 *
 * A run's own probes count for every step. One that erred has not passed; one that was never asked, and a step that was not
 * injected, count for nothing; a step that was not injected because it had no steady state counts, and nothing of it held.
 * Null where nothing counts, and where the whole run had no steady state.
 */
export function resilienceScore(view: RunView): number | null {
  if (view.unsteady.some(({ step }) => step === null)) return null;
  const probes = judgedProbes(view).filter(({ result }) => result.verdict !== "not-run");
  const scored = view.steps.flatMap((one) => {
    const { name, weight } = one;
    if (view.unsteady.some(({ step }) => step === name)) return [{ weight, share: 0 }];
    if (!wasInjected(one)) return [];
    const own = probes.filter(({ step }) => step === null || step === name);
    if (own.length === 0) return [];
    const passed = own.filter(({ result }) => result.verdict === "passed").length;
    return [{ weight, share: passed / own.length }];
  });
  const weights = scored.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0) return null;
  const sum = scored.reduce((total, { weight, share }) => total + weight * share, 0);
  return Math.round((1000 * sum) / weights) / 10;
}

function wasInjected({ iterations }: StepView): boolean {
  return iterations.some(({ confirmedAt }) => confirmedAt !== null);
}
