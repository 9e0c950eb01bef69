import { expect, test } from "vitest";
import { type Counted, claims } from "./proof.ts";

const SECOND = 1000;
const ids = Array.from({ length: 40 }, (_, i) => `order-${i + 1}`);

/** A second each of health, then ten of fault (from 10 s to 20 s), then a drain that ends at 24 s. */
function story(more: Partial<Counted> = {}): Counted {
  const before = ids.slice(0, 20).map((order, i) => ({ order, at: i * 0.5 * SECOND }));
  const after = ids.slice(20).map((order, i) => ({ order, at: (21 + i * 0.1) * SECOND }));
  const depths = Array.from({ length: 30 }, (_, s) => {
    const waiting = s < 10 ? 0 : s <= 20 ? (s - 10) * 2 : Math.max(0, 20 - (s - 20) * 5);
    return [s * SECOND, waiting] as const;
  });
  return {
    placed: ids,
    handled: [...before, ...after],
    depths,
    dead: 0,
    fault: { from: 10 * SECOND, to: 20 * SECOND },
    restoredAt: 20.5 * SECOND,
    perSecond: 2,
    ...more,
  };
}

const broken = (more: Partial<Counted>) =>
  claims(story(more))
    .filter(({ holds }) => !holds)
    .map(({ text }) => text);

test("says what happened when everything held", () => {
  const found = claims(story());

  expect(found.every(({ holds }) => holds)).toBe(true);
  expect(`\n${found.map(({ text }) => text).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    Delivery stopped: nothing was handled from 00:00:09 to 00:00:21 UTC (11.5 s), while 23 orders were placed.
    The backlog grew from 0 to 20 orders.
    It was drained 3.5 s after the mapping was enabled again.
    None of 40 orders was lost.
    0 were handled more than once.
    "
  `);
});

test("an order that no log line tells of was lost", () => {
  expect(broken({ handled: story().handled.slice(0, -1) })).toEqual(["1 of 40 orders was lost: order-40."]);
});

test("an order in the dead-letter queue was lost to the shop", () => {
  expect(broken({ dead: 2 })).toEqual(["None of 40 orders was lost, 2 in the dead-letter queue."]);
});

test("an order that was handled in the middle of the fault shows that delivery went on", () => {
  const { handled } = story();
  const leak = [...handled.slice(0, 20), { order: "order-21", at: 15 * SECOND }, ...handled.slice(21)];

  expect(broken({ handled: leak })).toEqual([
    expect.stringContaining("Delivery stopped: nothing was handled from 00:00:09 to 00:00:15"),
  ]);
});

test("a backlog that did not grow, or did not go, is no proof", () => {
  const { depths } = story();

  expect(broken({ depths: depths.map(([at]) => [at, 0]) })).toEqual(["The backlog grew from 0 to 0 orders."]);
  expect(broken({ depths: depths.filter(([at]) => at <= 22 * SECOND) })).toEqual([
    "The backlog was not drained while it was watched.",
  ]);
});

test("an order handled twice is told and is no failure: queues deliver at least once", () => {
  const { handled } = story();
  const found = claims(story({ handled: [...handled, { order: "order-40", at: 25 * SECOND }] }));

  expect(found.at(-1)).toEqual({ holds: true, text: "1 was handled more than once." });
});
