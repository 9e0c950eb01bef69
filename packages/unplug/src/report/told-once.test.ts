import { expect, it } from "vitest";
import type { Recorded } from "../contract/journal.ts";
import { eventLine } from "./event-line.ts";
import { findings } from "./findings.ts";
import { fold } from "./fold.ts";
import { htmlPage } from "./html/page.ts";
import { injected, planned, record, start } from "./recorded.fixture.ts";
import { stories } from "./stories.fixture.ts";
import { summaryText } from "./summary-text.ts";

const told = "its name means another one now";
const story = stories.drift.map(
  (one): Recorded => (one.event.type === "drift" ? { ...one, event: { ...one.event, told } } : one),
);
const view = fold(story);

it("drift of which is known what really happened is blamed on nobody", () => {
  const lines = story.map((recorded) => eventLine(recorded, view) ?? "");
  const summary = summaryText(view);
  const page = htmlPage({ view, alive: false, byHand: null });

  expect(lines).toContainEqual(expect.stringContaining(`our part is out; ${told}`));
  expect(findings(view).map(({ text }) => text)).toContain(
    `mapping 4f1c (SQS orders): ${told}. Our part is out; nothing of anybody else's was overwritten.`,
  );
  expect(summary).toContain("drifted: our part is out; what is not as before is told below.");
  expect(summary).toContain(`Drift: mapping 4f1c (SQS orders): ${told}.`);
  for (const text of [summary, page, ...lines]) expect(text).not.toContain("somebody else");
  expect(page).toContain(told);
});

it("what AWS says over and over is told once, until it says something else", () => {
  const no = (message: string) =>
    ({ type: "undo.failed", edit: 1, failure: { code: "Denied", message } }) as const;
  const events = record([
    ...start(),
    planned(),
    ...injected(),
    [37, no("not you")],
    [38, no("not you")],
    [39, no("not now")],
    [40, no("not now")],
    [41, no("not you")],
  ]);
  const lines = events.map((recorded) => eventLine(recorded, fold(events)) ?? "");

  expect(lines.flatMap((line) => /Denied: (.*)/.exec(line)?.[1] ?? [])).toEqual([
    "not you",
    "not now",
    "not you",
  ]);
});

it("a restore that could not read every marker does not say that nothing is left", () => {
  const failure = { code: "MarkersUnread", message: "Not every marker could be read" };
  const events = record([
    ...start(),
    [1, { type: "run.failed", failure, defect: false }],
    [2, { type: "run.closed" }],
  ]);
  const lines = events.map((recorded) => eventLine(recorded, fold(events)) ?? "");

  expect(lines.at(-1)).toContain("closed: what could be told to be ours is out");
});
