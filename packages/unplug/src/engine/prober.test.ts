import { describe, expect, it } from "vitest";
import { asked, checksOf, runProbed } from "../../../../test/support/probing.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep } from "../../../../test/support/stage.ts";
import type { Expectation } from "../contract/expectation.ts";
import type { ProbeIo } from "../contract/probe.ts";
import { fold } from "../report/fold.ts";
import { exitCode, outcome } from "../report/outcome.ts";

const fine: readonly Expectation[] = [{ measure: "value", operator: "==", value: "fine" }];
const isFine = () => ({ measures: { value: "fine" } });

/** `bad` while a fault is in. */
function brokenByFault(stage: Stage) {
  let isIn = false;
  stage.hooks.onEvent = (event) => {
    if (event.type === "inject.confirmed") isIn = true;
    if (event.type === "iteration.ended") isIn = false;
  };
  return () => ({ measures: { value: isIn ? "bad" : "fine" } });
}

describe("modes", () => {
  it("ask before, after, both, all the time, and while the fault is in", async () => {
    const stage = await Stage.of();
    const modes = ["SOT", "EOT", "Edge", "Continuous", "OnChaos"] as const;
    const probes = modes.map((mode) => asked(`p ${mode}`, mode, fine));
    const events = await runProbed(stage, [toggleStep()], { probes }, isFine);
    const phases = modes.map((mode) => checksOf(events, `p ${mode}`).map(({ phase }) => phase));
    expect(phases[0]).toEqual(["baseline"]);
    expect(phases[1]).toEqual(["after"]);
    expect(phases[2]).toEqual(["baseline", "after"]);
    expect(new Set(phases[3])).toEqual(new Set(["baseline", "transition", "fault", "after"]));
    expect(new Set(phases[4])).toEqual(new Set(["fault"]));
    expect(phases[4]?.length).toBe(30);
    expect(outcome(fold(events))).toMatchObject({
      hypothesis: "met",
      verdict: "passed",
      resilienceScore: 100,
    });
  });

  it("keep two results of one probe in two modes", async () => {
    const stage = await Stage.of();
    const probes = [asked("twice", "EOT", fine), asked("twice", "OnChaos", fine)];
    const events = await runProbed(stage, [toggleStep()], { probes }, brokenByFault(stage));
    const view = fold(events);
    expect(view.probes.map(({ checks }) => checks.map(({ result }) => result))).toEqual([
      ["passed"],
      Array.from({ length: 30 }, () => "failed"),
    ]);
    expect(outcome(view)).toMatchObject({ hypothesis: "unmet", verdict: "failed", resilienceScore: 50 });
    expect(exitCode(view)).toBe(1);
  });

  it("of a step are relative to that step", async () => {
    const stage = await Stage.of();
    const stepProbes = [asked("own", "OnChaos", fine), asked("end", "EOT", fine)];
    const events = await runProbed(stage, [toggleStep(), memoryStep()], { stepProbes }, isFine);
    const [first, second] = timesOf(events, "iteration.ended");
    expect(checksOf(events, "own").length).toBeGreaterThan(20);
    for (const { askedAt } of [...checksOf(events, "own"), ...checksOf(events, "end")])
      expect(askedAt).toBeLessThanOrEqual(first ?? 0);
    expect(second).toBeGreaterThan(first ?? 0);
  });
});

describe("a steady state that is not there", () => {
  it("is asked for as often as attempts says, and then nothing is injected", async () => {
    const stage = await Stage.of();
    const probes = [asked("steady", "SOT", fine, { run: { attempts: 3 } })];
    let times = 0;
    const events = await runProbed(stage, [toggleStep()], { probes }, () => {
      times += 1;
      return { measures: { value: "bad" } };
    });
    expect(times).toBe(3);
    expect(stage.writes("lambda:UpdateEventSourceMapping")).toEqual([]);
    const view = fold(events);
    expect(outcome(view)).toMatchObject({
      verdict: "inconclusive",
      injection: "skipped",
      hypothesis: "none",
    });
    expect(exitCode(view)).toBe(3);
    expect(outcome(view).reasons[0]).toContain(
      'the probe "steady" is not met before the fault: value is "bad", expected "fine"',
    );
  });
});

describe("a probe that hangs", () => {
  it("counts as failed after its timeout, and delays neither the fault nor the restore", async () => {
    const stage = await Stage.of();
    const probes = [asked("hangs", "OnChaos", fine), asked("other", "OnChaos", fine)];
    const settings = (io: ProbeIo, given: Readonly<Record<string, unknown>>) =>
      given["hang"] === true ? new Promise<never>(() => undefined) : isFine();
    const hanging = probes.map((probe, i) => ({ ...probe, settings: { hang: i === 0 } }));
    const events = await runProbed(stage, [toggleStep()], { probes: hanging }, settings);
    const plain = await (await Stage.of()).run(toggleStep());
    const held = (all: typeof events) =>
      (timesOf(all, "restore.started")[0] ?? 0) - (timesOf(all, "inject.confirmed")[0] ?? 0);
    expect(held(events)).toBe(held(plain));
    expect(checksOf(events, "hangs")[0]).toMatchObject({
      result: "failed",
      text: "there was no answer within 1 s",
    });
    expect(checksOf(events, "other").every(({ result }) => result === "passed")).toBe(true);
  });

  it("that throws errs, which is not a failure", async () => {
    const stage = await Stage.of();
    const probes = [asked("errs", "EOT", fine)];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => {
      throw new Error("no such host");
    });
    const view = fold(events);
    expect(outcome(view)).toMatchObject({ hypothesis: "errored", verdict: "error" });
    expect(exitCode(view)).toBe(3);
    expect(outcome(view).reasons).toEqual(['probe "errs" (EOT) could not be judged: no such host']);
  });
});

describe("what ends a run", () => {
  it("is a probe with stopOnFailure, within its interval, and everything is restored", async () => {
    const stage = await Stage.of();
    const probes = [asked("guard", "OnChaos", fine, { run: { stopOnFailure: true } })];
    const events = await runProbed(stage, [toggleStep()], { probes }, brokenByFault(stage));
    const [confirmed] = timesOf(events, "inject.confirmed");
    const [restoring] = timesOf(events, "restore.started");
    expect((restoring ?? 0) - (confirmed ?? 0)).toBeLessThanOrEqual(1_000);
    const view = fold(events);
    expect(outcome(view)).toMatchObject({ verdict: "aborted", restore: "proved", hypothesis: "unmet" });
    expect(exitCode(view)).toBe(5);
  });

  it("is a stop condition, which is no part of the hypothesis", async () => {
    const stage = await Stage.of();
    const stops = [asked("alarm", "Continuous", fine)];
    const events = await runProbed(stage, [toggleStep()], { stops }, brokenByFault(stage));
    const view = fold(events);
    expect(outcome(view)).toMatchObject({ verdict: "aborted", restore: "proved", hypothesis: "none" });
    expect(eventsOf(events, "abort.requested")[0]?.request.by).toBe(
      'stop condition "alarm": value is "bad", expected "fine"',
    );
    expect(exitCode(view)).toBe(5);
  });

  it("is a stop condition that cannot be read any more", async () => {
    const stage = await Stage.of();
    let times = 0;
    const events = await runProbed(
      stage,
      [toggleStep()],
      { stops: [asked("blind", "Continuous", fine)] },
      () => {
        times += 1;
        if (times > 3) throw new Error("access denied");
        return isFine();
      },
    );
    expect(eventsOf(events, "abort.requested")[0]?.request.by).toContain(
      "could not be read 3 times in a row",
    );
    expect(outcome(fold(events)).restore).toBe("proved");
  });

  it("before anything is injected is a stop condition that is not met", async () => {
    const stage = await Stage.of();
    const stops = [asked("alarm", "Continuous", fine)];
    const events = await runProbed(stage, [toggleStep()], { stops }, () => ({ measures: { value: "bad" } }));
    expect(stage.writes("lambda:UpdateEventSourceMapping")).toEqual([]);
    expect(exitCode(fold(events))).toBe(3);
  });
});

describe("data that comes late", () => {
  it("is judged for the window that it tells of, after a restore that did not wait for it", async () => {
    const stage = await Stage.of();
    const history: { at: number; value: string }[] = [];
    const now = brokenByFault(stage);
    const lagMs = 60_000;
    const probes = [asked("late", "OnChaos", fine, { lagMs })];
    const ticking = stage.clock;
    const note = () => history.push({ at: ticking.now(), value: String(now().measures.value) });
    const onEvent = stage.hooks.onEvent;
    stage.hooks.onEvent = (event, recorded) => {
      onEvent?.(event, recorded);
      note();
    };
    const events = await runProbed(stage, [toggleStep()], { probes }, (io) => {
      const then = history.findLast(({ at }) => at <= io.about);
      return { measures: { value: then?.value ?? "fine" } };
    });
    const checks = checksOf(events, "late");
    expect(checks).toHaveLength(30);
    expect(checks.every(({ phase, result }) => phase === "fault" && result === "failed")).toBe(true);
    expect(checks[0]?.askedAt).toBe((timesOf(events, "inject.confirmed")[0] ?? 0) + lagMs);
    const [restoring] = timesOf(events, "restore.started");
    expect((restoring ?? 0) - (timesOf(events, "inject.confirmed")[0] ?? 0)).toBeLessThan(31_000);
  });

  it("is asked for until it tells that all is back", async () => {
    const stage = await Stage.of();
    const out: number[] = [];
    stage.hooks.onEvent = (event) => {
      if (event.type === "iteration.ended") out.push(stage.clock.now());
    };
    const expected: Expectation = { measure: "value", operator: "returns", withinMs: 10_000 };
    const probes = [asked("back", "OnChaos", [expected], { lagMs: 60_000 })];
    const started = stage.clock.now();
    const events = await runProbed(stage, [toggleStep()], { probes }, ({ about }) => {
      const isIn = about > started + 5_000 && about < (out[0] ?? Number.POSITIVE_INFINITY) + 4_000;
      return { measures: { value: isIn ? 9 : 1 } };
    });
    const after = checksOf(events, "back").filter(({ phase }) => phase === "after");
    expect(after.map(({ measures }) => measures["value"])).toEqual([9, 9, 9, 9, 1]);
    expect(outcome(fold(events))).toMatchObject({ hypothesis: "met" });
  });
});

describe("series", () => {
  const rises: readonly Expectation[] = [
    { measure: "value", operator: "rises", value: { by: 5, unit: "absolute" } },
    { measure: "value", operator: "returns", withinMs: 20_000 },
  ];

  it("rise against a baseline taken before, and return in time after the restore", async () => {
    const stage = await Stage.of();
    let depth = 2;
    let drains = 0;
    stage.hooks.onEvent = (event) => {
      if (event.type === "inject.confirmed") drains = 1;
      if (event.type === "iteration.ended") drains = -6;
    };
    const probes = [asked("backlog", "OnChaos", rises)];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => {
      depth = Math.max(2, depth + drains);
      return { measures: { value: depth } };
    });
    expect(outcome(fold(events))).toMatchObject({ hypothesis: "met" });
    const checks = checksOf(events, "backlog");
    expect(checks.filter(({ phase }) => phase === "baseline")).toHaveLength(3);
    // Asked on until it is back, and no longer.
    expect(checks.filter(({ phase }) => phase === "after").length).toBeLessThan(10);
  });

  it("that never return fail when their time is over", async () => {
    const stage = await Stage.of();
    let depth = 2;
    stage.hooks.onEvent = (event) => {
      if (event.type === "inject.confirmed") depth = 50;
    };
    const probes = [asked("backlog", "OnChaos", rises)];
    const events = await runProbed(stage, [toggleStep()], { probes }, () => ({ measures: { value: depth } }));
    expect(outcome(fold(events)).reasons).toEqual([
      'probe "backlog" (OnChaos) failed: value was 2 before and 50 20 s after the restore, expected to be back where it was 20 s after the restore',
    ]);
  });
});

describe("steps that run together", () => {
  it("are in at the same time, and each is restored by itself", async () => {
    const stage = await Stage.of();
    const events = await runProbed(stage, [toggleStep(), memoryStep()], { parallel: true }, isFine);
    const [first, second] = timesOf(events, "inject.confirmed");
    expect(Math.abs((first ?? 0) - (second ?? 0))).toBeLessThan(10_000);
    expect(timesOf(events, "iteration.ended").every((at) => at > Math.max(first ?? 0, second ?? 0))).toBe(
      true,
    );
    expect(outcome(fold(events))).toMatchObject({ verdict: "passed", restore: "proved" });
    const numbers = eventsOf(events, "edit.intended").map(({ edit }) => edit);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("must not change the same thing", async () => {
    const stage = await Stage.of();
    const events = await runProbed(
      stage,
      [memoryStep(), { ...memoryStep() }],
      { parallel: true },
      isFine,
    ).catch((error: unknown) => error);
    expect(JSON.stringify(events)).toContain("Steps that run together must change different things.");
  });
});

it("a probe that could never be asked is refused before anything is asked of AWS", async () => {
  const stage = await Stage.of();
  const prepare = () => Promise.reject(new Error('There is no secret "token".'));
  const probing = { probes: [asked("page", "EOT", fine)], prepare };
  const events = await runProbed(stage, [toggleStep()], probing, isFine);
  expect(stage.calls).toEqual([]);
  expect(outcome(fold(events)).reasons).toEqual([
    'refused: Not every probe could be asked: probe "page": There is no secret "token"',
  ]);
  expect(eventsOf(events, "run.failed")[0]?.failure.message).toContain(
    '- probe "page": There is no secret "token".',
  );
});
