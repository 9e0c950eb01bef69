import { expect, test } from "vitest";
import { type Books, blockClaims, bookTable } from "./block-proof.ts";
import type { Checkout } from "./customers.ts";

const SECOND = 1000;
const CLEAR = "The database cannot be reached: connect ECONNREFUSED 10.0.0.5:4000";
const TIMED_OUT = "2026-01-01T00:00:30.000Z 1f0c Task timed out after 3.00 seconds";

type Ending = Pick<Checkout, "outcome" | "error"> & { readonly took: number };
const fine: Ending = { outcome: "ok", error: "", took: 4 };
const failed: Ending = { outcome: "failed", error: CLEAR, took: 6 };
const hung: Ending = { outcome: "timed out", error: TIMED_OUT, took: 3_050 };

/** A checkout begins each second: unplugged from 3 s to 6 s and from 13 s to 16 s, moving for a second around each. */
function endingAt(second: number): Ending {
  if (second >= 3 && second < 6) return failed;
  if (second >= 13 && second < 16) return hung;
  return fine;
}

function books(more: Partial<Books> = {}, endings: Readonly<Record<number, Ending>> = {}): Books {
  const checkouts = Array.from({ length: 20 }, (_, second): Checkout => {
    const { took, ...told } = endings[second] ?? endingAt(second);
    const began = second * SECOND;
    return { order: `order-${second}`, began, ended: began + took, ...told };
  });
  const configuration = { Timeout: 3, CodeSha256: "abc=" };
  const act = (from: number) => ({
    startedAt: from - SECOND,
    window: { from, to: from + 3 * SECOND },
    restoredAt: from + 4 * SECOND,
  });
  return {
    acts: [
      { behavior: "refuse", ...act(3 * SECOND) },
      { behavior: "hang", ...act(13 * SECOND) },
    ],
    checkouts,
    taken: checkouts.filter(({ outcome }) => outcome === "ok").map(({ order }) => order),
    blockedAt: [3, 4, 5, 13, 14, 15].map((second) => second * SECOND + 1),
    configurations: [configuration, configuration, { ...configuration }],
    ...more,
  };
}

const broken = (...args: Parameters<typeof books>) =>
  blockClaims(books(...args))
    .filter(({ holds }) => !holds)
    .map(({ text }) => text);

test("says what happened when everything held", () => {
  const found = blockClaims(books());

  expect(found.every(({ holds }) => holds)).toBe(true);
  expect(`\n${found.map(({ text }) => text).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    Before, all 2 checkouts went through: p50 4 ms, 4 ms at most.
    refuse: 3 of 3 checkouts failed fast, p50 6 ms, 6 ms at most, with a clear error: "The database cannot be reached: connect ECONNREFUSED 10.0.0.5:4000".
    refuse: the last of 3 connects was blocked at 00:00:05 UTC, 2 s before the restore was proved. From then on all 5 checkouts went through: p50 4 ms, 4 ms at most.
    hang: 3 of 3 checkouts hung until the function's timeout, p50 3.1 s, 3.1 s at most: "Task timed out after 3.00 seconds".
    hang: the last of 3 connects was blocked at 00:00:15 UTC, 2 s before the restore was proved. From then on all 3 checkouts went through: p50 4 ms, 4 ms at most.
    The database has 14 of the 14 orders that went through, each once, and 0 of the 6 that were begun while it was unplugged.
    After 2 of 2 faults the function's whole configuration was the same as before them, its code too: CodeSha256 abc=.
    "
  `);
});

test("counts every checkout once, by how it ended and when it began", () => {
  expect(`\n${bookTable(books()).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    checkouts begun    all  ok  failed  timed out    p50    max
    healthy              2   2       0          0   4 ms   4 ms
    unplugged, refuse    3   0       3          0   6 ms   6 ms
    plugged in again     5   5       0          0   4 ms   4 ms
    unplugged, hang      3   0       0          3  3.1 s  3.1 s
    plugged in again     3   3       0          0   4 ms   4 ms
    going in or out      4   4       0          0   4 ms   4 ms
    "
  `);
});

test.each<[string, number, Ending, string]>([
  ["fails before the fault", 0, failed, `Before, 1 of 2 checkouts went through: ${CLEAR}`],
  ["goes through while it is refused", 4, fine, "refuse: 2 of 3 checkouts failed fast"],
  ["hangs while it is refused", 4, hung, "refuse: 2 of 3 checkouts failed fast"],
  ["fails at once while it hangs", 14, failed, "hang: 2 of 3 checkouts hung"],
  ["fails after the first fault", 8, failed, `From then on 4 of 5 checkouts went through: ${CLEAR}`],
  ["fails after the second fault", 18, hung, "From then on 2 of 3 checkouts went through"],
])("tells that one %s", (_, second, ending, said) => {
  const found = broken({}, { [second]: ending });

  expect(
    found.some((text) => text.includes(said)),
    found.join("\n"),
  ).toBe(true);
});

test("a checkout that nobody answered is none that went well", () => {
  expect(broken({}, { 8: { outcome: "unanswered", error: "no function", took: 1 } })).toEqual([
    expect.stringMatching(/From then on 4 of 5 checkouts went through: no function$/),
  ]);
});

test("one that fails while the fault goes in is nobody's fault", () => {
  expect(broken({}, { 2: failed, 6: failed, 12: hung, 16: hung })).toEqual([]);
});

test("a fault that no line of the log tells of is no proof", () => {
  expect(broken({ blockedAt: [3_001] })).toEqual(["hang: the function's log tells of no blocked connect."]);
});

test("an order that is lost, doubled, or came through meanwhile breaks the database's word", () => {
  const { taken } = books();

  expect(broken({ taken: taken.slice(1) })).toEqual([expect.stringContaining("has 13 of the 14 orders")]);
  expect(broken({ taken: [...taken, "order-1"] })).toEqual([expect.stringContaining("13 of the 14")]);
  expect(broken({ taken: [...taken, "order-14"] })).toEqual([
    expect.stringContaining("and 1 of the 6 that were begun while it was unplugged"),
  ]);
});

test("a configuration that is another one after a fault is told", () => {
  const { configurations } = books();

  expect(
    broken({ configurations: [...configurations.slice(0, 2), { Timeout: 4, CodeSha256: "abc=" }] }),
  ).toEqual([expect.stringContaining("After 1 of 2 faults")]);
});
