import { describe, expect, it } from "vitest";
import { exitLine, exitLines } from "./exit-codes.ts";
import { fold } from "./fold.ts";
import { exitCode, outcome } from "./outcome.ts";
import { evidence, faultStep, held, injected, planned, record, restored, start } from "./recorded.fixture.ts";
import { newView } from "./run-view.ts";
import { type StoryName, stories } from "./stories.fixture.ts";

const endings: readonly (readonly [StoryName, string, string, string, string, number])[] = [
  ["clean", "passed", "confirmed", "effect", "proved", 0],
  ["stateOnly", "passed", "confirmed", "state", "proved", 0],
  ["noTraffic", "passed", "confirmed", "effect", "proved", 0],
  ["effectAbsent", "inconclusive", "confirmed", "state", "proved", 3],
  ["effectRequired", "inconclusive", "confirmed", "state", "proved", 3],
  ["overrun", "passed", "confirmed", "effect", "proved", 0],
  ["refused", "error", "skipped", "state", "not-needed", 3],
  ["stepRefused", "error", "skipped", "state", "not-needed", 3],
  ["injectFailed", "error", "failed", "state", "proved", 3],
  ["answerLost", "error", "failed", "state", "proved", 3],
  ["lost", "inconclusive", "lost", "state", "proved", 3],
  ["drift", "passed", "confirmed", "effect", "drifted", 0],
  ["gone", "passed", "confirmed", "effect", "drifted", 0],
  ["pending", "error", "confirmed", "state", "failed", 4],
  ["restoreFailed", "error", "confirmed", "state", "failed", 4],
  ["sigint", "aborted", "confirmed", "state", "proved", 130],
  ["sigterm", "aborted", "confirmed", "state", "proved", 143],
  ["sighup", "aborted", "confirmed", "state", "proved", 129],
  ["command", "aborted", "confirmed", "state", "proved", 5],
  ["abortedEarly", "aborted", "skipped", "state", "proved", 130],
  ["leave", "aborted", "confirmed", "state", "failed", 4],
  ["journalLost", "error", "confirmed", "state", "proved", 3],
  ["defect", "error", "confirmed", "state", "proved", 70],
  ["died", "error", "confirmed", "state", "not-begun", 4],
  ["diedThenRestored", "error", "confirmed", "state", "proved", 3],
];

describe("outcome", () => {
  it.each(endings)("of %s is %s: injection %s on %s, restore %s, exit %i", (name, ...expected) => {
    const view = fold(stories[name], newView("r1"));
    const { verdict, injection, grounds, hypothesis, restore } = outcome(view);
    expect([verdict, injection, grounds, restore, exitCode(view)]).toEqual(expected);
    expect(hypothesis).toBe("none");
  });

  it("tells every story", () => {
    expect(endings.map(([name]) => name).toSorted()).toEqual(Object.keys(stories).toSorted());
  });

  it("gives a reason for every verdict but passed", () => {
    for (const [name, events] of Object.entries(stories)) {
      const { verdict, reasons } = outcome(fold(events));
      expect([name, reasons.length > 0]).toEqual([name, verdict !== "passed"]);
    }
  });

  it("is in no doubt when another channel shows the effect on the same subject", () => {
    const opening = [...start(), planned(), ...injected(), held(), ...restored()];
    const last = [60, { type: "run.finished" }] as const;
    const both = [...opening, evidence(["orders", "absent"], ["orders", "seen"]), last];
    expect(outcome(fold(record(both)))).toMatchObject({ verdict: "passed", grounds: "effect" });
    const other = [...opening, evidence(["orders", "absent"], ["refunds", "seen"]), last];
    expect(outcome(fold(record(other)))).toMatchObject({ verdict: "inconclusive" });
  });

  it("claims effect for a run only when every injected step shows it", () => {
    const steps = [faultStep("orders-pause"), faultStep("again")];
    const twice = [
      ...start(steps),
      planned(),
      planned("again"),
      ...injected(),
      held(),
      ...restored(),
      evidence(["orders", "seen"]),
      ...injected("again"),
      held(0, "again"),
      ...restored(37, "again"),
      [90, { type: "run.finished" }] as const,
    ];
    expect(outcome(fold(record(twice)))).toMatchObject({ verdict: "passed", grounds: "state" });
  });

  it("never passes a run of which an iteration is missing", () => {
    const events = record([
      ...start(),
      planned("orders-pause", 2),
      ...injected(),
      held(),
      ...restored(),
      [60, { type: "run.finished" }],
    ]);
    expect(outcome(fold(events))).toMatchObject({
      verdict: "error",
      reasons: ["orders-pause was held in 1 of 2 iterations"],
    });
  });

  it("never passes a run with a step that was skipped", () => {
    const steps = [faultStep("orders-pause"), faultStep("second")];
    const events = record([
      ...start(steps),
      planned(),
      ...injected(),
      held(),
      ...restored(),
      [50, { type: "step.skipped", step: "second", reason: "no need" }],
      [60, { type: "run.finished" }],
    ]);
    expect(outcome(fold(events))).toMatchObject({
      verdict: "error",
      reasons: ["second was skipped: no need"],
    });
  });

  it("passes a run that only waits", () => {
    const events = record([
      ...start([{ kind: "wait", name: "settle", waitMs: 5 }]),
      [1, { type: "run.finished" }],
    ]);
    expect(outcome(fold(events))).toMatchObject({
      verdict: "passed",
      injection: "skipped",
      restore: "not-needed",
    });
  });

  it("is proved again once a later restore took out what the run had left", () => {
    const mended = [
      ...stories.restoreFailed,
      ...record([
        [90, { type: "restore.started", step: null, iteration: null, by: "lee@ops" }],
        [91, { type: "proved", edit: 2 }],
        [91, { type: "run.closed" }],
      ]),
    ];
    expect(outcome(fold(mended)).restore).toBe("proved");
    expect(exitCode(fold(mended))).toBe(0);
  });
});

describe("exit codes", () => {
  const none = {
    usage: false,
    left: false,
    defect: false,
    signals: [],
    aborted: false,
    unanswered: false,
    unmet: false,
  };

  it("stand in the order in which they win", () => {
    expect(exitLines.map(({ code }) => code)).toEqual([2, 4, 70, 129, 130, 143, 5, 3, 1]);
    expect(exitLine(none).code).toBe(0);
  });

  it.each([
    [{ ...none, usage: true, left: true }, 2],
    [{ ...none, left: true, defect: true, signals: ["SIGINT"] as const, aborted: true }, 4],
    [{ ...none, defect: true, signals: ["SIGTERM"] as const, aborted: true }, 70],
    [{ ...none, signals: ["SIGTERM", "SIGINT"] as const, aborted: true, unanswered: true }, 143],
    [{ ...none, aborted: true, unanswered: true }, 5],
    [{ ...none, unanswered: true, unmet: true }, 3],
    [{ ...none, unmet: true }, 1],
  ])("let the highest line win: %o", (facts, code) => {
    expect(exitLine(facts).code).toBe(code);
  });
});
