import { isSeriesExpectation } from "./expectation.ts";
import { judgeSeries } from "./judge-series.ts";
import type { Check, CheckPhase, ProbeMode, ProbeSpec } from "./probe.ts";

export type ProbeVerdict = "passed" | "failed" | "errored" | "not-run";

export interface ProbeResult {
  readonly verdict: ProbeVerdict;
  /** Of the checks that count in its mode: how many passed, and of how many. */
  readonly passed: number;
  readonly judged: number;
  /** Why it did not pass, expected and got; null when it did. */
  readonly text: string | null;
}

/** When the fault of a probe's scope was in. Milliseconds since 1970; null: it was not. */
export interface FaultTimes {
  readonly confirmedAt: number | null;
  readonly restoredAt: number | null;
}

/** Which checks say something in a mode; all others are there to compare with. */
const phasesJudged: Readonly<Record<ProbeMode, readonly CheckPhase[]>> = {
  SOT: ["baseline"],
  EOT: ["after"],
  Edge: ["baseline", "after"],
  Continuous: ["baseline", "transition", "fault", "after"],
  OnChaos: ["fault"],
};

/** What all checks of a probe come to. A probe that errs is not a probe that failed. */
export function judgeProbe(spec: ProbeSpec, checks: readonly Check[], times: FaultTimes): ProbeResult {
  const counted = checks.filter(({ phase, result }) => result !== "missing" && counts(spec, phase));
  const failed = counted.filter(({ result }) => result === "failed");
  const errored = counted.filter(({ result }) => result === "errored");
  const passed = counted.length - failed.length - errored.length;
  const result = (verdict: ProbeVerdict, text: string | null) => ({
    verdict,
    passed,
    judged: counted.length,
    text,
  });
  const asked = checks.filter(({ phase }) => counts(spec, phase));
  if (asked.length === 0) return result("not-run", `there was no check ${whenOf[spec.mode]}`);
  // Half of a comparison is none: an abort came between, or the run never got there.
  const lacks = phasesJudged[spec.mode].filter(
    (phase) => spec.mode === "Edge" && !asked.some((check) => check.phase === phase),
  );
  const isCompared = spec.mode === "SOT" || asked.some(({ phase }) => phase !== "baseline");
  if (exceeds(failed.length, counted.length, spec))
    return result("failed", shareText(failed, counted.length, spec));
  const series = isCompared ? seriesComplaints(spec, checks, times) : [];
  const unmet = series.find(({ kind }) => kind === "unmet");
  // Beside those that failed: else a check that erred instead of failing would better the result.
  if (errored.length > 0 && exceeds(failed.length + errored.length, counted.length, spec))
    return result("errored", shareText(errored, counted.length, spec));
  if (unmet !== undefined) return result("failed", unmet.text);
  const unanswered = series.find(({ kind }) => kind === "unanswered");
  if (unanswered !== undefined) return result("errored", `${unanswered.text}, and it was waited for`);
  if (lacks.length > 0 || (!isCompared && spec.expect.some(isSeriesExpectation)))
    return result(
      "not-run",
      `it was checked ${lacks.includes("baseline") ? "after" : "before"} the fault only`,
    );
  if (counted.length === 0 && spec.expect.some((expectation) => !isSeriesExpectation(expectation)))
    return result("errored", `${asked.at(-1)?.text ?? "there was no data"}, and it was waited for`);
  return result("passed", null);
}

const whenOf: Readonly<Record<ProbeMode, string>> = {
  SOT: "before the fault",
  EOT: "after the restore",
  Edge: "before the fault and after the restore",
  Continuous: "at all",
  OnChaos: "while a fault was in",
};

function seriesComplaints(spec: ProbeSpec, checks: readonly Check[], times: FaultTimes) {
  const judged = spec.mode === "Continuous" ? "all" : spec.mode === "OnChaos" ? "fault" : "after";
  return spec.expect.filter(isSeriesExpectation).flatMap((expectation) => {
    const input = { checks, ...times, judged, missing: spec.missing } as const;
    const complaint = judgeSeries(expectation, input);
    return complaint === null ? [] : [complaint];
  });
}

/** Whether a check of that part of the experiment is one that the mode judges; all others are there to compare with. */
function counts({ mode }: ProbeSpec, phase: CheckPhase): boolean {
  return phasesJudged[mode].includes(phase);
}

/** More of them than the probe tolerates. */
export function exceeds(bad: number, of: number, { run }: ProbeSpec): boolean {
  return bad > 0 && bad > run.tolerate * of;
}

function shareText(bad: readonly Check[], of: number, { run }: ProbeSpec): string {
  const text = bad[0]?.text ?? "";
  if (of === 1) return text;
  const tolerated = run.tolerate === 0 ? "" : `, where ${run.tolerate * 100}% may`;
  const word = bad[0]?.result === "errored" ? "erred" : "failed";
  return `${text} (${bad.length} of ${of} checks ${word}${tolerated})`;
}
