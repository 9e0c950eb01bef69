import { describe, expect, it } from "vitest";
import type { RunResult } from "../library/run.ts";
import { fold } from "../report/fold.ts";
import { runJson } from "../report/run-json.ts";
import { newView } from "../report/run-view.ts";
import { type StoryName, stories } from "../report/stories.fixture.ts";
import { lastLine, summaryText } from "../report/summary-text.ts";
import { unplugMatchers } from "./index.ts";

expect.extend(unplugMatchers);

function result(name: StoryName): RunResult {
  const events = stories[name];
  const view = fold(events, newView("r1"));
  return { ...runJson(view), events, summary: summaryText(view), line: lastLine(view) };
}

/** What a failing expectation tells. */
function told(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "it passed";
}

describe("matchers over a run", () => {
  it("pass for a run that went well", () => {
    const run = result("clean");
    expect(run).toHavePassed();
    expect(run).toBeRestored();
    expect(run).toHaveTakenEffect();
    expect(run).not.toAnswer("time-to-failure");
  });

  it("fail with the end of the run, which says why", () => {
    const run = result("restoreFailed");
    expect(run).not.toHavePassed();
    expect(told(() => expect(run).toHavePassed())).toContain("Left in");
    expect(told(() => expect(run).toBeRestored())).toMatch(
      /to be restored, it is failed\n.*unplug restore r1/s,
    );
  });

  it("ask for a score, and say that there is none", () => {
    expect(told(() => expect(result("clean")).toHaveResilienceScoreOf(90))).toContain(
      "a resilience score of at least 90, got none",
    );
    expect({ ...result("clean"), resilienceScore: 95.5 }).toHaveResilienceScoreOf(90);
    expect({ ...result("clean"), resilienceScore: 89.9 }).not.toHaveResilienceScoreOf(90);
  });

  it("ask for an answer with its numbers, each the same or fit", () => {
    const finding = {
      kind: "answer",
      step: "s",
      id: "s/answer/time-to-failure/orders",
      answered: true,
      text: "orders fails fast.",
      numbers: { about: "time-to-failure", timedOut: 0, p95Ms: 40 },
    };
    const run = { ...result("clean"), findings: [finding] };
    expect(run).toAnswer("time-to-failure", { timedOut: 0, p95Ms: (ms) => Number(ms) < 100 });
    expect(run).not.toAnswer("time-to-failure", { timedOut: 1 });
    expect({ ...run, findings: [{ ...finding, answered: false }] }).not.toAnswer("time-to-failure");
    expect(told(() => expect(run).toAnswer("recovery"))).toContain("got\nnone");
  });
});
