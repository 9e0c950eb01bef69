import { describe, expect, test } from "vitest";
import type { Expectation } from "./expectation.ts";
import { exceeds, judgeProbe } from "./judge-probe.ts";
import type { Check, CheckPhase, CheckResult, ProbeSpec } from "./probe.ts";

const TIMES = { confirmedAt: 10_000, restoredAt: 40_000 };
const isSmall: Expectation = { measure: "x", operator: "<", value: 100 };
const rises: Expectation = { measure: "x", operator: "rises", value: { by: 0, unit: "absolute" } };
const returns: Expectation = { measure: "x", operator: "returns", withinMs: 5_000 };

type Change = Partial<Omit<ProbeSpec, "run">> & { readonly tolerate?: number };

function spec({ tolerate = 0, ...change }: Change = {}): ProbeSpec {
  return {
    name: "p",
    type: "http",
    mode: "Continuous",
    settings: {},
    expect: [isSmall],
    run: {
      timeoutMs: 1_000,
      intervalMs: 1_000,
      attempts: 1,
      initialDelayMs: 0,
      tolerate,
      stopOnFailure: false,
    },
    lagMs: 0,
    missing: "fail",
    ...change,
  };
}

type Said = readonly [phase: CheckPhase, result: CheckResult, value?: number];

function checks(...all: readonly Said[]): readonly Check[] {
  const begin = { baseline: 0, transition: 8_000, fault: 10_000, after: 40_000 } as const;
  return all.map(([phase, result, value], i) => ({
    phase,
    result,
    measures: value === undefined ? {} : { x: value },
    about: begin[phase] + i,
    attempts: 1,
    text: result === "passed" ? null : `${phase} ${result}`,
  }));
}

function judge(change: Change, ...all: readonly Said[]) {
  return judgeProbe(spec(change), checks(...all), TIMES);
}

describe("which checks count", () => {
  const bad = (phase: CheckPhase): readonly Said[] =>
    (["baseline", "transition", "fault", "after"] as const).map((one) => [
      one,
      one === phase ? "failed" : "passed",
      1,
    ]);

  test.each([
    ["SOT", ["baseline"]],
    ["EOT", ["after"]],
    ["Edge", ["baseline", "after"]],
    ["Continuous", ["baseline", "transition", "fault", "after"]],
    ["OnChaos", ["fault"]],
  ] as const)("in mode %s: %j", (mode, counted) => {
    for (const phase of ["baseline", "transition", "fault", "after"] as const) {
      const { verdict, judged } = judge({ mode }, ...bad(phase));
      const counts = counted.some((one) => one === phase);
      expect([phase, verdict, judged]).toEqual([phase, counts ? "failed" : "passed", counted.length]);
    }
  });

  test.each([
    ["SOT", ["fault", "after"], "there was no check before the fault"],
    ["EOT", ["baseline", "fault"], "there was no check after the restore"],
    ["OnChaos", ["baseline", "transition", "after"], "there was no check while a fault was in"],
    ["Edge", ["fault"], "there was no check before the fault and after the restore"],
    ["Continuous", [], "there was no check at all"],
    ["Edge", ["baseline"], "it was checked before the fault only"],
    ["Edge", ["after"], "it was checked after the fault only"],
  ] as const)("in mode %s with checks in %j only, it was not run", (mode, phases, text) => {
    const all = phases.map((phase): Said => [phase, "passed", 1]);
    expect(judge({ mode }, ...all)).toMatchObject({ verdict: "not-run", text });
  });

  test.each(["Edge", "Continuous"] as const)(
    "in mode %s what never came to a fault is compared with nothing",
    (mode) => {
      for (const expectation of [rises, returns]) {
        const said = judge(
          { mode, expect: [expectation] },
          ["baseline", "passed", 1],
          ["baseline", "passed", 2],
        );
        expect(said).toMatchObject({ verdict: "not-run", text: "it was checked before the fault only" });
      }
      const failed = judge({ mode, expect: [isSmall, rises] }, ["baseline", "failed", 200]);
      expect(failed.verdict).toBe("failed");
    },
  );

  test("half of a comparison that failed is a failure", () => {
    expect(judge({ mode: "Edge" }, ["baseline", "failed", 200]).verdict).toBe("failed");
    expect(judge({ mode: "Edge" }, ["baseline", "errored"]).verdict).toBe("errored");
  });
});

describe("how many may fail", () => {
  test.each([
    [0, 0, 10, false],
    [0, 1, 10, true],
    [0.1, 1, 10, false],
    [0.1, 2, 10, true],
    [1, 10, 10, false],
    [0.5, 0, 0, false],
  ])("%d tolerates %d of %d: exceeded %s", (tolerate, bad, of, exceeded) => {
    expect(exceeds(bad, of, spec({ tolerate }))).toBe(exceeded);
  });

  test.each([
    [0, "failed", "fault failed (1 of 3 checks failed)"],
    [0.2, "failed", "fault failed (1 of 3 checks failed, where 20% may)"],
    [0.34, "passed", null],
  ] as const)("%d of three, one of which failed: %s", (tolerate, verdict, text) => {
    const said = judge(
      { tolerate },
      ["fault", "passed", 1],
      ["fault", "failed", 200],
      ["fault", "passed", 1],
    );
    expect(said).toEqual({ verdict, passed: 2, judged: 3, text });
  });

  test("what erred is counted with what failed, and is no failure", () => {
    expect(judge({}, ["fault", "errored"])).toMatchObject({ verdict: "errored", text: "fault errored" });
    const all: readonly Said[] = [
      ["fault", "failed"],
      ["fault", "errored"],
      ["fault", "passed", 1],
      ["fault", "passed", 1],
    ];
    expect(judge({ tolerate: 0.25 }, ...all)).toMatchObject({
      verdict: "errored",
      text: "fault errored (1 of 4 checks erred, where 25% may)",
    });
    expect(judge({ tolerate: 0.5 }, ...all).verdict).toBe("passed");
    expect(judge({}, ...all).verdict).toBe("failed");
  });
});

describe("checks without data", () => {
  test.each([
    [[["fault", "missing"]], "errored", 0],
    [
      [
        ["fault", "missing"],
        ["fault", "passed", 1],
      ],
      "passed",
      1,
    ],
    [
      [
        ["fault", "missing"],
        ["fault", "failed"],
      ],
      "failed",
      1,
    ],
  ] as const)("are waited for: %j is %s", (all, verdict, judged) => {
    expect(judge({ missing: "wait" }, ...all)).toMatchObject({ verdict, judged });
  });

  test("that never came are told", () => {
    expect(judge({ missing: "wait" }, ["fault", "missing"]).text).toBe(
      "fault missing, and it was waited for",
    );
  });

  test.each([
    ["fail", "failed", "x: there was no data during the fault"],
    ["wait", "errored", "x: there was no data during the fault, and it was waited for"],
    ["pass", "passed", null],
  ] as const)("of a series count as the policy `%s` says: %s", (missing, verdict, text) => {
    const said = judge({ missing, expect: [rises] }, ["baseline", "passed", 1], ["fault", "missing"]);
    expect(said).toMatchObject({ verdict, text });
  });
});

describe("a series beside single checks", () => {
  test.each([
    ["met", [1, 5], "passed", "passed"],
    ["unmet", [1, 1], "passed", "failed"],
    ["met, where a check failed", [1, 5], "failed", "failed"],
    ["unmet, where a check erred", [1, 1], "errored", "errored"],
  ] as const)("%s", (_, [before, now], result, verdict) => {
    const expectations = [isSmall, rises];
    const said = judge(
      { expect: expectations },
      ["baseline", "passed", before],
      ["fault", "passed", now],
      ["fault", result, now],
    );
    expect(said.verdict).toBe(verdict);
  });

  test("a restore that was not proved leaves it open what returns", () => {
    const all = checks(["baseline", "passed", 1], ["fault", "passed", 5], ["after", "passed", 1]);
    const probe = spec({ expect: [returns] });
    expect(judgeProbe(probe, all, TIMES).verdict).toBe("passed");
    expect(judgeProbe(probe, all, { ...TIMES, restoredAt: null })).toMatchObject({
      verdict: "errored",
      text: "x: the restore was not proved, and it was waited for",
    });
  });

  test.each([
    ["OnChaos", 5, "passed"],
    ["OnChaos", 1, "failed"],
    ["Edge", 1, "passed"],
    ["EOT", 1, "passed"],
  ] as const)("is judged in mode %s on its own part: %d in the fault is %s", (mode, now, verdict) => {
    const all: readonly Said[] = [
      ["baseline", "passed", 1],
      ["fault", "passed", now],
      ["after", "passed", 2],
    ];
    expect(judge({ mode, expect: [rises] }, ...all).verdict).toBe(verdict);
  });
});
