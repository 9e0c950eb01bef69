import { expect, test } from "vitest";
import { greatest, least, median, quantile } from "./statistics.ts";

test.each([
  [[], Number.NaN],
  [[7], 7],
  [[3, 1, 2], 2],
  [[10, 1, 2, 9], 5.5],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
});

test.each([
  [[], 0.5, Number.NaN],
  [[1, 2, 3, 4], 0, 1],
  [[1, 2, 3, 4], 0.5, 2],
  [[1, 2, 3, 4], 0.51, 3],
  [[1, 2, 3, 4], 0.95, 4],
  [[1, 2, 3, 4], 1, 4],
])("of %j the quantile %d is %d", (sorted, share, expected) => {
  expect(quantile(sorted, share)).toBe(expected);
});

test("the ends are found among more values than a call takes arguments", () => {
  const many = Array.from({ length: 300_000 }, (_, i) => i);
  expect([least(many), greatest(many)]).toEqual([0, 299_999]);
  expect([least([]), greatest([])]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
});
