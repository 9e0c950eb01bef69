import { describe, expect, it } from "vitest";
import { fold } from "./fold.ts";
import { BASE } from "./recorded.fixture.ts";
import { newView } from "./run-view.ts";
import { runState, runsText } from "./runs-text.ts";
import { type StoryName, stories } from "./stories.fixture.ts";

function row(name: StoryName, run: string, alive = false) {
  const view = fold(stories[name], newView(run));
  return { head: { run, startedAt: BASE, closed: view.closedAt !== null, alive }, view };
}

describe("runsText", () => {
  it("lists runs and the command for each that left something", () => {
    const rows = [row("died", "r4", true), row("died", "r3"), row("refused", "r2"), row("clean", "r1")];
    expect(`\n${runsText(rows)}\n`).toMatchInlineSnapshot(`
      "
      RUN  STARTED                  LENGTH  EXPERIMENT       STATE       VERDICT  INJECTION  RESTORE     EXIT
      r4   2026-01-31 12:03:03 UTC  6 s     orders-survives  holding     -        -          -           -
      r3   2026-01-31 12:03:03 UTC  6 s     orders-survives  unfinished  error    confirmed  failed      4
      r2   2026-01-31 12:03:03 UTC  1 s     orders-survives  finished    error    skipped    not-needed  3
      r1   2026-01-31 12:03:03 UTC  1 min   orders-survives  finished    passed   confirmed  proved      0

      2 changes of r3 not proved out: unplug restore r3
      "
    `);
  });

  it("says so when there are none", () => {
    expect(runsText([])).toBe("No runs yet.");
  });
});

describe("runState", () => {
  it("calls a run unfinished only when its process is dead", () => {
    const died = fold(stories.died);
    expect([runState(died, true), runState(died, false)]).toEqual(["running", "unfinished"]);
    expect(runState(fold(stories.diedThenRestored), false)).toBe("finished");
    expect(runState(fold(stories.restoreFailed), true)).toBe("running");
  });
});
