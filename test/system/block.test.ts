import { describe, expect, vi } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { labTest } from "../support/lab.ts";
import { addShop, block, everything, reach, type Shape } from "../support/shop.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 6 });

const test = labTest("fast");
const PATIENCE = { timeout: 60_000 };

const shapes: readonly (readonly [string, Shape])[] = [
  ["Node.js, no environment", {}],
  [
    "Python, a variable of its own",
    { runtime: "python3.11", settings: { Environment: { Variables: { APP_A: "1" } } } },
  ],
  [
    "NODE_OPTIONS and LD_PRELOAD of its own",
    {
      settings: {
        Environment: {
          Variables: { APP_A: "1", NODE_OPTIONS: "--no-deprecation", LD_PRELOAD: "/opt/theirs.so" },
        },
      },
    },
  ],
  ["four layers of others", { layers: 4 }],
];

describe.runIf(ownAddress !== null).concurrent("a zip function's TCP connections", () => {
  for (const method of ["layer", "code"]) {
    for (const [name, shape] of shapes) {
      test(
        `${name}, by ${method}: are blocked, others are not, and all is as before`,
        PATIENCE,
        async ({ lab }) => {
          await using database = await Dependency.open();
          await using other = await Dependency.open();
          await addShop(lab, shape);
          const before = await everything(lab);
          const healthy = await reach(lab, [database, other]);

          const run = block(lab, {
            TARGET_HOSTNAMES: database.target,
            INJECTION_METHOD: method,
            TOTAL_CHAOS_DURATION: 600,
          });
          await run.event("hold.started");
          const during = await reach(lab, [database, other]);
          run.kill("SIGINT");
          const end = await run.ended;

          expect(healthy).toMatchObject({ reached: ["hello", "hello"] });
          expect(during, run.said).toEqual({ ...Object(healthy), reached: ["ECONNREFUSED", "hello"] });
          expect(end, run.said).toEqual({ code: 130, signal: null });
          expect(await everything(lab)).toEqual(before);
          expect(await reach(lab, [database, other])).toEqual(healthy);
        },
      );
    }
  }

  test("the run ends by itself, and tells what was blocked", PATIENCE, async ({ lab }) => {
    await using database = await Dependency.open();
    await addShop(lab);
    const run = block(lab, { TARGET_HOSTNAMES: database.target, TOTAL_CHAOS_DURATION: 2 });
    await run.event("hold.started");
    let over = false;
    void run.event("hold.ended").finally(() => {
      over = true;
    });
    let invocations = 0;
    for (; !over; invocations += 1) await reach(lab, [database]);
    const end = await run.ended;

    expect(end, run.said).toEqual({ code: 0, signal: null });
    const [found] = run.of("evidence")[0]?.evidence ?? [];
    expect(found, run.said).toMatchObject({ verdict: "seen" });
    expect(Number(found?.numbers["blocked"])).toBeGreaterThan(0);
    expect(Number(found?.numbers["blocked"])).toBeLessThanOrEqual(invocations);
    expect(run.stderr).toContain("effect seen");
  });
});
