import { describe, expect, it } from "vitest";
import { indexOf, type Point } from "./support/crash-points.ts";
import { type Life, live, sweep } from "./support/life.ts";
import { type Scenario, scenarios } from "./support/scenario.ts";
import { itPutsEverythingBack } from "./support/whole-sweep.ts";

/** Those of one fault after the other, serial, or in cycles are swept in the long lane: others hold the same paths. */
const later: readonly Scenario[] = [
  scenarios.serial,
  scenarios.cycles,
  scenarios.twoSteps,
  scenarios.blockInGoProgram,
  scenarios.blockInDeletedImage,
  scenarios.blockInGoImage,
];

describe.each(Object.values<Scenario>(scenarios).filter((scenario) => !later.includes(scenario)))(
  "$name",
  itPutsEverythingBack,
);

describe.each([
  scenarios.blockByLayer,
  scenarios.blockInCode,
  scenarios.blockInGoProgram,
  scenarios.blockInImage,
  scenarios.blockInDeletedImage,
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
