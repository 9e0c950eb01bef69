import { describe, expect, it } from "vitest";
import { asked, checksOf, runProbed } from "../../../../test/support/probing.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep } from "../../../../test/support/stage.ts";
import type { Expectation } from "../contract/expectation.ts";
import { fold } from "../report/fold.ts";
import { exitCode, outcome } from "../report/outcome.ts";

const SECOND = 1000;
const fine: readonly Expectation[] = [{ measure: "value", operator: "==", value: "fine" }];
const says = (value: string | number | null) => ({ measures: { value } });

/** What is true from an instant on, counted from the start of the run. */
function from(stage: Stage, ms: number): () => boolean {
  const start = stage.clock.now();
  return () => stage.clock.now() - start >= ms;
}

describe("a stop condition", () => {
  it("that is broken in the ramp keeps the fault from being injected", async () => {
    const stage = await Stage.of();
    const isBad = from(stage, 20 * SECOND);
    const stops = [asked("alarm", "Continuous", fine, { run: { intervalMs: 5 * SECOND } })];
    const events = await runProbed(stage, [toggleStep({ RAMP_TIME: 60 })], { stops }, () =>
      says(isBad() ? "bad" : "fine"),
    );
    expect(eventsOf(events, "inject.confirmed")).toEqual([]);
    expect(exitCode(fold(events))).toBe(5);
  });

  it("without data is as blind as one that errs", async () => {
    const stage = await Stage.of();
    const isGone = from(stage, 10 * SECOND);
    const stops = [asked("alarm", "Continuous", fine, { missing: "wait" })];
    const events = await runProbed(stage, [toggleStep()], { stops }, () => says(isGone() ? null : "fine"));
    expect(eventsOf(events, "abort.requested")[0]?.request.by).toContain(
      "could not be read 3 times in a row",
    );
  });

  it("that breaks when all is proved out ends nothing any more", async () => {
    const stage = await Stage.of();
    let isOut = false;
    stage.hooks.onEvent = (event) => {
      if (event.type === "iteration.ended") isOut = true;
    };
    const stops = [asked("alarm", "Continuous", fine)];
    const probes = [asked("late", "OnChaos", fine, { lagMs: 60 * SECOND })];
    const events = await runProbed(stage, [toggleStep()], { stops, probes }, ({ about }) =>
      says(isOut && about === stage.clock.now() ? "bad" : "fine"),
    );
    expect(eventsOf(events, "abort.requested")).toEqual([]);
    expect(checksOf(events, "late")).toHaveLength(30);
  });
});

describe("before the fault", () => {
  it("a steady state without data is none", async () => {
    const stage = await Stage.of();
    const probes = [asked("steady", "SOT", fine, { missing: "wait" })];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => says(null));
    expect(eventsOf(events, "inject.confirmed")).toEqual([]);
    expect(exitCode(fold(events))).toBe(3);
  });

  it("what is to hold all the time has to hold, and is not asked about its end", async () => {
    const stage = await Stage.of();
    const probes = [asked("always", "Continuous", fine), asked("end", "EOT", fine, { lagMs: 60 * SECOND })];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => says("bad"));
    expect(eventsOf(events, "inject.confirmed")).toEqual([]);
    expect(checksOf(events, "end")).toEqual([]);
    expect(outcome(fold(events))).toMatchObject({ verdict: "inconclusive", hypothesis: "none" });
  });

  it("a baseline that cannot be had keeps the fault out", async () => {
    const stage = await Stage.of();
    const rises: readonly Expectation[] = [
      { measure: "value", operator: "rises", value: { by: 1, unit: "absolute" } },
    ];
    const events = await runProbed(stage, [toggleStep()], { probes: [asked("m", "OnChaos", rises)] }, () => {
      throw new Error("refused");
    });
    expect(eventsOf(events, "steady.absent")[0]?.reasons).toEqual([
      'the probe "m" could not be asked before the fault: refused',
    ]);
  });

  it("all baselines of steps that run together are taken before any of them is injected", async () => {
    const stage = await Stage.of();
    const stepProbes = [
      asked(
        "slow",
        "OnChaos",
        [{ measure: "value", operator: "rises", value: { by: 5, unit: "absolute" } }],
        {
          run: { intervalMs: 5 * SECOND },
        },
      ),
    ];
    let isIn = false;
    stage.hooks.onEvent = (event) => {
      if (event.type === "inject.confirmed") isIn = true;
    };
    const events = await runProbed(stage, [toggleStep(), memoryStep()], { stepProbes, parallel: true }, () =>
      says(isIn ? 10 : 0),
    );
    const before = checksOf(events, "slow").filter(({ phase }) => phase === "baseline");
    expect(before.map(({ measures }) => measures["value"])).toEqual([0, 0, 0]);
  });

  it("a step's late baseline is not of the step before it", async () => {
    const stage = await Stage.of();
    const lagMs = 60 * SECOND;
    const late = asked(
      "late",
      "OnChaos",
      [{ measure: "value", operator: "rises", value: { by: 1, unit: "absolute" } }],
      { lagMs },
    );
    let window: { from: number; to: number } | null = null;
    stage.hooks.onEvent = (event, { at }) => {
      if (event.type === "inject.confirmed" && window === null)
        window = { from: at, to: Number.POSITIVE_INFINITY };
      if (event.type === "iteration.ended" && window?.to === Number.POSITIVE_INFINITY)
        window = { ...window, to: at };
    };
    const events = await runProbed(stage, [memoryStep(), toggleStep()], { lastProbes: [late] }, ({ about }) =>
      says(window !== null && about >= window.from && about < window.to ? 10 : 0),
    );
    const before = checksOf(events, "late").filter(({ phase }) => phase === "baseline");
    expect(before.map(({ measures }) => measures["value"])).toEqual([0, 0, 0]);
  });
});

describe("at the edges of a fault", () => {
  it("an attempt after it says nothing of it", async () => {
    const stage = await Stage.of();
    let isBad = false;
    stage.hooks.onEvent = (event) => {
      if (event.type === "inject.confirmed") isBad = true;
      if (event.type === "iteration.ended") isBad = false;
    };
    const probes = [asked("p", "OnChaos", fine, { run: { attempts: 3, intervalMs: 20 * SECOND } })];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => says(isBad ? "bad" : "fine"));
    expect(outcome(fold(events))).toMatchObject({ verdict: "failed" });
  });

  it("what becomes so within a time is waited for that long, after the hold too", async () => {
    const stage = await Stage.of();
    let since = Number.POSITIVE_INFINITY;
    stage.hooks.onEvent = (event, { at }) => {
      if (event.type === "inject.confirmed") since = at;
    };
    const fires: readonly Expectation[] = [
      { measure: "value", operator: "becomes", value: "ALARM", withinMs: 120 * SECOND },
    ];
    const probes = [asked("alarm", "OnChaos", fires)];
    const tell = () => says(stage.clock.now() - since >= 60 * SECOND ? "ALARM" : "OK");
    const events = await runProbed(stage, [toggleStep()], { probes }, tell);
    expect(outcome(fold(events))).toMatchObject({ verdict: "passed" });
    const [restoring] = timesOf(events, "restore.started");
    expect((restoring ?? 0) - since).toBe(30 * SECOND);
  });

  it("a probe that was never asked leaves the run inconclusive", async () => {
    const stage = await Stage.of();
    const probes = [asked("never", "OnChaos", fine, { run: { initialDelayMs: 29_999 } })];
    const latency = (io: { phase: string }) => says(io.phase === "fault" ? "bad" : "fine");
    const events = await runProbed(stage, [toggleStep()], { probes }, latency);
    expect(["inconclusive", "failed"]).toContain(outcome(fold(events)).verdict);
    const refused = await runProbed(
      await Stage.of(),
      [toggleStep()],
      { probes: [asked("never", "OnChaos", fine, { run: { initialDelayMs: 40 * SECOND } })] },
      latency,
    );
    expect(outcome(fold(refused)).reasons[0]).toContain(
      "Not every probe would be asked while the fault is in",
    );
  });

  it("a long interval does not hold the run after the restore", async () => {
    const stage = await Stage.of();
    const probes = [
      asked("slow", "Continuous", fine, { lagMs: 60 * SECOND, run: { intervalMs: 3_600 * SECOND } }),
    ];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => says("fine"));
    const [ended] = timesOf(events, "iteration.ended");
    const [finished] = timesOf(events, "run.finished");
    expect((finished ?? 0) - (ended ?? 0)).toBeLessThanOrEqual(61 * SECOND);
  });
});

it("nobody is asked any more when a run has ended, by a defect too", async () => {
  const stage = await Stage.of();
  let times = 0;
  stage.hooks.onEvent = () => undefined;
  const probes = [asked("p", "Continuous", fine)];
  const events = await runProbed(stage, [toggleStep()], { probes }, () => {
    times += 1;
    return says("fine");
  });
  const then = times;
  await stage.clock.pass(100 * SECOND);
  expect(times).toBe(then);
  expect(outcome(fold(events)).verdict).toBe("passed");
});
