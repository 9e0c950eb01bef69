import { expect, test } from "vitest";
import { fc } from "../../../../../test/support/fast-check.ts";
import { COLUMNS, thinned } from "./columns.ts";
import { stripSvg } from "./strip-svg.ts";

const time = { from: 0, to: 1_000_000 };

test("thinning keeps the order, the least and the greatest of every column, and nothing that was not there", () => {
  // Less the zero below zero, which is as great as the other.
  const value = fc.double({ noNaN: true }).map((one) => one + 0);
  const point = fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), value);
  fc.assert(
    fc.property(fc.array(point, { minLength: 2 * COLUMNS, maxLength: 4 * COLUMNS }), (all) => {
      const points: readonly (readonly [number, number])[] = all.toSorted(([a], [b]) => a - b);
      const kept = thinned(points, time);
      const column = ([at]: readonly [number, number]) => Math.floor((at / 1_000_000) * COLUMNS);
      const extremes = (some: readonly (readonly [number, number])[]) =>
        [...Map.groupBy(some, column)].map(([x, own]) => {
          const values = own.map(([, value]) => value);
          return [x, Math.min(...values), Math.max(...values)];
        });
      expect(kept.length).toBeLessThanOrEqual(2 * (COLUMNS + 1));
      expect(kept).toEqual(kept.toSorted(([a], [b]) => a - b));
      expect(kept.every((one) => points.includes(one))).toBe(true);
      expect(extremes(kept)).toEqual(extremes(points));
    }),
    { numRuns: 20 },
  );
});

test("one check that failed among thousands that share its column still shows", () => {
  const stretches = Array.from({ length: 10_000 }, (_, i) => ({
    at: i * 100,
    kind: i === 5000 ? "no" : "ok",
  }));
  const weight = (kind: string) => (kind === "no" ? 1 : 0);
  const { markup } = stripSvg({ label: "checks", stretches, time, last: 1_000_000, weight, height: () => 1 });
  expect(markup.match(/class="no"/g)).toHaveLength(1);
  expect(markup.match(/class="ok"/g)).toHaveLength(2);
});
