import { expect, it } from "vitest";
import type { Recorded } from "../contract/journal.ts";
import { eventLine } from "./event-line.ts";
import { findings } from "./findings.ts";
import { fold } from "./fold.ts";
import { htmlPage } from "./html/page.ts";
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
