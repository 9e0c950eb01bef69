import { describe, expect, it } from "vitest";
import { indexOf, type Point } from "./support/crash-points.ts";
import { type Life, live, sweep } from "./support/life.ts";
import { type Scenario, scenarios } from "./support/scenario.ts";
import { itPutsEverythingBack } from "./support/whole-sweep.ts";

describe.each([
  scenarios.serial,
  scenarios.cycles,
  scenarios.twoSteps,
  scenarios.blockInGoProgram,
  scenarios.blockInDeletedImage,
  scenarios.blockInGoImage,
])("$name", itPutsEverythingBack);

describe.each([
  scenarios.parallel,
  scenarios.memory,
  scenarios.throttle,
  scenarios.blockInCode,
  scenarios.blockInImage,
  scenarios.blockInDeletedImage,
  scenarios.blockByAlias,
])("$name", (scenario: Scenario) => {
  it("puts everything back when AWS does not read what it has just written", {
    timeout: 240_000,
  }, async () => {
    const clean = await live(scenario, null, { lagMs: 3_000 });
    expect(clean.after).toEqual(clean.before);
    expect(clean.events.some(({ event }) => event.type === "inject.confirmed")).toBe(true);

    const { lives, broken } = await sweep(scenario, clean.points, { lagMs: 3_000 });

    expect(broken).toEqual([]);
    expect(lives).toBeGreaterThan(50);
  });

  it("puts everything back when the restore after a crash in the hold meets anything itself", async () => {
    const { points } = await live(scenario, null);
    const inHold: Point = { index: indexOf(points, "hold.started"), mishap: "after" };
    const clean = await live(scenario, inHold);
    expect(clean.after).toEqual(clean.before);

    const again = (restorePoint: Point): Promise<Life> => live(scenario, inHold, { restorePoint });
    const { lives, broken } = await sweep(scenario, clean.restorePoints, { through: again });

    expect(broken).toEqual([]);
    expect(lives).toBeGreaterThan(20);
  });
});
