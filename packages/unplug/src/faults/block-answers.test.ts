import { describe, expect, it } from "vitest";
import type { Windows } from "../contract/evidence.ts";
import { blockAnswers } from "./block-answers.ts";
import { isServingAgain } from "./block-log.ts";
import { type InvocationReport, type LogLine, parseLog } from "./invocation-reports.ts";

const WINDOWS: Windows = {
  baseline: { from: 0, to: 60_000 },
  faults: [{ from: 60_000, to: 90_000 }],
  after: { from: 92_000, to: 100_000 },
};
const ORDERS = { functionName: "orders", logGroup: "/aws/lambda/orders" };
const BLOCKED = "unplug: blocked pid=7 n=1 behavior=refuse to=10.0.0.5:5432 target=db.internal:5432";

function report(change: Partial<InvocationReport>): InvocationReport {
  const endedAt = change.endedAt ?? 61_000;
  return {
    requestId: "r",
    endedAt,
    startedAt: endedAt - 20,
    durationMs: 20,
    billedMs: 20,
    initMs: null,
    timedOut: false,
    error: null,
    blocked: 0,
    ...change,
  };
}

function lines(stream: string, ...all: readonly (readonly [at: number, text: string])[]): readonly LogLine[] {
  return all.map(([at, text]) => ({ stream, at, text }));
}

function say(
  during: readonly InvocationReport[],
  more: { before?: number; after?: readonly InvocationReport[]; lastBlockedAt?: number } = {},
) {
  const before = Array.from({ length: more.before ?? 0 }, () => report({ endedAt: 30_000 }));
  const reports = {
    before,
    during,
    after: more.after ?? [],
    lastBlockedAt: more.lastBlockedAt ?? null,
    cut: false,
  };
  return Object.fromEntries(blockAnswers(ORDERS, reports, WINDOWS).map((answer) => [answer.about, answer]));
}

describe("the log of a function", () => {
  it("gives each invocation what its environment wrote between its start and its report", () => {
    const { reports, lastBlockedAt } = parseLog(
      [
        ...lines(
          "a",
          [1_000, "START RequestId: a1 Version: $LATEST\n"],
          [1_010, BLOCKED],
          [
            1_020,
            '2026-01-01T00:00:00Z\ta1\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"connect ECONNREFUSED"}',
          ],
          [
            1_030,
            "REPORT RequestId: a1\tDuration: 20.50 ms\tBilled Duration: 121 ms\tMemory Size: 128 MB\tInit Duration: 100.10 ms\t",
          ],
        ),
        ...lines(
          "b",
          [1_005, "START RequestId: b1 Version: $LATEST"],
          [4_005, "2026-01-01T00:00:04Z b1 Task timed out after 3.00 seconds"],
          [
            4_006,
            "REPORT RequestId: b1\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tStatus: timeout",
          ],
        ),
      ].sort((x, y) => x.at - y.at),
    );
    expect(reports).toEqual([
      report({
        requestId: "a1",
        startedAt: 1_000,
        endedAt: 1_030,
        durationMs: 20.5,
        billedMs: 121,
        initMs: 100.1,
        error: "Error",
        blocked: 1,
      }),
      report({
        requestId: "b1",
        startedAt: 1_005,
        endedAt: 4_006,
        durationMs: 3_000,
        billedMs: 3_000,
        timedOut: true,
      }),
    ]);
    expect(lastBlockedAt).toBe(1_010);
  });

  it("is read in JSON, too", () => {
    const { reports } = parseLog(
      lines(
        "a",
        [5, '{"time":"x","type":"platform.start","record":{"requestId":"a1"}}'],
        [
          9,
          '{"time":"x","type":"platform.report","record":{"requestId":"a1","metrics":{"durationMs":4.2,"billedDurationMs":5},"status":"timeout"}}',
        ],
      ),
    );
    expect(reports).toMatchObject([
      { requestId: "a1", durationMs: 4.2, billedMs: 5, timedOut: true, startedAt: 5 },
    ]);
  });
});

describe("what an environment wrote", () => {
  const START = (id: string) => `START RequestId: ${id} Version: $LATEST`;
  const REPORT = (id: string) => `REPORT RequestId: ${id}\tDuration: 5.00 ms\tBilled Duration: 5 ms\t`;
  const TIMED_OUT = "2026-01-01T00:00:04Z Task timed out after 3.00 seconds";
  const ERROR = "[ERROR] KeyError: 'id'";
  const fine = { blocked: 0, timedOut: false, error: null };

  it.each<[string, readonly (readonly [number, string])[], readonly Partial<InvocationReport>[]]>([
    [
      "while it came up is the first invocation's, where it was blocked",
      [
        [1, BLOCKED],
        [2, BLOCKED],
        [3, START("a")],
        [4, REPORT("a")],
      ],
      [{ requestId: "a", startedAt: 3, timedOut: false, error: null, blocked: 2 }],
    ],
    [
      "before the first start is no error of the first invocation",
      [
        [1, ERROR],
        [2, TIMED_OUT],
        [3, START("a")],
        [4, REPORT("a")],
      ],
      [{ requestId: "a", ...fine }],
    ],
    [
      "in an invocation without a report is not the next one's",
      [
        [1, START("a")],
        [2, BLOCKED],
        [3, ERROR],
        [4, TIMED_OUT],
        [5, START("b")],
        [6, REPORT("b")],
      ],
      [{ requestId: "b", startedAt: 5, ...fine }],
    ],
    [
      "between two invocations is not the next one's",
      [
        [1, START("a")],
        [2, REPORT("a")],
        [3, BLOCKED],
        [3, TIMED_OUT],
        [5, START("b")],
        [6, REPORT("b")],
      ],
      [
        { requestId: "a", ...fine },
        { requestId: "b", ...fine },
      ],
    ],
    [
      "behind a report of the same instant belongs to it",
      [
        [1, START("a")],
        [4, REPORT("a")],
        [4, TIMED_OUT],
        [4, BLOCKED],
        [4, START("b")],
        [4, ERROR],
        [4, REPORT("b")],
      ],
      [
        { requestId: "a", blocked: 1, timedOut: true, error: null },
        { requestId: "b", blocked: 0, timedOut: false, error: "KeyError" },
      ],
    ],
    [
      "behind a report of the same instant belongs to it, where the start of the next was not read",
      [
        [4, REPORT("a")],
        [4, BLOCKED],
        [4, TIMED_OUT],
        [9, REPORT("b")],
      ],
      [
        { requestId: "a", blocked: 1, timedOut: true },
        { requestId: "b", startedAt: null, ...fine },
      ],
    ],
    [
      "is told when its start was not read",
      [
        [1, BLOCKED],
        [2, ERROR],
        [3, REPORT("a")],
        [4, BLOCKED],
        [5, START("b")],
        [6, REPORT("b")],
      ],
      [
        { requestId: "a", startedAt: null, blocked: 1, error: "KeyError" },
        { requestId: "b", ...fine },
      ],
    ],
  ])("%s", (_, all, reports) => {
    expect(parseLog(lines("a", ...all)).reports).toMatchObject(reports);
  });
});

describe("the answers", () => {
  it("tell a function that fails fast, with its errors and what it cost", () => {
    const met = report({ blocked: 1, error: "Error", durationMs: 30, billedMs: 30 });
    const answers = say([met, met, report({})], { before: 4 });
    expect(answers["time-to-failure"]).toMatchObject({
      answered: true,
      text: "orders fails without running into its timeout: of 3 invocations 2 met a blocked connection and took 30 ms (p50), 30 ms (p95), 30 ms at most, without their initialisation; they ended: 2 with Error.",
    });
    expect(answers["billed-time"]?.numbers).toEqual({
      billedMs: 60,
      extraMs: 20,
      usualMs: 20,
      invocations: 2,
    });
  });

  it("count errors whatever their names", () => {
    const names = ["constructor", "__proto__", "toString", "constructor"];
    const met = names.map((error) => report({ blocked: 1, error }));
    const { text, numbers } = say(met)["time-to-failure"] ?? {};
    expect(text).toContain("they ended: 2 with constructor, 1 with __proto__, 1 with toString.");
    expect(JSON.stringify(numbers?.["errors"])).toBe('{"constructor":2,"__proto__":1,"toString":1}');
  });

  it("tell a function that hangs until its timeout", () => {
    const answers = say([report({ blocked: 1, timedOut: true, durationMs: 3_000 })]);
    expect(answers["time-to-failure"]?.text).toContain(
      "orders hangs until its timeout: of 1 invocations 1 met",
    );
    expect(answers["billed-time"]).toMatchObject({ answered: false });
  });

  it("tell a function that copes from one that was not asked", () => {
    expect(say([report({ blocked: 2 })])["time-to-failure"]?.text).toContain(
      "ends without an error of Lambda's",
    );
    expect(say([])["time-to-failure"]).toMatchObject({ answered: false });
    expect(say([report({})])["time-to-failure"]).toMatchObject({ answered: false });
    expect(blockAnswers(ORDERS, null, WINDOWS)).toMatchObject([
      { answered: false, about: "time-to-failure" },
    ]);
  });

  it("keep initialisation apart from the fault, and name what the update itself caused", () => {
    const answers = say([report({ blocked: 1, initMs: 200, billedMs: 230, durationMs: 30 })], { before: 1 });
    expect(answers["time-to-failure"]?.numbers["maxMs"]).toBe(30);
    expect(answers["billed-time"]?.numbers["billedMs"]).toBe(30);
    expect(answers["cold-starts"]?.numbers).toMatchObject({ during: 1, after: 0, initMs: 200 });
  });

  it("tell when it recovered, and of connects blocked after the restore", () => {
    const bad = report({ endedAt: 92_600, startedAt: 92_500, blocked: 1, error: "Error" });
    const good = report({ endedAt: 93_100, startedAt: 93_000 });
    const answers = say([report({ blocked: 1 })], { after: [bad, good], lastBlockedAt: 92_550 });
    expect(answers["recovery"]).toMatchObject({
      answered: true,
      numbers: { recoveredMs: 1_000 },
      text: "orders recovered without help: its first invocation that went well began 1.0 s after the restore was proved; the last blocked connect was written 550 ms after the restore was proved, by an environment that was still warm.",
    });
    expect(say([report({ blocked: 1 })], { after: [bad] })["recovery"]?.text).toContain("had not recovered");
    expect(say([report({ blocked: 1 })])["recovery"]).toMatchObject({ answered: false });
  });
});

describe("how long a function is watched after the restore", () => {
  const of = (invoked: number, blocked: number) => [
    { channel: "invocations in 3 s", subject: "orders", value: invoked },
    { channel: "connects blocked in 3 s", subject: "orders", value: blocked },
  ];

  it("is until it serves and nothing is blocked; without traffic before it is not watched", () => {
    expect(isServingAgain(of(0, 0), of(0, 0))).toBe(true);
    expect(isServingAgain([], of(0, 0))).toBe(true);
    expect(isServingAgain(of(5, 0), of(0, 0))).toBe(false);
    expect(isServingAgain(of(5, 0), of(3, 1))).toBe(false);
    expect(isServingAgain(of(5, 0), of(3, 0))).toBe(true);
  });
});
