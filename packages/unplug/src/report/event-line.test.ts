import { describe, expect, it } from "vitest";
import { eventLine } from "./event-line.ts";
import { fold } from "./fold.ts";
import { plainStyle } from "./look.ts";
import { denied, faultStep, injected, intended, planned, record, start } from "./recorded.fixture.ts";
import { newView } from "./run-view.ts";
import { type StoryName, stories } from "./stories.fixture.ts";

/** What a pipe shows: each line with the view as it was then. */
function log(name: StoryName): string {
  let view = newView("r1");
  const lines = stories[name].map((recorded) => {
    view = fold([recorded], view);
    return eventLine(recorded, view);
  });
  return `\n${lines.filter((line) => line !== null).join("\n")}\n`;
}

describe("eventLine", () => {
  it("tells a clean run", () => {
    expect(log("clean")).toMatchInlineSnapshot(`
      "
      12:03:03 +0.0s run r1 of orders-survives started by dana@laptop (Unplug 0.1.0)
      12:03:04 +1.0s planned: 2 targets, 1 iteration, nothing is unplugged after 2026-01-31 12:13:03 UTC
      12:03:06 +3.0s injecting into 2 targets
      12:03:07 +4.2s mapping 4f1c (SQS orders)  enabled: true -> false, accepted
      12:03:07 +4.4s mapping 9e2b (SQS refunds)  enabled: true -> false, accepted
      12:03:09 +6.0s confirmed: 2 targets unplugged
      12:03:09 +6.0s held until 12:03:39
      12:03:39 +36.0s hold ended
      12:03:40 +37.0s restoring (dana@laptop)
      12:03:40 +37.2s mapping 4f1c (SQS orders)  put back, accepted
      12:03:40 +37.2s mapping 9e2b (SQS refunds)  put back, accepted
      12:03:42 +39.5s mapping 4f1c (SQS orders)  put back, proved
      12:03:42 +39.5s mapping 9e2b (SQS refunds)  put back, proved
      12:04:01 +58.0s evidence  Polling of orders stood still for 29.1 s.
      12:04:03 +1m00s finished
      12:04:03 +1m00s closed: nothing of ours is left
      "
    `);
  });

  it("tells a refusal on one line", () => {
    expect(log("refused")).toMatchInlineSnapshot(`
      "
      12:03:03 +0.0s run r1 of orders-survives started by dana@laptop (Unplug 0.1.0)
      12:03:04 +1.0s refused: Not every mapping can be switched off. - 9e2b is Disabled The mappings of orders: 4f1c (SQS orders) Enabled.
      12:03:04 +1.0s finished
      12:03:04 +1.0s closed: nothing of ours is left
      "
    `);
  });

  it("tells an injection that failed half-way", () => {
    expect(log("injectFailed")).toMatchInlineSnapshot(`
      "
      12:03:03 +0.0s run r1 of orders-survives started by dana@laptop (Unplug 0.1.0)
      12:03:04 +1.0s planned: 2 targets, 1 iteration, nothing is unplugged after 2026-01-31 12:13:03 UTC
      12:03:06 +3.0s injecting into 2 targets
      12:03:07 +4.2s mapping 4f1c (SQS orders)  enabled: true -> false, accepted
      12:03:07 +4.4s mapping 9e2b (SQS refunds)  not written: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized
      12:03:07 +4.5s not injected: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized
      12:03:07 +4.5s restoring (dana@laptop)
      12:03:07 +4.7s mapping 4f1c (SQS orders)  put back, accepted
      12:03:10 +7.0s mapping 4f1c (SQS orders)  put back, proved
      12:03:10 +7.0s finished
      12:03:10 +7.0s closed: nothing of ours is left
      "
    `);
  });

  it("tells what was lost, drifted or deleted", () => {
    const pick = (name: StoryName, word: string) =>
      log(name)
        .split("\n")
        .filter((line) => line.includes(word));
    expect([
      ...pick("lost", "lost"),
      ...pick("drift", "somebody"),
      ...pick("gone", "gone"),
    ]).toMatchInlineSnapshot(`
      [
        "12:03:23 +20.0s mapping 4f1c (SQS orders)  lost in the hold: somebody took the fault out",
        "12:03:42 +39.0s mapping 4f1c (SQS orders)  our part is out; somebody else changed it: batchSize was (none), is 5",
        "12:03:46 +43.0s mapping 4f1c (SQS orders)  gone: somebody deleted it",
      ]
    `);
  });

  it("names the command for what is not out", () => {
    const last = (name: StoryName) =>
      log(name)
        .split("\n")
        .filter((line) => line.includes("unplug restore"));
    expect([...last("pending"), ...last("restoreFailed"), ...last("leave")]).toMatchInlineSnapshot(`
      [
        "12:18:40 +15m37s mapping 9e2b (SQS refunds)  put back, AWS is still at it (Enabling); run "unplug restore r1"",
        "12:03:42 +39.0s mapping 9e2b (SQS refunds)  NOT put back: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized; run "unplug restore r1"",
        "12:03:40 +37.0s mapping 4f1c (SQS orders)  left in on the word of lee@ops; run "unplug restore r1"",
        "12:03:40 +37.0s mapping 9e2b (SQS refunds)  left in on the word of lee@ops; run "unplug restore r1"",
      ]
    `);
  });

  it("tells how a run was ended", () => {
    const names: readonly StoryName[] = ["sigint", "command", "leave", "journalLost", "defect"];
    const lines = names.map((name) =>
      log(name)
        .split("\n")
        .find((line) => /abort|journal|defect/.test(line)),
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "12:03:13 +10.0s abort requested by dana@laptop (SIGINT): restoring at once",
        "12:03:13 +10.0s abort requested by lee@ops: restoring at once",
        "12:03:13 +10.0s abort requested by lee@ops: nothing is restored, on that word",
        "12:03:13 +10.0s journal lost (JOURNAL_LOST: disk full): no further injection, restoring from memory",
        "12:03:44 +41.0s defect in Unplug: TypeError: x is not a function",
      ]
    `);
  });

  it("tells ramps, intervals and waits", () => {
    const events = record([
      ...start(),
      planned(),
      [2, { type: "ramp.started", step: "orders-pause", ms: 5000, when: "before" }],
      [3661, { type: "interval.started", step: "orders-pause", ms: 30_000 }],
      [90, { type: "wait.started", step: "settle", ms: 90_000 }],
      [91, { type: "step.skipped", step: "late", reason: "the run was aborted" }],
    ]);
    const view = fold(events);
    expect(events.slice(2).map((event) => eventLine(event, view))).toMatchInlineSnapshot(`
      [
        "12:03:05 +2.0s orders-pause  ramp before the fault, 5 s",
        "13:04:04 +1h01m orders-pause  healthy interval, 30 s",
        "12:04:33 +1m30s settle  waiting 1 min 30 s",
        "12:04:34 +1m31s late  skipped: the run was aborted",
      ]
    `);
  });

  it("is quiet on what a person gains nothing from", () => {
    const quiet = Object.values(stories).flatMap((events) =>
      events.filter((event) => eventLine(event, fold(events)) === null).map(({ event }) => event.type),
    );
    expect(new Set(quiet)).toEqual(new Set(["edit.intended", "undo.intended", "sampled", "iteration.ended"]));
  });

  it("tells a marker only when it was not permitted", () => {
    const entry = intended(2, 1, "4f1c");
    const [seconds, event] = entry;
    if (event.type !== "edit.intended") throw new Error("The fixture intends an edit.");
    const tag = { ...event, arms: false, value: { ...event.value, optional: true as const } };
    const failed = { type: "edit.failed" as const, edit: 1, certain: true, failure: denied };
    const events = record([
      ...start(),
      planned(),
      [seconds, tag],
      [3, { type: "edit.made", edit: 1, made: { id: "", revision: null } }],
      [4, failed],
    ]);
    const lines = events.map((recorded) => eventLine(recorded, fold(events)));
    expect(lines.slice(3)).toEqual([
      null,
      "12:03:07 +4.0s mapping 4f1c (SQS orders)  left out, not permitted: AccessDeniedException; without this marker only this machine's journal, or the lines printed by hand, can restore",
    ]);
  });

  it("names the step and the iteration where there are several", () => {
    const events = record([
      ...start([faultStep("first"), faultStep("second")]),
      planned("first", 2),
      ...injected("first"),
      [7, { type: "run.finished" }],
    ]);
    const lines = events.map((recorded) => eventLine(recorded, fold(events)));
    expect(lines).toContain("12:03:09 +6.0s first  iteration 1 of 2  confirmed: 2 targets unplugged");
    expect(lines.at(-1)).toBe("12:03:10 +7.0s run  finished");
  });

  it("breaks at a terminal's width, and not for a pipe", () => {
    const [started] = stories.clean;
    if (started === undefined) throw new Error("A clean run is started.");
    const view = fold(stories.clean, newView("r1"));
    expect(eventLine(started, view, { width: 42, terminal: true })).toBe(
      "12:03:03 +0.0s run r1 of orders-survives\n    started by dana@laptop (Unplug 0.1.0)",
    );
    expect(eventLine(started, view, { width: 42 })).not.toContain("\n");
  });

  it("tells what a restore without a journal came upon, and not that it was made", () => {
    const [seconds, event] = intended(2, 1, "4f1c", { step: "by hand", iteration: 0 });
    if (event.type !== "edit.intended") throw new Error("The fixture intends an edit.");
    const events = record([
      ...start([]),
      planned("by hand", 0, []),
      [seconds, { ...event, found: true }],
      [3, { type: "edit.made", edit: 1, made: { id: "", revision: null } }],
    ]);
    const view = fold(events);
    expect(events.slice(1).map((recorded) => eventLine(recorded, view))).toEqual([
      null,
      "12:03:05 +2.0s mapping 4f1c  found: enabled false, was true before",
      null,
    ]);
    expect(view.timeline.map((recorded) => recorded.event.type)).toContain("edit.intended");
  });

  it("does not say of a run that was left on a word that nothing is left", () => {
    const events = record([
      ...start(),
      planned(),
      ...injected(),
      [90, { type: "left", edit: 1, by: "lee@ops" }],
      [90, { type: "left", edit: 2, by: "lee@ops" }],
      [90, { type: "run.finished" }],
      [90, { type: "run.closed" }],
    ]);
    const [closed] = events.slice(-1).map((recorded) => eventLine(recorded, fold(events)));
    expect(closed).toContain("closed: what was left in stays");
  });

  it("never lets a name steer the terminal or break the line", () => {
    const by = "\u001b]0;owned\u0007 dana\r\nrun: fine\u202e";
    const [started] = record([[0, { type: "abort.requested", request: { by, signal: null, leave: false } }]]);
    if (started === undefined) throw new Error("One event was recorded.");
    const line = eventLine(started, fold([started]));
    expect(line).toContain("\\u001b]0;owned\\u0007 dana run: fine\\u202e");
    expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it("paints with the style it is given", () => {
    const style = {
      ...plainStyle,
      green: (text: string) => `<g>${text}</g>`,
      dim: (text: string) => `<d>${text}</d>`,
    };
    const events = stories.clean;
    const proved = events.find(({ event }) => event.type === "proved");
    if (proved === undefined) throw new Error("A clean run is proved.");
    expect(eventLine(proved, fold(events), { style })).toBe(
      "<d>12:03:42 +39.5s</d> mapping 4f1c (SQS orders)  <g>put back, proved</g>",
    );
  });
});
