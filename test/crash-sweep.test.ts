import { describe, expect, it } from "vitest";
import { indexOf, type Point } from "./support/crash-points.ts";
import { type Life, live, sweep } from "./support/life.ts";
import { type Scenario, scenarios } from "./support/scenario.ts";

describe.each(Object.values(scenarios))("$name", (scenario: Scenario) => {
  it("puts everything back, whatever goes wrong at whatever point", { timeout: 240_000 }, async () => {
    const clean = await live(scenario, null);
    expect(clean.after).toEqual(clean.before);
    expect(clean.events.some(({ event }) => event.type === "proved")).toBe(true);

    const started = performance.now();
    const { lives, broken } = await sweep(scenario, clean.points);

    const rate = Math.round((lives * 1000) / (performance.now() - started));
    process.stdout.write(
      `crash sweep: ${scenario.name}: ${lives} lives, ${rate} a second, ${broken.length} broken\n`,
    );
    expect(broken).toEqual([]);
    expect(lives).toBeGreaterThan(50);
  });
});

describe.each([
  scenarios.blockByLayer,
  scenarios.blockInCode,
  scenarios.blockByVariable,
  scenarios.blockByAlias,
])("$name", (scenario: Scenario) => {
  it("is put back from any machine by its marker alone, wherever the run, or that restore, dies", async () => {
    const clean = await live(scenario, null);

    const { lives, broken } = await sweep(scenario, clean.points, { elsewhere: true });

    expect(broken).toEqual([]);
    expect(lives).toBeGreaterThan(10);

    const inHold: Point = { index: indexOf(clean.points, "hold.started"), mishap: "after" };
    const once = await live(scenario, inHold, { elsewhere: true });
    const again = (restorePoint: Point): Promise<Life> =>
      live(scenario, inHold, { elsewhere: true, restorePoint });
    const second = await sweep(scenario, once.restorePoints, { elsewhere: true, through: again });

    expect(second.broken).toEqual([]);
    expect(second.lives).toBeGreaterThan(5);
  });
});
