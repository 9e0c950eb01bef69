import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fold } from "./fold.ts";
import { evidence, record } from "./recorded.fixture.ts";
import { runJson, runJsonSchema } from "./run-json.ts";
import { newView } from "./run-view.ts";
import { stories } from "./stories.fixture.ts";

describe("runJson", () => {
  it("is what --format json prints", () => {
    expect(runJson(fold(stories.restoreFailed, newView("r1")))).toMatchInlineSnapshot(`
      {
        "by": "dana@laptop",
        "exitCode": 4,
        "experiment": "orders-survives",
        "findings": [
          {
            "answered": true,
            "id": "orders-pause/confirm",
            "kind": "confirm",
            "numbers": {
              "confirmMs": [
                2000,
              ],
            },
            "step": "orders-pause",
            "text": "The injection was confirmed 2 s after its first write.",
          },
          {
            "answered": true,
            "id": "orders-pause/window",
            "kind": "window",
            "numbers": {
              "windows": [
                {
                  "from": 1769860989000,
                  "iteration": 1,
                  "ms": 30000,
                  "to": 1769861019000,
                },
              ],
            },
            "step": "orders-pause",
            "text": "Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39 UTC).",
          },
          {
            "answered": false,
            "id": "orders-pause/restore",
            "kind": "restore",
            "numbers": {
              "longestUnprovedMs": null,
              "restoreMs": [],
            },
            "step": "orders-pause",
            "text": "The restore is not proved.",
          },
          {
            "answered": false,
            "id": "orders-pause/left/2",
            "kind": "left",
            "numbers": {
              "edit": 2,
              "status": "failed",
            },
            "step": "orders-pause",
            "text": "Mapping 9e2b (SQS refunds): not put back: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized.",
          },
        ],
        "finishedAt": 1769861023000,
        "grounds": "state",
        "hypothesis": "none",
        "injection": "confirmed",
        "left": [
          {
            "edit": 2,
            "status": "failed",
            "step": "orders-pause",
            "text": "not put back: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized",
            "title": "mapping 9e2b (SQS refunds)",
          },
        ],
        "mend": "unplug restore r1",
        "probes": [],
        "reasons": [
          "not proved out: mapping 9e2b (SQS refunds)",
        ],
        "resilienceScore": null,
        "restore": "failed",
        "runId": "r1",
        "startedAt": 1769860983000,
        "state": "finished",
        "steps": [
          {
            "fault": "lambda-toggle-event-mapping-state",
            "grounds": "state",
            "identity": "arn:aws:iam::123456789012:user/dana",
            "injection": "confirmed",
            "iterations": [
              {
                "confirmedAt": 1769860989000,
                "endedAt": 1769861022000,
                "holdEndedAt": 1769861019000,
                "holdStartedAt": 1769860989000,
                "intendedAt": 1769860987000,
                "iteration": 1,
                "overrunMs": 0,
                "restoreStartedAt": 1769861020000,
                "restoredAt": null,
                "startedAt": 1769860986000,
                "until": 1769861019000,
              },
            ],
            "kind": "fault",
            "name": "orders-pause",
            "place": {
              "account": "123456789012",
              "endpoint": null,
              "region": "us-east-1",
            },
            "reason": null,
            "restore": "failed",
            "state": "done",
            "targets": [
              {
                "drift": [],
                "id": "4f1c",
                "kind": "mapping",
                "status": "proved",
                "title": "mapping 4f1c (SQS orders)",
              },
              {
                "drift": [],
                "id": "9e2b",
                "kind": "mapping",
                "status": "failed",
                "title": "mapping 9e2b (SQS refunds)",
              },
            ],
            "warnings": [
              "The hold is shorter than the 90 s for which AWS may go on polling.",
            ],
            "weight": 10,
          },
        ],
        "verdict": "error",
        "version": "0.1.0",
      }
    `);
  });

  it("keeps its members", () => {
    expect(Object.keys(runJson(fold(stories.clean)))).toMatchInlineSnapshot(`
      [
        "runId",
        "experiment",
        "version",
        "by",
        "startedAt",
        "finishedAt",
        "state",
        "verdict",
        "injection",
        "grounds",
        "hypothesis",
        "restore",
        "resilienceScore",
        "steps",
        "probes",
        "findings",
        "reasons",
        "left",
        "mend",
        "exitCode",
      ]
    `);
  });

  it("gives no verdict while the run goes on", () => {
    expect(runJson(fold(stories.died), { alive: true })).toMatchObject({
      state: "running",
      verdict: null,
      restore: null,
      exitCode: null,
      left: [],
      mend: null,
    });
    expect(runJson(fold(stories.died))).toMatchObject({ state: "unfinished", verdict: "error", exitCode: 4 });
  });

  it("says nothing of what is still to come while the run goes on", () => {
    const unconfirmed = fold(stories.died.slice(0, 5));
    const json = runJson(unconfirmed, { alive: true });
    expect(json).toMatchObject({ injection: null, findings: [] });
    expect(json.steps).toMatchObject([{ state: "running", injection: null, restore: null }]);
    expect(runJson(unconfirmed)).toMatchObject({
      injection: "failed",
      restore: "not-begun",
      steps: [{ state: "cut-short" }],
    });
    const held = runJson(fold(stories.died), { alive: true });
    expect(held.injection).toBe("confirmed");
    expect(held.findings.map(({ kind }) => kind)).toEqual(["confirm"]);
  });

  it("tells a run although one of its numbers is none", () => {
    const [seconds, event] = evidence(["orders", "seen"]);
    if (event.type !== "evidence") throw new Error("The fixture gives evidence.");
    const broken = event.evidence.map((item) => ({ ...item, numbers: { pauseMs: Number.NaN } }));
    const events = [...stories.stateOnly, ...record([[seconds, { ...event, evidence: broken }]])];
    const found = runJson(fold(events)).findings.find(({ kind }) => kind === "evidence");
    expect(found?.numbers["pauseMs"]).toBeNull();
  });

  it("has a schema that can be published", () => {
    expect(z.toJSONSchema(runJsonSchema)).toMatchObject({
      type: "object",
      required: expect.arrayContaining(["verdict"]),
    });
  });
});
