import { describe, expect, it } from "vitest";
import { asked, checksOf, runProbed } from "../../../../test/support/probing.ts";
import { rails } from "../../../../test/support/rails.ts";
import { eventsOf, memoryStep, Stage, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { Expectation } from "../contract/expectation.ts";
import type { ProbeMode, ProbeSpec } from "../contract/probe.ts";
import { fold } from "../report/fold.ts";
import { exitCode } from "../report/outcome.ts";

const SECOND = 1000;
const fine: readonly Expectation[] = [{ measure: "value", operator: "==", value: "fine" }];
const rises: readonly Expectation[] = [
  { measure: "value", operator: "rises", value: { by: 1, unit: "absolute" } },
];
const stop = (run: Partial<ProbeSpec["run"]> = {}, more: Partial<Omit<ProbeSpec, "run">> = {}) =>
  asked("alarm", "Continuous", fine, { ...more, run });
const inMode = (mode: ProbeMode) => asked("alarm", mode, fine);

/** A run of 30 s whose fault breaks what its stop conditions ask for. */
async function broken(stops: readonly ProbeSpec[], rule: string, steps = [toggleStep()]) {
  const stage = await Stage.of();
  let isIn = false;
  stage.hooks.onEvent = (event) => {
    if (event.type === "inject.confirmed") isIn = true;
  };
  return await runProbed(stage, steps, { stops, guardRails: rails(rule) }, () => ({
    measures: { value: isIn ? "bad" : "fine" },
  }));
}

const required = '{ require: { stopCondition: ["*"] } }';

describe("a stop condition that guard rails require", () => {
  it.each([
    ["asked each second", stop()],
    ["asked late in the hold", stop({ intervalMs: 28 * SECOND })],
    ["tried several times", stop({ attempts: 10, intervalMs: 2 * SECOND })],
    ["of late data", stop({}, { lagMs: 20 * SECOND })],
    [
      "whose first look is longer away than the hold, as nothing is injected before it",
      stop({ initialDelayMs: 90 * SECOND }),
    ],
  ])("ends the run in the hold: %s", async (_, spec) => {
    const events = await broken([spec], required);
    expect(eventsOf(events, "inject.confirmed")).toHaveLength(1);
    expect(eventsOf(events, "abort.requested")[0]?.request.by).toContain('stop condition "alarm"');
    expect(exitCode(fold(events))).toBe(5);
  });

  it.each([
    [
      "asked too seldom",
      stop({ intervalMs: 29 * SECOND }),
      "may need 30 s to stop the run (interval 29 s, timeout 1 s)",
    ],
    ["tried too often", stop({ attempts: 29 }), "(interval 1 s, timeout 1 s, attempts 29)"],
    [
      "that waits too long for an answer",
      stop({ timeoutMs: 600 * SECOND }),
      "may need 601 s to stop the run",
    ],
    ["of data that comes too late", stop({}, { lagMs: 60 * SECOND }), "timeout 1 s, lag 60 s)"],
    ["that tolerates failures", stop({ tolerate: 1 }), "tolerates that 100% of its checks fail"],
    ["asked at the end", inMode("EOT"), 'stop condition "alarm" can stop nothing: it is asked in mode EOT'],
    ["asked now and then", inMode("OnChaos"), "mode OnChaos; required is Continuous"],
    ["judged at the end", asked("alarm", "Continuous", rises), "is judged only when the run is over"],
    ["that expects nothing", asked("alarm", "Continuous", []), "is judged only when the run is over"],
  ])("is refused where it cannot end the hold: %s", async (_, spec, message) => {
    const events = await broken([spec], required);
    expect(typesOf(events)).not.toContain("edit.intended");
    const [failed] = eventsOf(events, "run.failed");
    expect(failed?.failure.message).toContain("rails-1.yaml:3:20: require.stopCondition: ");
    expect(failed?.failure.message).toContain(message);
  });

  it("has to be able to end each step of a run", async () => {
    const events = await broken([stop({ intervalMs: 10 * SECOND })], required, [
      toggleStep(),
      memoryStep({ TOTAL_CHAOS_DURATION: 5 }),
    ]);
    const [failed] = eventsOf(events, "run.failed");
    expect(failed?.failure.message).toContain("holds its fault for 5 s");
    expect(failed?.failure.message).not.toContain("holds its fault for 30 s");
  });

  it("is enough beside others that end nothing", async () => {
    const events = await broken([inMode("EOT"), { ...stop(), name: "other" }], required);
    expect(eventsOf(events, "abort.requested")[0]?.request.by).toContain('"other"');
    expect(checksOf(events, "other").length).toBeGreaterThan(1);
  });

  it("is one of a type that they ask for", async () => {
    const rule = '{ require: { stopCondition: ["cloudwatch*"] } }';
    const events = await broken([stop()], rule);
    expect(eventsOf(events, "run.failed")[0]?.failure.message).toContain('the experiment has "told"');
  });

  it("may be as it likes where none is required", async () => {
    const events = await broken([stop({ intervalMs: 29 * SECOND })], "{}");
    expect(eventsOf(events, "run.failed")).toEqual([]);
  });

  it("makes a run as long as it is waited for", async () => {
    const rule = "{ limit: { run: 2m } }";
    const [failed] = eventsOf(await broken([stop({ initialDelayMs: 90 * SECOND })], rule), "run.failed");
    expect(failed?.failure.message).toContain("limit.run: the whole run takes about 124 s");
  });
});
