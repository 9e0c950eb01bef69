import { parseTarget } from "@unplug/interceptor";
import { expect, test } from "vitest";
import { type Blocking, closingLines, openingLine, unresolvedLines } from "./summary.ts";

function blocking(texts: readonly string[], more: Partial<Blocking> = {}): Blocking {
  const targets = texts.map((text) => {
    const parsed = parseTarget(text);
    if ("problem" in parsed) throw new Error(parsed.problem);
    return parsed.target;
  });
  return {
    targets,
    behavior: "refuse",
    timeoutMs: 3000,
    percentage: 100,
    seed: 7n,
    afterMs: 0,
    forMs: null,
    fromSeconds: null,
    untilSeconds: null,
    quiet: false,
    ...more,
  };
}

const tally = { armed: 1, blocked: 0, spared: 0, other: 0, inert: 0, byTarget: [0] };
const many = Array.from({ length: 8 }, (_, index) => `h${index}.internal`);

test.each<[Blocking, string]>([
  [blocking([]), "unplug: blocking all outbound TCP but loopback: connects are refused"],
  [blocking(["db.internal:5432"], { behavior: "hang" }), "unplug: blocking db.internal:5432: connects hang"],
  [
    blocking(["db.internal", "*.example.com"], { behavior: "timeout", timeoutMs: 1500 }),
    "unplug: blocking db.internal, *.example.com: connects time out after 1.5 s",
  ],
  [
    blocking(many, { percentage: 50, forMs: 90_000 }),
    "unplug: blocking h0.internal, h1.internal, h2.internal, h3.internal, h4.internal and 3 other targets: connects are refused, 50% of them (--seed 7), for 1 min 30 s",
  ],
  [
    blocking([], { afterMs: 5000, forMs: 60_000 }),
    "unplug: blocking all outbound TCP but loopback: connects are refused, beginning in 5 s, for 1 min",
  ],
])("says before what is going to happen", (before, line) => {
  expect(openingLine(before)).toBe(line);
});

test("counts by target, the most first", () => {
  const counts = { ...tally, blocked: 4, other: 12, byTarget: [1, 3, 0] };

  expect(closingLines(blocking(["*.example.com", "db.internal:5432", "cache.internal"]), counts, 0)).toEqual([
    "unplug: blocked 3 connects to db.internal:5432, 1 to *.example.com; 12 other connects passed",
  ]);
});

test("sums up what would make the line too long", () => {
  const counts = { ...tally, blocked: 36, other: 1, byTarget: [8, 7, 6, 5, 4, 3, 2, 1] };

  expect(closingLines(blocking(many), counts, 0)).toEqual([
    "unplug: blocked 8 connects to h0.internal, 7 to h1.internal, 6 to h2.internal, 5 to h3.internal, 4 to h4.internal, 6 to 3 other targets; 1 other connect passed",
  ]);
});

test.each<[Blocking, object, string]>([
  [
    blocking([]),
    { blocked: 1, byTarget: [1] },
    "blocked 1 connect (all outbound TCP but loopback); 0 other connects passed",
  ],
  [blocking([]), { other: 3 }, "blocked no connect; 3 other connects passed"],
  [blocking(["db.internal"]), { other: 3 }, "blocked no connect to db.internal; 3 other connects passed"],
  [
    blocking(["db.internal"], { percentage: 25 }),
    { blocked: 1, spared: 3, byTarget: [1] },
    "blocked 1 connect to db.internal; 3 more let through by --percentage 25 (--seed 7); 0 other connects passed",
  ],
  [
    blocking([]),
    { armed: 0 },
    "none of its processes was seen to make a connect or a look-up, so nothing was blocked (Go and static programs that others start, and ones started with a cleaned environment, are not seen)",
  ],
])("says after what has happened", (before, counts, line) => {
  expect(closingLines(before, { ...tally, ...counts }, 0)).toEqual([`unplug: ${line}`]);
});

test("says that the program was over before it began", () => {
  const before = blocking([], { afterMs: 5000, fromSeconds: 1000 });

  expect(closingLines(before, { ...tally, other: 2 }, 999.9)).toEqual([
    "unplug: blocked nothing: it ended before the blocking began, after 5 s (--after)",
  ]);
  expect(closingLines(before, { ...tally, other: 2 }, 1000)).toEqual([
    "unplug: blocked no connect; 2 other connects passed",
  ]);
});

test("says that it was over before the program was", () => {
  const before = blocking([], { forMs: 5000, untilSeconds: 1000 });

  expect(closingLines(before, { ...tally, armed: 0 }, 1000).at(-1)).toBe(
    "unplug: the blocking ended after 5 s (--for); what came later passed",
  );
  expect(closingLines(before, tally, 999.9)).toHaveLength(1);
});

test("finds nothing wrong in what started when --for had ended, but in what was not blocked before", () => {
  const before = blocking([], { forMs: 5000, untilSeconds: 1000 });
  const inert = { ...tally, armed: 0, inert: 2 };

  expect(closingLines(before, inert, 1000)).toEqual([
    "unplug: the blocking ended after 5 s (--for); what came later passed, as did 2 processes that started later",
  ]);
  expect(closingLines(before, inert, 999.9)).toEqual([
    'unplug: 2 processes were not blocked: the line "unplug: inert" above says why',
  ]);
});

test("names what only the program's own look-ups can tell", () => {
  expect(unresolvedLines([])).toEqual([]);
  expect(unresolvedLines(["db.x"])).toEqual([
    "unplug: db.x could not be resolved: only the program's own look-ups can tell its addresses",
  ]);
  expect(unresolvedLines(many)).toEqual([
    "unplug: h0.internal, h1.internal, h2.internal, h3.internal, h4.internal and 3 other names could not be resolved: only the program's own look-ups can tell their addresses",
  ]);
});

test("says when nothing is known", () => {
  expect(closingLines(blocking([]), null, 0)).toEqual([
    "unplug: what was blocked is not known: the file of its counts is gone or damaged",
  ]);
});
