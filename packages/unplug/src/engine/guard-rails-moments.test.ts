import { describe, expect, it } from "vitest";
import { rails } from "../../../../test/support/rails.ts";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { GuardRails } from "../contract/guard-rails.ts";

describe("guard rails", () => {
  it("are asked again before each injection: the hours may be over by then", async () => {
    const stage = await Stage.of();
    const before = await snapshot(stage.world);
    // The first iteration is begun within them, the second is not.
    const now = stage.clock.now();
    const text = (at: number) => new Date(at).toISOString().slice(11, 16);
    const hours = `{ from: "${text(now)}", to: "${text(now + 5 * 60_000)}", zone: UTC }`;
    const inner = rails(`{ allow: { hours: [${hours}] } }`);
    const lenient: GuardRails | null = inner && { ...inner, refusePlan: () => [] };
    const parts = { ...stage.parts, guardRails: () => Promise.resolve(lenient) };
    const events = await stage.run(toggleStep({ CYCLES: 2, CHAOS_INTERVAL: 600 }), { parts });
    expect(eventsOf(events, "inject.confirmed")).toHaveLength(1);
    expect(eventsOf(events, "inject.failed")[0]?.failure.message).toContain("allow.hours");
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("refuse a write that is another than was planned, and what was made before it is put back", async () => {
    const stage = await Stage.of();
    const before = await snapshot(stage.world);
    const inner = rails("{ forbid: [mapping] }");
    const lenient: GuardRails | null = inner && { ...inner, refusePlan: () => [] };
    const events = await stage.run(toggleStep(), {
      parts: { ...stage.parts, guardRails: () => Promise.resolve(lenient) },
    });
    expect(eventsOf(events, "inject.failed")[0]?.failure.message).toContain("forbid");
    expect(stage.writes("lambda:UpdateEventSourceMapping")).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("are not asked of a way back, however broken they are", async () => {
    const stage = await Stage.of();
    const before = await snapshot(stage.world);
    stage.world.cloud.switches.set({ failFunctionUpdates: ["orders"] });
    await stage.run(memoryStep({ RESTORE_TIMEOUT: 20 }));
    stage.world.cloud.switches.reset();
    stage.processes.kill();
    const parts = { ...stage.parts, guardRails: () => Promise.reject(new Error("broken")) };
    expect(typesOf(await stage.restore("r-1", parts))).toContain("run.closed");
    expect(await snapshot(stage.world)).toEqual(before);
    await expect(stage.run(memoryStep(), { run: "r-2", parts })).resolves.toSatisfy((events) =>
      eventsOf(events, "run.failed").some(({ failure }) => failure.message === "broken"),
    );
  });
});
