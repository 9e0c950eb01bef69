import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { fold } from "./fold.ts";
import { formNames, reportText } from "./forms.ts";
import { manyChecks } from "./page.fixture.ts";
import { answersKey, checked, probed, probedStart } from "./probed.fixture.ts";
import { intended, planned, record, start } from "./recorded.fixture.ts";
import { reportSchema } from "./report-json.ts";
import { newView } from "./run-view.ts";
import { stories } from "./stories.fixture.ts";

const all = { ...stories, ...probed };
const view = (name: keyof typeof all) => fold(all[name], newView("r1"));
const text = (form: (typeof formNames)[number], name: keyof typeof all) =>
  reportText(form, { view: view(name), alive: false, byHand: null });

/** Of a JUnit file, each test case with what became of it. */
function cases(xml: string): readonly string[] {
  return [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>\s*<(\w+) )/g)].map(
    ([, classname, name, result = "passed"]) => `${result}: ${classname} ${name}`,
  );
}

describe("junit", () => {
  it("is a test case for each injection, probe and restore: failed, errored and skipped kept apart", () => {
    expect(cases(text("junit", "unmet"))).toMatchInlineSnapshot(`
      [
        "passed: orders-survives.orders-pause inject lambda-toggle-event-mapping-state",
        "skipped: orders-survives.stop conditions burn-rate (cloudwatch-alarm, Continuous)",
        "failure: orders-survives.probes answers-fast (http, Continuous)",
        "failure: orders-survives.orders-pause backlog-grows (prometheus, OnChaos)",
        "passed: orders-survives.orders-pause restore",
        "passed: orders-survives the run has an answer",
      ]
    `);
    expect(cases(text("junit", "errored"))).toMatchInlineSnapshot(`
      [
        "passed: orders-survives.orders-pause inject lambda-toggle-event-mapping-state",
        "skipped: orders-survives.stop conditions burn-rate (cloudwatch-alarm, Continuous)",
        "passed: orders-survives.probes answers-fast (http, Continuous)",
        "error: orders-survives.orders-pause backlog-grows (prometheus, OnChaos)",
        "passed: orders-survives.orders-pause restore",
        "skipped: orders-survives the run has an answer",
      ]
    `);
    expect(cases(text("junit", "restoreFailed"))).toMatchInlineSnapshot(`
      [
        "passed: orders-survives.orders-pause inject lambda-toggle-event-mapping-state",
        "error: orders-survives.orders-pause restore",
        "skipped: orders-survives the run has an answer",
      ]
    `);
  });

  it.each(Object.keys(all) as (keyof typeof all)[])(
    "is red when the run's answer is not a pass: %s",
    (name) => {
      const xml = text("junit", name);
      const verdict = /name="verdict" value="(\w+)"/.exec(xml)?.[1];
      const isRed = cases(xml).some((one) => /^(?:failure|error)/.test(one));
      expect(isRed).toBe(verdict !== "passed");
    },
  );

  it("counts what it holds", () => {
    const xml = text("junit", "unmet");
    const count = (element: string) => String(xml.split(`<${element} `).length - 1);
    const [, tests, failures, errors, skipped] =
      /tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(xml) ?? [];
    expect([tests, failures, errors, skipped]).toEqual(
      ["testcase", "failure", "error", "skipped"].map(count),
    );
  });
});

describe("markdown", () => {
  it("is a line, the outcomes, a table of probes and the findings", () => {
    expect(text("markdown", "unmet").split("\n### Findings")[0]).toMatchInlineSnapshot(`
      "## ❌ orders-survives: failed

      FAILED: injection confirmed, effect seen on orders; hypothesis unmet, resilience score 0 (critical); restore proved (probe "answers-fast" (Continuous) failed: responseTimeMs is 3002, expected at most 2000 (3 of 56 checks failed); probe "backlog-grows" of orders-pause (OnChaos) failed: value was 10 before and at most 10, expected to rise by 10%). Exit 1: hypothesis not met.

      | Injection | Hypothesis | Restore |
      | --- | --- | --- |
      | confirmed, effect seen on orders | unmet, resilience score 0 (critical) | proved |

      | Probe | Type, mode | Expected | Result | Checks passed |
      | --- | --- | --- | --- | ---: |
      | ❌ answers-fast | http, Continuous | statusCode: one of 200, 503; responseTimeMs: at most 2000 | failed: responseTimeMs is 3002, expected at most 2000 (3 of 56 checks failed) | 53 of 56 |
      | ❌ backlog-grows of orders-pause | prometheus, OnChaos | value: to rise by 10% | failed: value was 10 before and at most 10, expected to rise by 10% | 3 of 3 |
      "
    `);
  });

  it("names what is left, and the command that mends it", () => {
    expect(text("markdown", "restoreFailed")).toContain("Mend it with: `unplug restore r1`");
  });
});

describe("json", () => {
  it("has each check of a probe and each sample of a series", () => {
    const json = JSON.parse(text("json", "unmet"));
    expect(json.probes[1].samples).toHaveLength(56);
    expect(json.probes[1].samples[8]).toMatchInlineSnapshot(`
      {
        "about": 1769860992960,
        "at": 1769860993000,
        "attempts": 1,
        "measures": {
          "responseTimeMs": 3002,
          "statusCode": 503,
        },
        "phase": "fault",
        "result": "failed",
        "text": "responseTimeMs is 3002, expected at most 2000",
      }
    `);
    expect(json.series[0].points).toHaveLength(4);
  });

  it.each(Object.keys(all) as (keyof typeof all)[])("is what the published schema says: %s", (name) => {
    const schema = z.fromJSONSchema(reportSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(JSON.parse(text("json", name))).error).toBeUndefined();
  });
});

describe("openmetrics", () => {
  it("has the score, the verdict and each probe", () => {
    const lines = text("openmetrics", "unmet").split("\n");
    expect(lines).toContain('unplug_run_resilience_score{experiment="orders-survives"} 0');
    expect(lines).toContain('unplug_run_verdict{experiment="orders-survives",verdict="failed"} 1');
    expect(lines).toContain(
      'unplug_probe_checks{experiment="orders-survives",step="",probe="answers-fast",type="http",mode="Continuous",role="hypothesis",result="failed"} 3',
    );
    expect(lines.at(-2)).toBe("# EOF");
  });
});

describe("a page", () => {
  const names = Object.keys(all) as (keyof typeof all)[];

  it.each(names)("is whole, whatever became of the run: %s", (name) => {
    for (const events of [all[name], all[name].slice(0, all[name].length / 2)])
      for (const alive of [false, true]) {
        const view = fold(events, newView("r1"));
        const page = reportText("html", { view, alive, byHand: null });
        expect(page).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
        expect(page).not.toMatch(/undefined|NaN|Infinity|\[object/);
        const open = (page.match(/<(?:section|table|ul|dl|div|svg|figure)\b/g) ?? []).length;
        expect(page.match(/<\/(?:section|table|ul|dl|div|svg|figure)>/g) ?? []).toHaveLength(open);
      }
  });

  it("is whole for a run of which nothing is known", () => {
    for (const form of formNames) {
      const text = reportText(form, { view: newView(), alive: false, byHand: null });
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
    }
  });

  it("draws ten thousand checks with all of their peaks, and says that it thinned them", () => {
    const view = fold(manyChecks(10_000), newView("r1"));
    const page = reportText("html", { view, alive: false, byHand: null });
    expect(page).toContain("10000 values, of each column of the picture its least and greatest");
    expect(page).toContain("responseTimeMs: 40 to 2500");
    expect(page.length).toBeLessThan(200_000);
  });
});

// Whatever a file, an answer or AWS may name something.
const nasty = `</style><script>alert(1)</script>" onload='x' & | \`*_[a](b)\u0000\u001b[31m\u202e\ud800 @all\n# EOF`;

test.each(formNames)("what others have named breaks out of nothing: %s", (form) => {
  const [[seconds, event] = [0, null]] = probedStart();
  if (event?.type !== "run.started") throw new Error("The fixture starts a run.");
  const named = { ...event, by: nasty, experiment: { ...event.experiment, name: nasty, description: nasty } };
  const events = record([
    [seconds, named],
    planned(),
    intended(3, 1, nasty),
    checked(4, answersKey, { statusCode: nasty, responseTimeMs: Number.NaN }, { text: nasty }),
  ]);
  const report = reportText(form, { view: fold(events, newView("r1")), alive: false, byHand: nasty });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
  expect(report).not.toMatch(/[\u0000\u001b]/);
  expect(report.isWellFormed() || form === "json").toBe(true);
  if (form === "html") expect(report.match(/<(?:script|\/style)/g)).toEqual(["</style"]);
  if (form === "junit") expect(report).not.toMatch(/<(?:script|\/style)|&(?!amp;|lt;|gt;|quot;|#39;)/);
  if (form === "markdown") expect(report).not.toMatch(/<script|@all|(?<!\\)\|[^\n]*`\*_/);
  if (form === "openmetrics") expect(report.match(/^# EOF$/gm)).toHaveLength(1);
  if (form === "json") expect(JSON.parse(report).by).toBe(nasty);
});

test.each(formNames)("no value of a function's variable is in a report: %s", (form) => {
  const state = (value: string, layers: readonly string[]) => ({
    memoryMib: 128,
    layers,
    environment: { own: { NODE_OPTIONS: value }, others: { DB_PASSWORD: "c0ffee" } },
  });
  const [seconds, event] = intended(3, 1, "4f1c");
  if (event.type !== "edit.intended") throw new Error("The fixture intends an edit.");
  const value = {
    ...event.value,
    before: state("--require=secret-1", []),
    after: state("--import=secret-2", ["l"]),
  };
  const events = record([
    ...start(),
    planned(),
    [seconds, { ...event, value }],
    [4, { type: "edit.made", edit: 1, made: { id: "x", revision: null } }],
    [
      5,
      {
        type: "inject.lost",
        step: "orders-pause",
        iteration: 1,
        ref: value.ref,
        reason: "a deploy",
        now: state("secret-3", []),
      },
    ],
    [6, { type: "undo.intended", edit: 1, to: state("--require=secret-1", []) }],
    [7, { type: "drift", edit: 1, before: state("--require=secret-1", []), now: state("secret-3", []) }],
  ]);
  const view = fold(events, newView("r1"));
  const report = reportText(form, { view, alive: false, byHand: null });
  expect(report).not.toMatch(/secret-|c0ffee/);
  // That it changed, and was the same before and after, must still show.
  if (form === "html")
    expect(report).toMatch(/NODE_OPTIONS[^]*\(hidden 1\)[^]*\(hidden 2\)|NODE_OPTIONS[^]*\(hidden/);
});
