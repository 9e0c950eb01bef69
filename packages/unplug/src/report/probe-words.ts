import { expectedText } from "../contract/expectation.ts";
import type { ProbeVerdict } from "../contract/judge-probe.ts";
import type { CheckResult, ProbeSpec } from "../contract/probe.ts";
import { type Outcome } from "./outcome.ts";
import { type JudgedProbe, judgedProbes } from "./probe-results.ts";
import type { RunView } from "./run-view.ts";

/** What a probe came to, in words. */
export const probeWords: Readonly<Record<ProbeVerdict, string>> = {
  passed: "passed",
  failed: "failed",
  errored: "could not be judged",
  "not-run": "was not judged",
};

/** What one check came to, in words. */
export const checkWords: Readonly<Record<CheckResult, string>> = {
  passed: "passed",
  failed: "failed",
  errored: "erred",
  missing: "has no data yet",
};

/** A resilience score in a word; the bands are those that are in common use. */
export function scoreBand(score: number): "excellent" | "good" | "moderate" | "poor" | "critical" {
  if (score >= 90) return "excellent";
  if (score >= 75) return "good";
  if (score >= 60) return "moderate";
  return score >= 40 ? "poor" : "critical";
}

/** `resilience score 66.7 (moderate)`; empty where there is none. */
export function scoreText(score: number | null): string {
  return score === null ? "" : `resilience score ${score} (${scoreBand(score)})`;
}

/** `statusCode: one of 200, 503`, one for each thing that a probe expects. */
export function expectations({ expect }: Pick<ProbeSpec, "expect">): readonly string[] {
  return expect.map((one) => `${one.measure}: ${expectedText(one)}`);
}

/** What the hypothesis came to: one line for all, then one for each probe that did not pass, with expected and got. */
export function hypothesisLines(
  view: RunView,
  { hypothesis, resilienceScore }: Outcome,
): readonly [string, ...string[]] {
  const probes = judgedProbes(view);
  const steady = view.unsteady.map(({ step, reasons }) => {
    const before = step === null ? "" : ` before ${step}`;
    return `the steady state was not there${before}, so nothing was injected: ${reasons.join("; ")}`;
  });
  if (probes.length === 0) return ["none stated", ...steady];
  const passed = probes.filter(({ result }) => result.verdict === "passed").length;
  const word = hypothesis === "none" ? "not judged" : hypothesis === "errored" ? "open" : hypothesis;
  const probesPassed = `${passed} of ${probes.length} ${probes.length === 1 ? "probe" : "probes"} passed`;
  const head = [probesPassed, scoreText(resilienceScore)].filter((text) => text !== "").join(", ");
  const others = probes.filter(({ result }) => result.verdict !== "passed");
  return [`${word}: ${head}`, ...steady, ...others.map(probeLine)];
}

/** `answers-fast of orders-pause (http, Continuous) failed: …`. */
export function probeLine({ spec, step, result }: JudgedProbe): string {
  const of = step === null ? "" : ` of ${step}`;
  const why = result.text === null ? "" : `: ${result.text}`;
  return `${spec.name}${of} (${spec.type}, ${spec.mode}) ${probeWords[result.verdict]}${why}`;
}
