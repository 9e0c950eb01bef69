import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import type { Event } from "../contract/events.ts";
import type { Recorded } from "../contract/journal.ts";
import type { Check, CheckPhase, CheckResult, ProbeMode, ProbeSpec } from "../contract/probe.ts";
import { probeKey, probeModes } from "../contract/probe.ts";
import { fold } from "./fold.ts";
import { outcome, type Verdict } from "./outcome.ts";
import { judgedProbes } from "./probe-results.ts";
import { probeSpec } from "./probed.fixture.ts";
import { type Entry, faultStep, planned, record, start } from "./recorded.fixture.ts";
import type { RunView } from "./run-view.ts";

interface ProbeModel {
  /** Index of its step; null: the run's own. */
  readonly step: number | null;
  readonly tolerate: number;
  readonly mode: ProbeMode;
  readonly results: readonly CheckResult[];
  /** Of each result. */
  readonly phases: readonly CheckPhase[];
}

type StepEnd = "injected" | "skipped" | "unsteady";

interface RunModel {
  readonly steps: readonly { readonly weight: number; readonly end: StepEnd }[];
  readonly probes: readonly ProbeModel[];
  /** The whole run had no steady state. */
  readonly isUnsteady: boolean;
  readonly requireEffect: boolean;
}

const results: readonly CheckResult[] = ["passed", "failed", "errored", "missing"];
const phases: readonly CheckPhase[] = ["baseline", "transition", "fault", "after"];
const MOST_CHECKS = 6;

const anyRun: fc.Arbitrary<RunModel> = fc
  .array(
    fc.record({
      weight: fc.integer({ min: 1, max: 10 }),
      end: fc.constantFrom<StepEnd>("injected", "injected", "skipped", "unsteady"),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .chain((steps) =>
    fc.record({
      steps: fc.constant(steps),
      requireEffect: fc.boolean(),
      isUnsteady: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      probes: fc.array(
        fc.record({
          step: fc.option(fc.integer({ min: 0, max: steps.length - 1 })),
          tolerate: fc.constantFrom(0, 0.05, 0.34, 0.5, 1),
          mode: fc.constantFrom(...probeModes),
          results: fc.array(fc.constantFrom(...results), { maxLength: MOST_CHECKS }),
          phases: fc
            .array(fc.constantFrom(...phases), { minLength: MOST_CHECKS, maxLength: MOST_CHECKS })
            .map((all) => all.toSorted((a, b) => phases.indexOf(a) - phases.indexOf(b))),
        }),
        { maxLength: 5 },
      ),
    }),
  );

/** A run of which one probe is to get worse. */
const runAndProbe = anyRun
  .filter(({ probes }) => probes.length > 0)
  .chain((run) => fc.tuple(fc.constant(run), fc.nat(run.probes.length - 1)));

function eventsOf({ steps, probes, requireEffect, isUnsteady }: RunModel): readonly Recorded[] {
  const specs = probes.map(({ tolerate, mode }, i): ProbeSpec => {
    const spec = probeSpec(`p${i}`, { mode });
    return { ...spec, run: { ...spec.run, tolerate } };
  });
  const of = (step: number | null) => specs.filter((_, i) => probes[i]?.step === step);
  const faultSteps = steps.map(({ weight }, i) => ({ ...faultStep(`s${i}`), weight, probes: of(i) }));
  const [[, started] = [0, null]] = start(faultSteps, requireEffect);
  if (started?.type !== "run.started") throw new Error("The fixture starts a run.");
  const begun: Event = { ...started, experiment: { ...started.experiment, probes: of(null) } };
  return record([
    [0, begun],
    ...(isUnsteady ? [unsteady(null)] : []),
    ...steps.flatMap(({ end }, i) => stepEntries(`s${i}`, end)),
    ...probes.flatMap((probe, i) => checkEntries(probe, specs[i])),
    [60, { type: "run.finished" }],
    [60, { type: "run.closed" }],
  ]);
}

const viewOf = (run: RunModel): RunView => fold(eventsOf(run));

function unsteady(step: string | null): Entry {
  return [1, { type: "steady.absent", step, reasons: ["it was not there"] }];
}

function stepEntries(step: string, end: StepEnd): readonly Entry[] {
  if (end !== "injected") {
    const skipped: Entry = [2, { type: "step.skipped", step, reason: "it was not wanted" }];
    return end === "unsteady" ? [unsteady(step), skipped] : [skipped];
  }
  const iteration = 1;
  return [
    planned(step, 1, []),
    [3, { type: "iteration.started", step, iteration, targets: [] }],
    [4, { type: "inject.confirmed", step, iteration }],
    [34, { type: "hold.ended", step, iteration, overrunMs: 0 }],
    [36, { type: "iteration.ended", step, iteration }],
  ];
}

function checkEntries(
  { step, results: all, phases: of }: ProbeModel,
  spec: ProbeSpec | undefined,
): readonly Entry[] {
  if (spec === undefined) return [];
  const key = probeKey(step === null ? null : `s${step}`, spec);
  return all.map((result, i): Entry => {
    const text = result === "passed" ? null : "it is not as expected";
    const phase = of[i] ?? "fault";
    const check: Check = { phase, result, measures: {}, about: 10_000 + i, attempts: 1, text };
    return [10 + i, { type: "probe.checked", probe: key, askedAt: 10_000 + i, check }];
  });
}

function withResults(
  run: RunModel,
  which: number,
  change: (all: readonly CheckResult[]) => readonly CheckResult[],
): RunModel {
  return {
    ...run,
    probes: run.probes.map((probe, i) =>
      i === which ? { ...probe, results: change(probe.results) } : probe,
    ),
  };
}

function verdictOf(view: RunView | undefined, which: number): string | undefined {
  if (view === undefined) return undefined;
  return judgedProbes(view).find(({ spec }) => spec.name === `p${which}`)?.result.verdict;
}

/** No score says nothing: to have one is neither better nor worse, and none is lost by what gets worse. */
function expectNoHigher(worse: number | null, than: number | null): void {
  if (than === null) return;
  expect(worse).not.toBeNull();
  expect(worse).toBeLessThanOrEqual(than);
}

/** From the best to the worst. */
const ranks: Readonly<Record<Verdict, number>> = {
  passed: 0,
  failed: 1,
  inconclusive: 2,
  error: 2,
  aborted: 3,
};

test("a score is from 0 to 100, and there is none where nothing was judged", () => {
  fc.assert(
    fc.property(anyRun, (run) => {
      const { resilienceScore } = outcome(viewOf(run));
      if (resilienceScore === null) return;
      expect(resilienceScore).toBeGreaterThanOrEqual(0);
      expect(resilienceScore).toBeLessThanOrEqual(100);
    }),
  );
});

test("a probe that gets worse, passed to failed to errored, never raises the score nor betters the verdict", () => {
  fc.assert(
    fc.property(runAndProbe, ([run, which]) => {
      const views = (["passed", "failed", "errored"] as const).map((result) =>
        viewOf(withResults(run, which, () => [result, result])),
      );
      const outcomes = views.map(outcome);
      for (const [i, { resilienceScore }] of outcomes.slice(1).entries())
        expectNoHigher(resilienceScore, outcomes[i]?.resilienceScore ?? null);
      // Half of a comparison is open while it is well, and a failure when it is not: that answers more.
      const verdicts = outcomes
        .filter((_, i) => verdictOf(views[i], which) !== "not-run")
        .map(({ verdict }) => ranks[verdict]);
      expect(verdicts).toEqual(verdicts.toSorted((a, b) => a - b));
    }),
  );
});

test("a check that gets worse never makes a probe pass that did not, nor raises the score", () => {
  fc.assert(
    fc.property(runAndProbe, fc.nat(5), ([run, which], at) => {
      const worse = { passed: "failed", failed: "errored", errored: "errored", missing: "missing" } as const;
      const after = withResults(run, which, (all) => all.map((one, i) => (i === at ? worse[one] : one)));
      const [one, other] = [viewOf(run), viewOf(after)];
      const passes = (view: RunView) =>
        judgedProbes(view).filter(({ result }) => result.verdict === "passed").length;
      expect(passes(other)).toBeLessThanOrEqual(passes(one));
      expectNoHigher(outcome(other).resilienceScore, outcome(one).resilienceScore);
      if (outcome(one).verdict !== "passed") expect(outcome(other).verdict).not.toBe("passed");
    }),
  );
});

test("a step without its steady state is one of which nothing held, and a run without it has no score", () => {
  const passed: ProbeModel = {
    step: null,
    tolerate: 0,
    mode: "Continuous",
    results: ["passed", "passed"],
    phases: ["baseline", "fault"],
  };
  const steps = [
    { weight: 6, end: "injected" },
    { weight: 2, end: "unsteady" },
    { weight: 9, end: "skipped" },
  ] as const;
  const run: RunModel = { steps, probes: [passed], requireEffect: false, isUnsteady: false };
  expect(outcome(viewOf(run)).resilienceScore).toBe(75);
  expect(outcome(viewOf({ ...run, isUnsteady: true })).resilienceScore).toBeNull();
  expect(outcome(viewOf({ ...run, steps: steps.slice(1) })).resilienceScore).toBe(0);
  expect(outcome(viewOf({ ...run, steps: steps.slice(2) })).resilienceScore).toBeNull();
});

test("a step that loses its steady state never raises the score", () => {
  fc.assert(
    fc.property(anyRun, fc.nat(3), (run, which) => {
      const steps = run.steps.map((step, i) => (i === which ? { ...step, end: "unsteady" as const } : step));
      expectNoHigher(
        outcome(viewOf({ ...run, steps })).resilienceScore,
        outcome(viewOf(run)).resilienceScore,
      );
    }),
  );
});

test("folding the rest of a run onto its beginning is folding all of it", () => {
  fc.assert(
    fc.property(anyRun, fc.nat(40), (run, cut) => {
      const events = eventsOf(run);
      expect(fold(events.slice(cut), fold(events.slice(0, cut)))).toEqual(fold(events));
    }),
  );
});
