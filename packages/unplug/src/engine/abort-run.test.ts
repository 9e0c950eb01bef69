import { describe, expect, it } from "vitest";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { AbortRequest, EventType } from "../contract/events.ts";
import { openEdits } from "./open-edits.ts";

const request: AbortRequest = { by: "tester", signal: "SIGINT", leave: false };

const phases: readonly EventType[] = [
  "run.started",
  "step.planned",
  "ramp.started",
  "iteration.started",
  "edit.intended",
  "edit.made",
  "inject.confirmed",
  "hold.started",
  "sampled",
  "hold.ended",
  "restore.started",
  "undo.intended",
  "undone",
  "proved",
  "iteration.ended",
  "interval.started",
];

describe("an abort by a signal", () => {
  it.each(phases)("at %s injects nothing more and puts everything back", async (phase) => {
    let aborted = false;
    const stage = await Stage.of({
      // Answers take their time, so that writes are under way when the abort comes.
      latency: () => 300,
      onEvent: ({ type }) => {
        if (type === phase && !aborted) {
          aborted = true;
          stage.controller.abort(request);
        }
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ RAMP_TIME: 5, SEQUENCE: "serial", CHAOS_INTERVAL: 5 }));
    expect(aborted).toBe(true);
    expect(eventsOf(events, "abort.requested")).toEqual([{ type: "abort.requested", request }]);
    const at = typesOf(events).indexOf("abort.requested");
    expect(typesOf(events).slice(at)).not.toContain("edit.intended");
    expect(openEdits(events)).toEqual([]);
    expect(typesOf(events).slice(-2)).toEqual(["run.finished", "run.closed"]);
    expect(typesOf(events)).not.toContain("run.failed");
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("before the plan calls nothing that changes anything", async () => {
    const stage = await Stage.of();
    stage.controller.abort(request);
    const events = await stage.run(toggleStep());
    expect(stage.calls).toEqual([]);
    expect(typesOf(events)).toContain("abort.requested");
    expect(typesOf(events).slice(-2)).toEqual(["run.finished", "run.closed"]);
  });

  it("while a write is under way awaits its answer, journals it, then undoes it", async () => {
    const stage = await Stage.of({
      latency: ({ action, input }) => {
        if (action !== "lambda:UpdateEventSourceMapping" || input.Enabled !== false) return 0;
        stage.controller.abort(request);
        return 9_000;
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    const [asked = 0] = timesOf(events, "abort.requested");
    const armed = eventsOf(events, "edit.intended").filter(({ arms }) => arms);
    const made = events.filter(
      ({ event }) => event.type === "edit.made" && armed.some(({ edit }) => edit === event.edit),
    );
    expect(made.map(({ at }) => at - asked)).toEqual([9_000, 9_000]);
    expect((timesOf(events, "restore.started")[0] ?? 0) - asked).toBe(9_000);
    expect(typesOf(events)).not.toContain("inject.confirmed");
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("in the hold restores at once", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => type === "hold.started" && stage.controller.abort(request),
    });
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 3600 }));
    const [asked = 0] = timesOf(events, "abort.requested");
    expect((timesOf(events, "undo.intended")[0] ?? 0) - asked).toBeLessThan(100);
  });

  it("of the first step skips the others", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => type === "hold.started" && stage.controller.abort(request),
    });
    const events = await stage.run([toggleStep(), memoryStep()]);
    expect(eventsOf(events, "step.skipped")).toMatchObject([{ reason: "the run was aborted" }]);
    expect(eventsOf(events, "iteration.started")).toHaveLength(1);
  });

  it("does not end the restore, whose waits and reads go on", async () => {
    const stage = await Stage.of({
      latency: ({ input }) => (input.Enabled === true ? 2_000 : 0),
      onEvent: ({ type }) => type === "undo.intended" && stage.controller.abort(request),
    });
    const events = await stage.run(toggleStep());
    expect(openEdits(events)).toEqual([]);
    expect(eventsOf(events, "proved")).toHaveLength(4);
  });
});

describe("an abort by another process", () => {
  it("is found in the journal within a second and obeyed", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type === "hold.started")
          void stage.journal.append("r-1", stage.clock.now(), [
            { type: "abort.requested", request: { by: "somebody@elsewhere", signal: null, leave: false } },
          ]);
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 3600 }));
    const [held = 0] = timesOf(events, "hold.started");
    expect((timesOf(events, "restore.started")[0] ?? 0) - held).toBeLessThanOrEqual(1_000);
    expect(eventsOf(events, "abort.requested").map(({ request: { by } }) => by)).toEqual([
      "somebody@elsewhere",
    ]);
    const kept = await stage.journal.read("r-1");
    expect(eventsOf(kept, "abort.requested")).toHaveLength(1);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("leaves what is in on a human's word, says what, and `restore` takes it out later", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) =>
        type === "hold.started" && stage.controller.abort({ by: "a human", signal: null, leave: true }),
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "left").map(({ by }) => by)).toEqual([
      "a human",
      "a human",
      "a human",
      "a human",
    ]);
    expect(typesOf(events)).not.toContain("undo.intended");
    expect(typesOf(events)).not.toContain("run.closed");
    expect(await snapshot(stage.world)).not.toEqual(before);
    await stage.restore();
    expect(await snapshot(stage.world)).toEqual(before);
  });
});
