import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import type { Recorded } from "../contract/journal.ts";
import { eventLine } from "./event-line.ts";
import { fold } from "./fold.ts";
import { exitCode, outcome } from "./outcome.ts";
import {
  abort,
  BASE,
  faultStep,
  held,
  injected,
  intended,
  made,
  mappingRef,
  planned,
  record,
  restored,
  start,
  undone,
} from "./recorded.fixture.ts";
import { runJson, runJsonSchema } from "./run-json.ts";
import { newView, openEdits } from "./run-view.ts";
import { showText } from "./show-text.ts";
import { stories } from "./stories.fixture.ts";

const all = Object.entries(stories);

describe("fold", () => {
  it.each(all)("gives the same for %s whether events come at once or one by one", (_, events) => {
    const piecewise = events.reduce((view, event) => fold([event], view), newView("r1"));
    expect(piecewise).toEqual(fold(events, newView("r1")));
  });

  it("gives the same wherever the events are cut", () => {
    const cut = fc
      .constantFrom(...all)
      .chain(([, events]) => fc.tuple(fc.constant(events), fc.nat(events.length)));
    fc.assert(
      fc.property(cut, ([events, at]) => {
        const first = fold(events.slice(0, at));
        const frozen = structuredClone(first);
        expect(fold(events.slice(at), first)).toEqual(fold(events));
        expect(first).toEqual(frozen);
      }),
    );
  });

  it.each(all)("can be told after every prefix of %s", (_, events) => {
    for (let length = 0; length <= events.length; length += 1) tellEverything(events.slice(0, length));
  });

  it("can be told whatever is missing, doubled or out of order", () => {
    const soup = fc.array(fc.constantFrom(...all.flatMap(([, events]) => events)), { maxLength: 40 });
    fc.assert(fc.property(soup, tellEverything), { numRuns: 200 });
  });

  it("passes over what a newer version wrote", () => {
    const events: readonly Recorded[] = JSON.parse(
      '[{"sequence":1,"at":5,"event":{"type":"moon.rose","edit":3}}]',
    );
    expect(fold(events)).toMatchObject({ steps: [], edits: [], lastAt: 5 });
  });

  it("takes every prefix with an edit that may stand for one that still has something in", () => {
    for (const [name, events] of all) {
      for (let length = 0; length <= events.length; length += 1) {
        const cut = events.slice(0, length);
        const isIn = standing(cut).size > 0;
        const view = fold(cut);
        expect([name, length, ["failed", "not-begun"].includes(outcome(view).restore)]).toEqual([
          name,
          length,
          isIn,
        ]);
        if (isIn) expect(exitCode(view)).toBe(4);
      }
    }
  });
});

describe("phases", () => {
  const opening = [...start(), planned(), ...injected()];
  const phaseAt = (length: number, entries = [...opening, held(), ...restored()]) =>
    fold(record(entries.slice(0, length))).phase;

  it("go from planning to watching", () => {
    const names = Array.from({ length: 18 }, (_, i) => phaseAt(i + 1).name);
    expect(names.filter((name, i) => name !== names[i - 1])).toEqual([
      "planning",
      "injecting",
      "confirming",
      "holding",
      "restoring",
      "proving",
      "watching",
    ]);
  });

  it("say until when they last", () => {
    expect(phaseAt(9)).toEqual({
      name: "holding",
      since: BASE + 6000,
      until: BASE + 36_000,
      step: "orders-pause",
      iteration: 1,
    });
    const ramp = fold(
      record([
        ...start(),
        planned(),
        [2, { type: "ramp.started", step: "orders-pause", ms: 5000, when: "before" }],
      ]),
    );
    expect(ramp.phase).toMatchObject({ name: "ramp", until: BASE + 7000 });
    const wait = { kind: "wait" as const, name: "settle", waitMs: 9000 };
    const waiting = fold(record([...start([wait]), [2, { type: "wait.started", step: "settle", ms: 9000 }]]));
    expect(waiting.phase).toMatchObject({ name: "waiting", until: BASE + 11_000 });
    expect(waiting.steps).toMatchObject([{ kind: "wait", state: "running" }]);
  });

  it("stay at holding while one target is taken out early", () => {
    expect(fold(record([...opening, ...undone(20, 1)])).phase.name).toBe("holding");
  });
});

describe("steps", () => {
  it("are done when the next one begins, and skipped when it never did", () => {
    const two = [faultStep("one"), faultStep("two"), faultStep("three")];
    const ms = 1000;
    const entries = [
      ...start(two),
      planned("one"),
      [2, { type: "ramp.started", step: "one", ms, when: "before" }] as const,
      [3, { type: "ramp.started", step: "two", ms, when: "before" }] as const,
    ];
    expect(fold(record(entries)).steps.map(({ state }) => state)).toEqual(["done", "running", "waiting"]);
    const over = fold(record([...entries, [4, { type: "run.finished" }]]));
    expect(over.steps.map(({ state }) => state)).toEqual(["done", "done", "skipped"]);
  });

  it("keep the instants of each iteration", () => {
    expect(fold(stories.clean).steps[0]?.iterations).toMatchObject([
      {
        startedAt: BASE + 3000,
        intendedAt: BASE + 4000,
        confirmedAt: BASE + 6000,
        holdStartedAt: BASE + 6000,
        until: BASE + 36_000,
        holdEndedAt: BASE + 36_000,
        restoreStartedAt: BASE + 37_000,
        restoredAt: BASE + 39_500,
        endedAt: BASE + 39_500,
      },
    ]);
  });

  it("gather samples into series by channel and subject", () => {
    expect(fold(stories.clean).series).toEqual([
      {
        step: "orders-pause",
        channel: "messages visible",
        subject: "orders",
        points: [
          [BASE + 2000, 0, "baseline"],
          [BASE + 12_000, 10, "fault"],
          [BASE + 30_000, 28, "fault"],
          [BASE + 50_000, 0, "after"],
        ],
      },
    ]);
  });
});

describe("targets", () => {
  const statuses = (events: readonly Recorded[]) =>
    fold(events).steps[0]?.targets.map(({ status }) => status);

  it.each([
    ["clean", ["proved", "proved"]],
    ["refused", []],
    ["injectFailed", ["proved", "untouched"]],
    ["answerLost", ["proved", "proved"]],
    ["lost", ["proved", "proved"]],
    ["drift", ["drift", "proved"]],
    ["gone", ["gone", "proved"]],
    ["pending", ["proved", "pending"]],
    ["restoreFailed", ["proved", "failed"]],
    ["leave", ["left", "left"]],
    ["died", ["unplugged", "unplugged"]],
    ["diedThenRestored", ["proved", "proved"]],
  ] as const)("end as they should in %s", (name, expected) => {
    expect(statuses(stories[name])).toEqual(expected);
  });

  it("are told one by one on the way", () => {
    const begun = [...start(), planned(), ...injected().slice(0, 4)];
    expect(statuses(record(begun.slice(0, 3)))).toEqual(["untouched", "untouched"]);
    expect(statuses(record([...begun, made(5, 2)]))).toEqual(["injecting", "injecting"]);
    const failure = { code: "ETIMEDOUT", message: "no answer" };
    expect(
      statuses(record([...begun, [5, { type: "edit.failed", edit: 2, certain: false, failure }]])),
    ).toEqual(["injecting", "unknown"]);
    const lost = stories.lost.findIndex(({ event }) => event.type === "inject.lost");
    expect(statuses(stories.lost.slice(0, lost + 1))).toEqual(["lost", "unplugged"]);
    expect(statuses(stories.lost.slice(0, lost + 3))).toEqual(["restoring", "restoring"]);
  });

  it("name the fields that somebody else changed", () => {
    expect(fold(stories.drift).steps[0]?.targets[0]?.drift).toEqual([
      { path: "batchSize", before: null, after: 5 },
    ]);
  });

  it("are restoring again when a later restore takes up what one left", () => {
    const again: Recorded = {
      sequence: 99,
      at: BASE + 99_000,
      event: { type: "restore.started", step: null, iteration: null, by: "lee@ops" },
    };
    expect(statuses([...stories.leave, again])).toEqual(["restoring", "restoring"]);
    expect(statuses([...stories.restoreFailed, again])).toEqual(["proved", "restoring"]);
  });

  it("are unplugged again in a later iteration", () => {
    const second = [
      ...start(),
      planned("orders-pause", 2),
      ...injected(),
      held(),
      ...restored(),
      [
        70,
        { type: "iteration.started", step: "orders-pause", iteration: 2, targets: [mappingRef("4f1c")] },
      ] as const,
      intended(70, 3, "4f1c", { iteration: 2 }),
      made(71, 3),
      [72, { type: "inject.confirmed", step: "orders-pause", iteration: 2 }] as const,
    ];
    expect(statuses(record(second))).toEqual(["unplugged", "proved"]);
    expect(openEdits(fold(record(second))).map(({ edit }) => edit)).toEqual([3]);
  });
});

it("keeps a later abort beside the first", () => {
  const view = fold(record([...start(), abort(2), abort(3, { signal: "SIGTERM" })]));
  expect(view.aborts).toMatchObject([{ signal: "SIGINT" }, { signal: "SIGTERM" }]);
});

/** Which edits may be in, told by the simplest means: the last word on each. */
function standing(events: readonly Recorded[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { event } of events) {
    if (event.type === "edit.intended") found.add(event.edit);
    if (event.type === "edit.failed" && event.certain) found.delete(event.edit);
    if (event.type === "proved" || event.type === "drift" || event.type === "gone") found.delete(event.edit);
  }
  return found;
}

function tellEverything(events: readonly Recorded[]): void {
  const view = fold(events, newView("r1"));
  for (const event of events) eventLine(event, view);
  expect(showText(view)).toContain("Exit ");
  for (const alive of [true, false]) {
    const json = runJson(view, { alive });
    expect(runJsonSchema.parse(JSON.parse(JSON.stringify(json)))).toEqual(json);
  }
}
