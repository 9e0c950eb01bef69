import { describe, expect, test } from "vitest";
import type { Check, ProbeMode } from "../contract/probe.ts";
import { probeKey } from "../contract/probe.ts";
import { fold } from "./fold.ts";
import { probeFindings } from "./probe-findings.ts";
import { alarm, checked, probedStart, probeSpec } from "./probed.fixture.ts";
import { BASE, type Entry, ended, held, injected, planned, record, restored } from "./recorded.fixture.ts";

/** A look at an alarm: what it is about and when it was noted, in seconds after the start. The fault is confirmed at 6. */
interface Look {
  readonly about: number;
  readonly at?: number;
  /** Left out: the look erred. */
  readonly state?: string | null;
}

function findings(probes: readonly ReturnType<typeof probeSpec>[], checks: readonly Entry[]) {
  const entries = [
    ...probedStart(probes, []),
    planned(),
    ...injected(),
    held(),
    ...restored(),
    ...checks,
    ...ended(),
  ].toSorted(([a], [b]) => a - b);
  return probeFindings(fold(record(entries)));
}

function lookEntry(key: string, { about, at = about, state }: Look): Entry {
  const phase = about < 4 ? "baseline" : about < 6 ? "transition" : about <= 36 ? "fault" : "after";
  const erred: Partial<Check> = { result: "errored", text: "throttled" };
  const measures = state === undefined ? {} : { state };
  const [, event] = checked(at, key, measures, { phase, ...(state === undefined ? erred : {}) });
  if (event.type !== "probe.checked") throw new Error("The fixture makes a check.");
  return [at, { ...event, check: { ...event.check, about: BASE + about * 1_000 } }];
}

function alarmFinding(mode: ProbeMode, looks: readonly Look[]) {
  const spec = { ...alarm, mode };
  const found = findings(
    [spec],
    looks.map((look) => lookEntry(probeKey(null, spec), look)),
  );
  return found.find(({ kind }) => kind === "alarm");
}

const NAMED = 'The alarm of probe "burn-rate"';

describe("whether an alarm fired", () => {
  test.each<[string, ProbeMode, readonly Look[], string, Record<string, unknown> | null]>([
    [
      "is known by the first look that found it in ALARM",
      "Continuous",
      [
        { about: 2, state: "OK" },
        { about: 10, state: "INSUFFICIENT_DATA" },
        { about: 16, state: "ALARM" },
        { about: 20, state: "ALARM" },
        { about: 50, state: "OK" },
      ],
      "fired 10 s after the confirmation of the fault. It was OK again 44 s after the confirmation.",
      { firedMs: 10_000, okAgainMs: 44_000 },
    ],
    [
      "is told when it never did",
      "OnChaos",
      [
        { about: 10, state: "OK" },
        { about: 30, state: "OK" },
      ],
      "never fired: it was looked at until 24 s after the confirmation.",
      { firedMs: null, watchedMs: 24_000 },
    ],
    [
      "goes by what a look is about, whenever it was noted",
      "Continuous",
      [
        { about: 5, at: 40, state: "ALARM" },
        { about: 12, at: 55, state: "OK" },
      ],
      "never fired: it was looked at until 6 s after the confirmation.",
      { firedMs: null, watchedMs: 6_000 },
    ],
    [
      "was watched until the last look that found its state",
      "Continuous",
      [{ about: 10, state: "OK" }, { about: 50 }, { about: 51, state: null }],
      "never fired: it was looked at until 4 s after the confirmation.",
      { firedMs: null, watchedMs: 4_000 },
    ],
    [
      "is open when every look since the confirmation erred",
      "Continuous",
      [{ about: 2, state: "OK" }, { about: 10 }, { about: 20 }],
      "may have fired or not: no look at it since the confirmation found its state (throttled).",
      null,
    ],
    [
      "is open when nobody looked since the confirmation",
      "Continuous",
      [
        { about: 2, state: "OK" },
        { about: 5, at: 30, state: "OK" },
      ],
      "may have fired or not: nobody looked at it since the confirmation.",
      null,
    ],
    [
      "is open when it was in ALARM before",
      "Continuous",
      [
        { about: 2, state: "ALARM" },
        { about: 10, state: "ALARM" },
      ],
      "was in ALARM before the fault: whether it fires is not known.",
      null,
    ],
    [
      "is open for who looked before the fault only",
      "SOT",
      [{ about: 2, state: "OK" }],
      "may have fired or not: nobody looked at it since the confirmation.",
      null,
    ],
    [
      "is open for who looked after the restore only",
      "EOT",
      [{ about: 45, state: "OK" }],
      "may have fired or not: it was looked at after the restore only, when it was not in ALARM.",
      null,
    ],
    [
      "has no time for who looked after the restore only",
      "EOT",
      [{ about: 45, state: "ALARM" }],
      "was in ALARM 39 s after the confirmation, when it was first looked at: when it fired is not known.",
      null,
    ],
    [
      "is open for who looked before and after",
      "Edge",
      [
        { about: 2, state: "OK" },
        { about: 45, state: "OK" },
      ],
      "may have fired or not: it was looked at after the restore only, when it was not in ALARM.",
      null,
    ],
  ])("%s", (_, mode, looks, ...[text, numbers]) => {
    expect(alarmFinding(mode, looks)).toMatchObject({
      answered: numbers !== null,
      text: `${NAMED} ${text}`,
      numbers: numbers ?? {},
    });
    expect(alarmFinding(mode, looks)?.numbers).toEqual(numbers ?? {});
  });

  test("is not said of a fault that was not confirmed, nor by a probe of another kind", () => {
    expect(probeFindings(fold(record([...probedStart([alarm], []), ...ended()])))).toEqual([]);
    const http = probeSpec("answers");
    const found = findings([http], [checked(10, probeKey(null, http), { statusCode: 200 })]);
    expect(found.map(({ kind }) => kind)).not.toContain("alarm");
  });
});

describe("the numbers of a probe", () => {
  test("are compared part by part, in one part there is nothing to compare", () => {
    const http = probeSpec("answers");
    const key = probeKey(null, http);
    const before = [1, 2, 3].map((ms) => checked(2, key, { responseTimeMs: ms }));
    const bad = checked(10, key, { responseTimeMs: 90 }, { text: "too slow" });
    expect(findings([http], before).find(({ kind }) => kind === "probe")).toBeUndefined();
    expect(findings([http], [...before, bad]).find(({ kind }) => kind === "probe")).toMatchObject({
      text: 'Probe "answers" (Continuous): before the fault 3 checks, responseTimeMs 2 (p50), 3 at most; while it was in 1 of 1 checks not passed, responseTimeMs 90.',
      numbers: {
        baseline: { checks: 3, notPassed: 0, measures: { responseTimeMs: { p50: 2, p95: 3, max: 3 } } },
        fault: { checks: 1, notPassed: 1 },
      },
    });
  });
});

describe("what nobody asked", () => {
  test.each([
    ["cloudwatch-alarm", ["callers"]],
    ["http", ["alarm"]],
    ["backlog", ["alarm", "callers", "lost"]],
    ["lambda", ["alarm", "callers"]],
  ])("by a probe of type %s alone: %j", (type, ids) => {
    const found = findings([probeSpec("p", { type })], []);
    expect(found.filter(({ kind }) => kind === "unasked").map(({ id }) => id.split("/").at(-1))).toEqual(ids);
  });

  test("is not told who states no hypothesis", () => {
    expect(findings([], [])).toEqual([]);
  });
});
