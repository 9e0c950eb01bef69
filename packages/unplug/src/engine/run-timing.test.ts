import { describe, expect, it } from "vitest";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { Recorded } from "../contract/journal.ts";

const SECOND = 1000;

function gaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((at, i) => at - (times[i] ?? at));
}

function between(
  events: readonly Recorded[],
  from: "restore.started" | "iteration.ended",
  to: "interval.started",
) {
  return timesOf(events, to).map((at, i) => at - (timesOf(events, from)[i] ?? 0));
}

describe("SEQUENCE", () => {
  it("parallel unplugs all targets in one iteration, their writes sent together", async () => {
    const stage = await Stage.of({ latency: () => 400 }, { mappings: 3 });
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "iteration.started").map(({ targets }) => targets.length)).toEqual([3]);
    const sent = stage
      .writes("lambda:UpdateEventSourceMapping")
      .filter(({ input }) => input.Enabled === false);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ at }) => at)).size).toBe(1);
  });

  it("serial unplugs one target after the other, in the order given, with a healthy interval between", async () => {
    const stage = await Stage.of({}, { mappings: 3 });
    const order = stage.world.mappings.toReversed();
    const events = await stage.run(
      toggleStep({ EVENT_UUIDS: order.join(","), SEQUENCE: "serial", CHAOS_INTERVAL: 7 }),
    );
    const iterations = eventsOf(events, "iteration.started");
    expect(iterations.map(({ targets }) => targets.map(({ id }) => id))).toEqual(order.map((id) => [id]));
    expect(iterations.map(({ iteration }) => iteration)).toEqual([1, 2, 3]);
    expect(eventsOf(events, "interval.started").map(({ ms }) => ms)).toEqual([7 * SECOND, 7 * SECOND]);
    const ended = timesOf(events, "iteration.ended");
    const started = timesOf(events, "iteration.started");
    expect(started.slice(1).map((at, i) => at - (ended[i] ?? 0))).toEqual([7 * SECOND, 7 * SECOND]);
    // Never two at once: each is proved before the next is intended.
    const mixed = typesOf(events).filter((type) => type === "inject.confirmed" || type === "iteration.ended");
    expect(mixed).toEqual(Array.from({ length: 3 }, () => ["inject.confirmed", "iteration.ended"]).flat());
  });

  it("waits no interval when there is one iteration", async () => {
    const stage = await Stage.of();
    expect(typesOf(await stage.run(toggleStep({ CHAOS_INTERVAL: 60 })))).not.toContain("interval.started");
  });
});

describe("CYCLES", () => {
  it("repeats the whole sequence, with its interval and each time proved", async () => {
    const stage = await Stage.of({}, { mappings: 2 });
    const events = await stage.run(toggleStep({ CYCLES: 2, SEQUENCE: "serial", CHAOS_INTERVAL: 3 }));
    expect(eventsOf(events, "iteration.started").map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
    expect(between(events, "iteration.ended", "interval.started")).toEqual([0, 0, 0]);
    // Two edits of each: its marker and its state.
    expect(eventsOf(events, "proved")).toHaveLength(8);
  });
});

describe("RAMP_TIME", () => {
  it("is waited for before the first injection and after the last proof", async () => {
    const stage = await Stage.of({}, { mappings: 0 });
    const events = await stage.run(memoryStep({ RAMP_TIME: 11, CYCLES: 2, CHAOS_INTERVAL: 1 }));
    expect(eventsOf(events, "ramp.started").map(({ when, ms }) => [when, ms])).toEqual([
      ["before", 11 * SECOND],
      ["after", 11 * SECOND],
    ]);
    const [before = 0, after = 0] = timesOf(events, "ramp.started");
    expect((timesOf(events, "iteration.started")[0] ?? 0) - before).toBe(11 * SECOND);
    expect(after).toBeGreaterThanOrEqual(timesOf(events, "proved").at(-1) ?? Number.POSITIVE_INFINITY);
    expect((timesOf(events, "run.finished")[0] ?? 0) - after).toBe(11 * SECOND);
  });

  it.each(["before", "after"] as const)("ends at once when it is aborted in the ramp %s", async (when) => {
    let at = 0;
    const stage = await Stage.of(
      {
        onEvent: (event) => {
          if (event.type !== "ramp.started" || event.when !== when) return;
          at = stage.clock.now();
          stage.controller.abort();
        },
      },
      { mappings: 0 },
    );
    const before = await snapshot(stage.world);
    const events = await stage.run(memoryStep({ RAMP_TIME: 3600 }));
    expect(timesOf(events, "run.finished")).toEqual([at]);
    expect(typesOf(events).includes("edit.intended")).toBe(when === "after");
    expect(await snapshot(stage.world)).toEqual(before);
  });
});

describe("the hold", () => {
  it("starts at the confirmation, not at the call, and ends at a wall-clock instant", async () => {
    const stage = await Stage.of({}, { mappings: 1, timing: "aws" });
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 20 }));
    const [made = 0] = timesOf(events, "edit.made").slice(-1);
    const [confirmed = 0] = timesOf(events, "inject.confirmed");
    // Disabling takes AWS 30 s.
    expect(confirmed - made).toBeGreaterThanOrEqual(30 * SECOND);
    const [{ until } = { until: 0 }] = eventsOf(events, "hold.started");
    expect(until).toBe(confirmed + 20 * SECOND);
    expect(timesOf(events, "hold.ended")).toEqual([until]);
    expect(eventsOf(events, "hold.ended")).toMatchObject([{ overrunMs: 0 }]);
  });

  it("that a laptop slept past is restored at once, reported, and nothing is injected again", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type === "hold.started") stage.clock.jump(3600 * SECOND);
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ CYCLES: 3 }));
    expect(eventsOf(events, "hold.ended").map(({ overrunMs }) => overrunMs)).toEqual([3570 * SECOND]);
    expect(eventsOf(events, "iteration.started")).toHaveLength(1);
    expect(gaps([...timesOf(events, "hold.ended"), ...timesOf(events, "restore.started")])).toEqual([0]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("is not begun when the machine slept between plan and injection", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type === "step.planned") stage.clock.jump(7 * 24 * 3600 * SECOND);
      },
    });
    const events = await stage.run(toggleStep());
    expect(typesOf(events)).not.toContain("edit.intended");
    expect(eventsOf(events, "inject.failed")[0]?.failure.message).toContain("suspended");
  });
});
