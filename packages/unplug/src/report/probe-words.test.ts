import { describe, expect, it } from "vitest";
import { eventLine } from "./event-line.ts";
import { fold } from "./fold.ts";
import { exitCode } from "./outcome.ts";
import { scoreBand } from "./probe-words.ts";
import { probed } from "./probed.fixture.ts";
import { runJson } from "./run-json.ts";
import { newView } from "./run-view.ts";
import { showText } from "./show-text.ts";
import { lastLine, summaryText } from "./summary-text.ts";

const view = (name: keyof typeof probed) => fold(probed[name], newView("r1"));
/** What the summary says of the hypothesis. */
const hypothesis = (name: keyof typeof probed) =>
  `\n${/Hypothesis[^]*?(?=\nRestore)/.exec(summaryText(view(name), { width: 90 }))?.[0] ?? ""}\n`;

describe("what a person reads of probes", () => {
  it("is one line where all passed, with score and its band", () => {
    expect(hypothesis("met")).toMatchInlineSnapshot(`
      "
      Hypothesis  met: 2 of 2 probes passed, resilience score 100 (excellent)
      "
    `);
    expect(lastLine(view("met"))).toMatchInlineSnapshot(
      `"PASSED: injection confirmed, effect seen on orders; hypothesis met, resilience score 100 (excellent); restore proved. Exit 0: hypothesis met, or none stated."`,
    );
    expect(exitCode(view("met"))).toBe(0);
  });

  it("names each that did not pass, expected and got, in the summary and in the last line", () => {
    expect(hypothesis("unmet")).toMatchInlineSnapshot(`
      "
      Hypothesis  unmet: 0 of 2 probes passed, resilience score 0 (critical)
                  answers-fast (http, Continuous) failed: responseTimeMs is 3002, expected at
                    most 2000 (3 of 56 checks failed)
                  backlog-grows of orders-pause (prometheus, OnChaos) failed: value was 10
                    before and at most 10, expected to rise by 10%
      "
    `);
    expect(lastLine(view("unmet"))).toMatchInlineSnapshot(
      `"FAILED: injection confirmed, effect seen on orders; hypothesis unmet, resilience score 0 (critical); restore proved (probe "answers-fast" (Continuous) failed: responseTimeMs is 3002, expected at most 2000 (3 of 56 checks failed); probe "backlog-grows" of orders-pause (OnChaos) failed: value was 10 before and at most 10, expected to rise by 10%). Exit 1: hypothesis not met."`,
    );
    expect(exitCode(view("unmet"))).toBe(1);
  });

  it("keeps apart a probe that could not be judged", () => {
    expect(hypothesis("errored")).toMatchInlineSnapshot(`
      "
      Hypothesis  open: 1 of 2 probes passed, resilience score 50 (poor)
                  backlog-grows of orders-pause (prometheus, OnChaos) could not be judged: no
                    series of that name: did you mean queue_depth_average
      "
    `);
    expect(exitCode(view("errored"))).toBe(3);
  });

  it("says that the steady state was not there", () => {
    expect(hypothesis("unsteady")).toMatchInlineSnapshot(`
      "
      Hypothesis  not judged: 0 of 2 probes passed
                  the steady state was not there, so nothing was injected: the probe
                    "answers-fast" is not met before the fault: statusCode is 500, expected one
                    of 200, 503
                  answers-fast (http, Continuous) failed: statusCode is 500, expected one of
                    200, 503
                  backlog-grows of orders-pause (prometheus, OnChaos) was not judged: there was
                    no check while a fault was in
      "
    `);
    expect(exitCode(view("unsteady"))).toBe(3);
  });

  it("is a line when a result changes, and no other", () => {
    let seen = newView("r1");
    const lines = probed.unmet.flatMap((recorded) => {
      seen = fold([recorded], seen);
      const line = eventLine(recorded, seen);
      return recorded.event.type === "probe.checked" && line !== null ? [line] : [];
    });
    expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      12:03:05 +2.0s probe answers-fast (Continuous)  passed
      12:03:05 +2.0s probe backlog-grows (OnChaos)  passed
      12:03:13 +10.0s probe answers-fast (Continuous)  failed: responseTimeMs is 3002, expected at most 2000
      12:03:16 +13.0s probe answers-fast (Continuous)  passed
      "
    `);
  });

  it("is the same in the journal's timeline as it was live", () => {
    const later = view("unmet");
    const told = later.timeline.filter(({ event }) => event.type === "probe.checked");
    expect(told.map((recorded) => eventLine(recorded, later))).not.toContain(null);
    expect(told).toHaveLength(4);
  });

  it("says before the fault why nothing is injected", () => {
    const absent = probed.unsteady.find(({ event }) => event.type === "steady.absent");
    expect(absent && eventLine(absent, view("unsteady"))).toMatchInlineSnapshot(
      `"12:03:05 +2.1s the steady state is not there, so nothing is injected: the probe "answers-fast" is not met before the fault: statusCode is 500, expected one of 200, 503"`,
    );
  });

  it("is a plot of each measure, with the checks that did not pass", () => {
    const text = showText(view("unmet"), { width: 60 });
    expect(text).toContain("Probe answers-fast (http, Continuous) failed");
    expect(text).toMatch(/✗+ not passed/);
  });

  it("has a word for every score", () => {
    expect([100, 90, 89.9, 75, 74, 60, 59, 40, 39, 0].map(scoreBand)).toEqual([
      "excellent",
      "excellent",
      "good",
      "good",
      "moderate",
      "moderate",
      "poor",
      "poor",
      "critical",
      "critical",
    ]);
  });
});

describe("what a machine reads of probes", () => {
  it("has verdict, counts, what was expected and why it did not pass", () => {
    expect(runJson(view("unmet")).probes).toMatchInlineSnapshot(`
      [
        {
          "checks": {
            "errored": 0,
            "failed": 0,
            "missing": 0,
            "passed": 0,
          },
          "expected": [
            "state: anything but "ALARM"",
          ],
          "judged": 0,
          "mode": "Continuous",
          "name": "burn-rate",
          "passed": 0,
          "role": "stop",
          "step": null,
          "text": "there was no check at all",
          "type": "cloudwatch-alarm",
          "verdict": "not-run",
        },
        {
          "checks": {
            "errored": 0,
            "failed": 3,
            "missing": 0,
            "passed": 53,
          },
          "expected": [
            "statusCode: one of 200, 503",
            "responseTimeMs: at most 2000",
          ],
          "judged": 56,
          "mode": "Continuous",
          "name": "answers-fast",
          "passed": 53,
          "role": "hypothesis",
          "step": null,
          "text": "responseTimeMs is 3002, expected at most 2000 (3 of 56 checks failed)",
          "type": "http",
          "verdict": "failed",
        },
        {
          "checks": {
            "errored": 0,
            "failed": 0,
            "missing": 0,
            "passed": 5,
          },
          "expected": [
            "value: to rise by 10%",
          ],
          "judged": 3,
          "mode": "OnChaos",
          "name": "backlog-grows",
          "passed": 3,
          "role": "hypothesis",
          "step": "orders-pause",
          "text": "value was 10 before and at most 10, expected to rise by 10%",
          "type": "prometheus",
          "verdict": "failed",
        },
      ]
    `);
  });
});
