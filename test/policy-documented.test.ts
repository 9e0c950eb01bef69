import { describe, expect, test } from "vitest";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { type Policy, permittedRun, type Trial, without } from "./support/permitted.ts";
import { REGION } from "./support/world.ts";

const common = { FUNCTION_NAME: "orders", REGION, TOTAL_CHAOS_DURATION: 5 };

const trials: Readonly<Record<string, Trial>> = {
  "lambda-toggle-event-mapping-state": {
    world: { mappings: 2 },
    step: {
      fault: "lambda-toggle-event-mapping-state",
      tunables: { ...common, EVENT_UUIDS: "all", DRAIN_TIMEOUT: 0 },
    },
  },
  "lambda-block-tcp-connection": {
    world: { settings: { Environment: { Variables: { APP: "theirs" } } } },
    step: {
      fault: "lambda-block-tcp-connection",
      tunables: { ...common, TARGET_HOSTNAMES: "db.internal", RECOVERY_TIMEOUT: 0 },
    },
  },
};

/** What a run can do without, and why: a variable brings the interceptor in, and no version is needed without QUALIFIER. */
const spare: Readonly<Record<string, readonly string[]>> = {
  "lambda-toggle-event-mapping-state": ["lambda:GetEventSourceMapping"],
  "lambda-block-tcp-connection": [
    "lambda:GetFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:PublishVersion",
  ],
};

const documented = builtinFaults.flatMap(({ id, documented: actions }) =>
  actions === undefined ? [] : [[id, actions] as const],
);

describe.each(documented)("with exactly what the page of %s asks for", (id, actions) => {
  const trial = trials[id];
  const policy: Policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
  };
  if (trial === undefined) throw new Error(`${id} has a page, and no trial here.`);

  test("it runs, restores and proves", async () => {
    const run = await permittedRun(trial, policy);

    expect(run.code, run.said).toBe(0);
    expect(run.said).toMatch(/Restore +proved/);
    expect(run.after).toEqual(run.before);
  });

  test.each(actions)("less %s, the target is as it was, and what is missing is named", async (action) => {
    const run = await permittedRun(trial, without(policy, action));

    expect(run.after).toEqual(run.before);
    expect(run.code, run.said).toBe(spare[id]?.includes(action) === true ? 0 : 3);
    if (run.code === 3) expect(run.said).toContain(action);
  });
});
