import { expect, test } from "vitest";
import { fold } from "../report/fold.ts";
import { withLook } from "../report/look.ts";
import { probed } from "../report/probed.fixture.ts";
import { newView } from "../report/run-view.ts";
import { liveLines } from "./live-lines.ts";

const soFar = probed.unmet.filter(
  ({ event }) => event.type !== "run.finished" && event.type !== "run.closed",
);

test("a probe's last checks are marks, beside the latest that it measured", () => {
  const view = fold(soFar.slice(0, 30), newView("r1"));
  const lines = liveLines(view, 0, withLook({ width: 80 }));
  expect(lines.find((line) => line.includes("answers-fast"))).toMatchInlineSnapshot(
    `"  answers-fast  ✓✓✓✓✓✓✓✓✗✗✗✓✓✓✓✓✓  statusCode 200"`,
  );
  const ascii = liveLines(view, 0, withLook({ width: 80, unicode: false }));
  expect(ascii.find((line) => line.includes("answers-fast"))).toMatchInlineSnapshot(
    `"  answers-fast  ++++++++xxx++++++  statusCode 200"`,
  );
});

test("a stop condition and a step's probe that were not asked yet take no line", () => {
  const lines = liveLines(fold(soFar.slice(0, 4), newView("r1")), 0, withLook({ width: 80 }));
  expect(lines.join("\n")).not.toContain("burn-rate");
});
