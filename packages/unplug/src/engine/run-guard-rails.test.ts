import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { rails } from "../../../../test/support/rails.ts";
import { experiment, type Scenario, scenarios, snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { ExperimentPlan } from "../contract/plan.ts";
import { planExperiment } from "./plan.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

const withRails = (stage: Stage, ...specs: readonly string[]) => ({
  ...stage.parts,
  guardRails: () => Promise.resolve(rails(...specs)),
});

async function planned(stage: Stage, what: Experiment, ...specs: readonly string[]): Promise<ExperimentPlan> {
  const plan = planExperiment(what, "plan", withRails(stage, ...specs), new AbortController().signal);
  await stage.clock.run(plan);
  return plan;
}

const refusals = async (stage: Stage, ...specs: readonly string[]) =>
  (await planned(stage, experiment(toggleStep()), ...specs)).guardRails?.refused;

/** A world with one tagged function. */
async function tagged(Tags: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const stage = await Stage.of();
  await stage.cloud("lambda:TagResource", { Resource: ARN, Tags });
  stage.calls.length = 0;
  return stage;
}

describe("guard rails", () => {
  it.each([
    ["the account", '{ allow: { accounts: ["123456789012"] } }'],
    ["the region", "{ allow: { regions: [eu-*, us-east-1] } }"],
    ["the function by name", "{ allow: { functions: [orders] } }"],
    ["the function by pattern", '{ allow: { functions: ["x", "ord*s"] } }'],
    ["the function by ARN", `{ allow: { functions: ["${ARN}"] } }`],
    ["the fault", '{ allow: { faults: ["lambda-toggle-*"] } }'],
    ["its caller", '{ allow: { who: [{ identities: ["arn:aws:iam::*:root", "arn:aws:iam::*:user/*"] }] } }'],
    ["other functions protected", '{ protect: { functions: ["*-prod", "order"] } }'],
    ["a tag it has", '{ require: { tags: { chaos: ["yes", "al*"] } } }'],
    ["tags that it has not protected", '{ protect: { tags: { tier: critical, team: "*" } } }'],
    ["its hold", "{ limit: { hold: 30s } }"],
    ["its length", "{ limit: { run: 5m } }"],
    ["its targets", "{ limit: { targets: 2 } }"],
    ["its kinds of change", "{ forbid: [code, layer, configuration] }"],
    ["nothing laid down", "{}"],
  ])("permit a run: %s", async (_, spec) => {
    const stage = await tagged({ chaos: "allowed", tier: "low" });
    expect(await refusals(stage, spec)).toEqual([]);
  });

  it.each([
    ["another account", '{ allow: { accounts: ["999999999999"] } }', "3:18: allow.accounts: step"],
    [
      "another region",
      '{ allow: { regions: [eu-*, "us-east-*1x"] } }',
      'is in region us-east-1; permitted is "eu-*", "us-east-*1x"',
    ],
    ["another name", '{ allow: { functions: ["orders-*"] } }', `touches ${ARN}; permitted is "orders-*"`],
    ["the name in another case", "{ allow: { functions: [Orders] } }", "allow.functions"],
    [
      "another account's ARN",
      `{ allow: { functions: ["${ARN.replace("1234", "9999")}"] } }`,
      "allow.functions",
    ],
    [
      "another fault",
      "{ allow: { faults: [lambda-throttle] } }",
      'is lambda-toggle-event-mapping-state; permitted is "lambda-throttle"',
    ],
    [
      "another caller",
      '{ allow: { who: [{ identities: ["arn:aws:iam::*:user/nobody"] }] } }',
      "is named by none of these",
    ],
    [
      "a caller who may do other things",
      '{ allow: { who: [{ identities: ["arn:aws:iam::*:root", "arn:aws:iam::*:user/*"], faults: [lambda-throttle] }] } }',
      "may not run lambda-toggle-event-mapping-state",
    ],
    ["a protected name", '{ protect: { functions: ["ORD*"] } }', '"ORD*" is protected'],
    ["a tag that is missing", '{ require: { tags: { owner: "*" } } }', "whose tag owner is not there"],
    [
      "a tag of another value",
      '{ require: { tags: { chaos: "yes" } } }',
      'whose tag chaos is "allowed"; required is "yes"',
    ],
    ["a protected tag", "{ protect: { tags: { TIER: LOW } } }", "protected by its tag tier=low"],
    ["no stop condition", "{ require: { stopCondition: [cloudwatch-alarm] } }", "the experiment has none"],
    ["a long hold", "{ limit: { hold: 29s } }", "holds for 30 s; permitted is 29 s"],
    ["a long run", "{ limit: { run: 30s } }", "limit.run: the whole run takes about 34 s"],
    ["many targets", "{ limit: { targets: 1 } }", "the run has 2 targets; permitted are 1"],
    ["all callers", "{ limit: { traffic: 50% } }", "reaches 100% of its function's callers"],
    ["a kind of change", "{ forbid: [mapping] }", 'needs a change of "mapping"'],
    [
      "other hours",
      '{ allow: { hours: [{ from: "00:00", to: "00:01", zone: UTC }] } }',
      "allow.hours: it is",
    ],
  ])("refuse a run: %s", async (_, spec, message) => {
    const stage = await tagged({ chaos: "allowed", tier: "low" });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep(), { parts: withRails(stage, spec) });
    const [failed] = eventsOf(events, "run.failed");
    expect(failed?.failure.message).toContain(message);
    expect(failed?.failure.message).toContain("rails-1.yaml:3:");
    expect(typesOf(events)).not.toContain("edit.intended");
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("are asked of the place in a function's own name, whatever its caller is said to be in", () => {
    const place = { account: "123456789012", region: "us-east-1", endpoint: null };
    const write = (id: string) => ({
      ref: { kind: "concurrency", id, within: null, place },
      before: null,
      after: null,
    });
    const rules = rails('{ allow: { accounts: ["123456789012"], regions: [us-east-1] } }');
    expect(rules?.refuseEdit(write(ARN))).toEqual([]);
    expect(rules?.refuseEdit(write(ARN.replace("123456789012", "999999999999")))).toEqual([
      expect.stringContaining("is in account 999999999999"),
    ]);
    expect(rules?.refuseEdit(write(ARN.replace("us-east-1", "eu-west-1")))).toEqual([
      expect.stringContaining("is in region eu-west-1"),
    ]);
  });

  it("of several files hold together: none of them widens another", async () => {
    const stage = await Stage.of();
    const wide = '{ allow: { functions: ["*"], regions: ["*"] } }';
    expect(await refusals(stage, wide, wide)).toEqual([]);
    const narrow = "{ allow: { functions: [checkout] } }";
    for (const specs of [
      [narrow, wide],
      [wide, narrow],
    ]) {
      const refused = await refusals(stage, ...specs);
      expect(refused).toHaveLength(1);
      expect(refused?.join("\n")).toContain(`rails-${specs.indexOf(narrow) + 1}.yaml:3:18`);
    }
  });

  it("of many files refuse what each of them does, and no more", async () => {
    const stage = await tagged({ chaos: "allowed", tier: "low" });
    const plan = await planned(stage, experiment(toggleStep()), "{ require: { tags: { x: y } } }");
    const spec = fc.constantFrom(
      '{ allow: { functions: ["*"], regions: ["*"], faults: ["*"] } }',
      "{ allow: { functions: [checkout] } }",
      "{ protect: { functions: [orders] } }",
      "{ require: { tags: { owner: x } }, allow: { regions: [us-east-1] } }",
      "{ limit: { hold: 1s, targets: 50 } }",
      "{ forbid: [mapping] }",
      "{}",
    );
    const rulesOf = (lines: readonly string[] = []) =>
      lines.map((line) => line.replace(/^rails-\d+/, "rails")).sort();
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), (specs) => {
        const together = rulesOf(rails(...specs)?.refusePlan(plan, 0));
        const alone = specs.flatMap((one) => rulesOf(rails(one)?.refusePlan(plan, 0)));
        expect(together).toEqual(alone.sort());
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.values<Scenario>(scenarios).map((one) => [one.name, one] as const))(
    "that permit one function permit all that is done to it: %s",
    async (_, { steps, name: _name, together: _together, ...options }) => {
      const stage = await Stage.of({}, options);
      const rules = `{ allow: { functions: [orders], accounts: ["123456789012"], regions: [us-east-1] }, protect: { functions: ["*-prod"] } }`;
      const plan = await planned(stage, experiment(...steps(stage.world)), rules);
      expect(plan.guardRails?.refused).toEqual([]);
      const edits = plan.steps.flatMap((step) => (step.kind === "fault" ? step.edits : []));
      expect(edits.flatMap(({ edit }) => rails(rules)?.refuseEdit(edit) ?? [])).toEqual([]);
      const others = rails("{ allow: { functions: [checkout] } }");
      for (const { edit } of edits.filter(({ arms }) => arms))
        expect(others?.refuseEdit(edit)).not.toEqual([]);
    },
  );

  it("are not led around by another form of a function's name", async () => {
    const stage = await Stage.of({}, { mappings: 1, alias: "live" });
    const forms = fc.constantFrom(
      "orders",
      " orders ",
      "function:orders",
      "123456789012:function:orders",
      ARN,
      "orders:live",
      "orders:1",
      "orders:$LATEST",
      `${ARN}:live`,
      "123456789012:orders",
    );
    const rules = fc.constantFrom(
      "{ protect: { functions: [orders] } }",
      '{ protect: { functions: ["oRd*"] } }',
      `{ protect: { functions: ["${ARN.toUpperCase().replace("ARN:AWS:LAMBDA", "arn:aws:lambda").replace("FUNCTION", "function")}"] } }`,
      '{ allow: { functions: ["orders-*", "order", "orders:live-*"] } }'.replace(', "orders:live-*"', ""),
      '{ allow: { functions: ["arn:aws:lambda:us-east-1:123456789012:function:orders?"] } }'.replace(
        "?",
        "-",
      ),
    );
    await fc.assert(
      fc.asyncProperty(forms, rules, async (FUNCTION_NAME, spec) => {
        const what = experiment(toggleStep({ FUNCTION_NAME }));
        const plan = await planned(stage, what, spec).catch((error: unknown) => error);
        // What names no function of the world is refused already.
        const refused = plan instanceof Error ? ["error"] : Object(plan).guardRails.refused;
        expect(refused).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("refuse where tags cannot be read, and ask for none where no rule does", async () => {
    const stage = await tagged({ chaos: "yes" });
    expect(await refusals(stage, "{ allow: { functions: [orders] } }")).toEqual([]);
    const asked = (resource: string) =>
      stage.writes("lambda:ListTags").filter(({ input }) => input["Resource"] === resource);
    expect(asked(ARN)).toEqual([]);
    const spec = "{ require: { tags: { chaos: yes } } }".replace("yes", '"yes"');
    const plan = await planned(stage, experiment(memoryStep()), spec);
    expect(asked(ARN)).toHaveLength(1);
    expect(plan.guardRails?.refused).toEqual([]);
    const [step] = plan.steps;
    expect(step?.kind === "fault" && step.permissions).toContainEqual({
      action: "lambda:ListTags",
      resource: ARN,
      optional: false,
    });
    stage.world.cloud.switches.set({ deny: ["lambda:ListTags"] });
    expect((await refusals(stage, spec))?.join()).toContain("lambda:ListTags is not permitted");
  });
});
