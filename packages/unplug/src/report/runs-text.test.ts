import { describe, expect, it } from "vitest";
import { fold } from "./fold.ts";
import { BASE } from "./recorded.fixture.ts";
import { runState } from "./run-state.ts";
import { newView } from "./run-view.ts";
import { runsText } from "./runs-text.ts";
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
      RUN  STARTED (UTC)     LENGTH  EXPERIMENT       STATE       INJECTION  RESTORE     EXIT
      r4   2026-01-31 12:03  6 s     orders-survives  holding     -          -           -
      r3   2026-01-31 12:03  6 s     orders-survives  unfinished  confirmed  not-begun   4
      r2   2026-01-31 12:03  1 s     orders-survives  error       skipped    not-needed  3
      r1   2026-01-31 12:03  1 min   orders-survives  passed      confirmed  proved      0

      2 changes of r3 not proved out: unplug restore r3
      "
    `);
  });

  it("fits a narrow screen, the names shortened last", () => {
    const rows = [row("died", "r-20260131-1203-k7f3"), row("clean", "r-20260131-1203-m2p9")];
    const lines = runsText(rows, { width: 80 }).split("\n");
    expect(`\n${lines.slice(0, 3).join("\n")}\n`).toMatchInlineSnapshot(`
      "
      RUN                   STARTED (UTC)     EXPERIMENT       STATE       RESTORE
      r-20260131-1203-k7f3  2026-01-31 12:03  orders-survives  unfinished  not-begun
      r-20260131-1203-m2p9  2026-01-31 12:03  orders-survives  passed      proved
      "
    `);
    expect(Math.max(...lines.slice(0, 3).map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(runsText(rows, { width: 64 })).toContain("orders-surv…");
  });

  it("keeps the run and its state on the narrowest screen, and the command whole", () => {
    const rows = [row("died", "r-20260131-1203-k7f3"), row("clean", "r-20260131-1203-m2p9")];
    const text = runsText(rows, { width: 40 });
    expect(`\n${text}\n`).toMatchInlineSnapshot(`
      "
      RUN                   STATE
      r-20260131-1203-k7f3  unfinished
      r-20260131-1203-m2p9  passed

      2 changes of r-20260131-1203-k7f3 not
      proved out:
        unplug restore r-20260131-1203-k7f3
      "
    `);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it("does not name again what was left on somebody's word", () => {
    const { head, view } = row("leave", "r5");
    expect(runsText([{ head: { ...head, closed: true }, view }])).not.toContain("unplug restore");
    expect(runsText([{ head, view }])).toContain("unplug restore r5");
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
