import { expect, it } from "vitest";
import { live, sweep } from "./life.ts";
import type { Scenario } from "./scenario.ts";

/** The sweep over every point of a scenario's run, as a test of its own. */
export function itPutsEverythingBack(scenario: Scenario): void {
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
}
