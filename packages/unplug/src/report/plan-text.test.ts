import { describe, expect, it } from "vitest";
import { refKey } from "../contract/place.ts";
import type { ExperimentPlan, StepPlan } from "../contract/plan.ts";
import { eachOnce } from "./plan-probes-text.ts";
import { planText } from "./plan-text.ts";
import { alarm, answers, grows } from "./probed.fixture.ts";
import {
  access,
  BASE,
  faultStep,
  identity,
  mappingRef,
  place,
  target,
  targets,
  timing,
} from "./recorded.fixture.ts";

function stepPlan(change: Partial<StepPlan> = {}): StepPlan {
  const of = change.targets ?? targets;
  return {
    kind: "fault",
    step: faultStep("orders-pause"),
    place,
    access,
    identity,
    timing,
    iterations: 1,
    targets: of,
    warnings: [
      "The hold is shorter than the 90 s for which AWS may go on polling; hold for 120 s to see an effect.",
    ],
    edits: of.flatMap(({ ref }) => [
      {
        target: refKey(ref),
        edit: {
          ref: { ...ref, kind: "mapping-tags" },
          before: null,
          after: { "unplug:run": "r1" },
          optional: true as const,
        },
        arms: false,
      },
      {
        target: refKey(ref),
        edit: { ref, before: { enabled: true }, after: { enabled: false } },
        arms: true,
      },
    ]),
    permissions: [
      {
        action: "lambda:UpdateEventSourceMapping",
        resource: "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:4f1c",
        optional: false,
      },
      { action: "logs:FilterLogEvents", resource: "*", optional: true },
    ],
    byHand: of.map(
      ({ ref }) => `aws lambda update-event-source-mapping --region us-east-1 --uuid ${ref.id} --enabled`,
    ),
    nets: ["The journal on this machine holds what to put back before anything is written."],
    longestUnpluggedMs: 210_000,
    lengthMs: 215_000,
    watchMs: 60_000,
    until: BASE + 600_000,
    ...change,
  };
}

function plan(...steps: ExperimentPlan["steps"]): ExperimentPlan {
  const experiment = {
    name: "orders-survives",
    description: "Orders drains its backlog.",
    requireEffect: false,
    steps: steps.map((step) => (step.kind === "wait" ? step : step.step)),
  };
  return { run: "r1", experiment, steps, probes: [], lengthMs: 245_000 };
}

describe("planText", () => {
  it("says what, where, as whom, for how long, and how to undo it by hand", () => {
    const text = planText(plan(stepPlan(), { kind: "wait", name: "settle", waitMs: 30_000 }), { width: 90 });
    expect(`\n${text}\n`).toMatchInlineSnapshot(`
      "
      Plan of orders-survives
      Orders drains its backlog.

      1. orders-pause: unplugs mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds) in account
         123456789012, region us-east-1, as arn:aws:iam::123456789012:user/dana
         fault        lambda-toggle-event-mapping-state
         tunables     FUNCTION_NAME  orders     (argument)
                      EVENT_UUIDS    4f1c,9e2b  (file)
                      REGION         us-east-1  (environment)
         defaults     TOTAL_CHAOS_DURATION 30
         targets      mapping 4f1c (SQS orders)   4f1c
                      mapping 9e2b (SQS refunds)  9e2b
         changes      mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds)
                        unplug:run: (none) -> "r1"  (mapping-tags, left out where it is not
                          permitted)
                      mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds)
                        enabled: true -> false  (mapping, unplugs)
         time         1 iteration (all targets at once), each held 30 s
                      longest time that any one target is unplugged: 30 s and the time to
                        confirm and restore, 3 min 30 s if AWS uses up every timeout
                      length of this step: 3 min 35 s, and up to 1 min more while the workload
                        comes back
                      nothing of it is unplugged after 2026-01-31 12:13:03 UTC, if it begins now
         nets         The journal on this machine holds what to put back before anything is
                        written.
         warnings     The hold is shorter than the 90 s for which AWS may go on polling; hold
                        for 120 s to see an effect.
         by hand      aws lambda update-event-source-mapping --region us-east-1 --uuid 4f1c --enabled
                      aws lambda update-event-source-mapping --region us-east-1 --uuid 9e2b --enabled
         permissions  lambda:UpdateEventSourceMapping  arn:aws:lambda:us-east-1:123456789012:event-source-mapping:4f1c
                      logs:FilterLogEvents             * (optional)

      2. settle: waits 30 s

      The whole run takes about 4 min 5 s; no target is unplugged for longer than 3 min 30 s;
      nothing is unplugged after 2026-01-31 12:13:03 UTC, if it begins now.
      "
    `);
  });

  it("names probes, stop conditions and what they ask of AWS, each where it belongs", () => {
    const alarmed = {
      ...alarm,
      type: "cloudwatch-alarm",
      expect: [{ measure: "state", operator: "==", value: "OK" }] as const,
    };
    const describe = { action: "cloudwatch:DescribeAlarms", resource: "*", optional: true } as const;
    const probes: ExperimentPlan["probes"] = [
      { spec: alarmed, step: null, role: "stop", permissions: [describe, { ...describe, optional: false }] },
      { spec: answers, step: null, role: "hypothesis", permissions: [] },
      {
        spec: { ...grows, lagMs: 180_000, missing: "wait" },
        step: "orders-pause",
        role: "hypothesis",
        permissions: [
          { action: "logs:FilterLogEvents", resource: "*", optional: true },
          {
            action: "lambda:Invoke",
            resource: "arn:aws:lambda:us-east-1:123456789012:function:orders",
            optional: false,
          },
        ],
      },
    ];
    const text = planText({ ...plan(stepPlan()), probes }, { width: 200 });
    expect(
      text
        .split("\n")
        .filter((line) => /probes|stops|whole run$/i.test(line))
        .join("\n"),
    ).toMatchInlineSnapshot(`
      "   probes       backlog-grows (prometheus, OnChaos, every 1 s): value to rise by 10%; no data is waited for; its data is 3 min late; given up after 3 s
      The whole run
         probes       answers-fast (http, Continuous, every 1 s): statusCode one of 200, 503, responseTimeMs at most 2000; no data fails; given up after 3 s
         stops unless burn-rate (cloudwatch-alarm, every 1 s): state "OK"; no data fails; given up after 3 s"
    `);
    expect(text.slice(text.indexOf("   permissions"))).toMatchInlineSnapshot(`
      "   permissions  lambda:UpdateEventSourceMapping  arn:aws:lambda:us-east-1:123456789012:event-source-mapping:4f1c
                      logs:FilterLogEvents             * (optional)
                      lambda:InvokeFunction            arn:aws:lambda:us-east-1:123456789012:function:orders

      The whole run
         probes       answers-fast (http, Continuous, every 1 s): statusCode one of 200, 503, responseTimeMs at most 2000; no data fails; given up after 3 s
         stops unless burn-rate (cloudwatch-alarm, every 1 s): state "OK"; no data fails; given up after 3 s
         permissions  cloudwatch:DescribeAlarms  *

      The whole run takes about 4 min 5 s; no target is unplugged for longer than 3 min 30 s; nothing is unplugged after 2026-01-31 12:13:03 UTC, if it begins now."
    `);
  });

  it("says of a probe how it is run, and of a step what it weighs", () => {
    const run = { ...answers.run, timeoutMs: 3_000, attempts: 3, initialDelayMs: 5_000, tolerate: 0.025 };
    const spec = { ...answers, run: { ...run, stopOnFailure: true } };
    const step = stepPlan({ step: { ...faultStep("orders-pause"), weight: 4 } });
    const probes = [{ spec, step: "orders-pause", role: "hypothesis" as const, permissions: [] }];

    const text = planText({ ...plan(step), probes }, { width: 300 });

    expect(text).toContain(
      "; given up after 3 s, tried 3 times; first asked after 5 s; 2.5% of its checks may fail; ends the run when it fails\n",
    );
    expect(text).toContain("lambda-toggle-event-mapping-state, weight 4 of 10 in the score\n");
    expect(planText(plan(step), { width: 300 })).not.toContain("weight");
  });

  it("begins each step with what will be unplugged, where and as whom", () => {
    const elsewhere = { ...place, endpoint: "http://127.0.0.1:4566" };
    const line = planText(plan(stepPlan({ place: elsewhere, targets: targets.slice(0, 1) })), {
      width: 400,
    }).split("\n")[3];
    expect(line).toBe(
      "1. orders-pause: unplugs mapping 4f1c (SQS orders) in account 123456789012, region us-east-1, " +
        "endpoint http://127.0.0.1:4566, as arn:aws:iam::123456789012:user/dana",
    );
  });

  it("tells like changes once and every command by hand", () => {
    const many = Array.from({ length: 40 }, (_, i) => target(`id-${i}`, `queue-${i}`));
    const text = planText(plan(stepPlan({ targets: many })), { width: 80 });
    expect(text.match(/enabled: true -> false/g)).toHaveLength(1);
    expect(text).toContain("mapping id-2 (SQS queue-2) and 37 more");
    expect(text.match(/--uuid id-\d+ --enabled$/gm)).toHaveLength(40);
    expect(text.match(/^ +mapping id-\d+ \(SQS queue-\d+\) {2,}id-\d+$/gm)).toHaveLength(39);
  });

  it("never breaks a command, whatever the width", () => {
    const text = planText(plan(stepPlan()), { width: 40 });
    expect(text).toContain("aws lambda update-event-source-mapping --region us-east-1 --uuid 4f1c --enabled");
  });

  it("says that a plan without faults unplugs nothing", () => {
    expect(planText(plan({ kind: "wait", name: "settle", waitMs: 30_000 }))).toContain("it unplugs nothing");
  });

  it("names the edited thing when the plan does not list its target", () => {
    const edits = [
      {
        target: "other",
        edit: { ref: mappingRef("77"), before: { enabled: true }, after: null },
        arms: true,
      },
    ];
    expect(planText(plan(stepPlan({ edits })))).toContain("enabled: true -> (none)");
  });

  it("is plain ASCII when it must be", () => {
    const titled = targets.map((item) => ({ ...item, title: `mapping ${item.ref.id}… → orders` }));
    expect(planText(plan(stepPlan({ targets: titled })), { unicode: false })).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

it("names a permission once, by whatever operations it is needed", () => {
  const resource = "arn:aws:ecr:us-east-1:123456789012:repository/orders";
  const searched = { action: "registry:FindFiles" as const, resource, optional: true };
  const needed = { action: "registry:GetBlob" as const, resource, optional: false };

  expect(eachOnce([needed, searched])).toEqual([needed]);
  expect(eachOnce([searched, needed])).toEqual([needed]);
});
