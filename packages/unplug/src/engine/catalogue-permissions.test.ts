import { expect, it } from "vitest";
import { experiment, type Scenario, scenarios } from "../../../../test/support/scenario.ts";
import { Stage } from "../../../../test/support/stage.ts";
import { ACCOUNT, REGION } from "../../../../test/support/world.ts";
import { actionFacts, iamName } from "../contract/actions.ts";
import { placeholders } from "../contract/placeholder-arns.ts";
import type { Permission } from "../contract/plan.ts";
import { builtinFaults } from "../faults/index.ts";
import { builtinResources } from "../resources/index.ts";
import { cataloguePermissions } from "./catalogue-permissions.ts";
import { planExperiment } from "./plan.ts";

/** As a person fills in what a permission leaves open: of a thing that any plan may name, anything. */
function filledIn({ resource }: Permission): RegExp {
  const known: Readonly<Record<string, string>> = { REGION, ACCOUNT, FUNCTION: "orders" };
  const names = Object.keys(placeholders).join("|");
  const source = resource
    .replace(/[.:/]/g, "\\$&")
    .replaceAll("*", ".*")
    .replace(new RegExp(`\\b(${names})\\b`, "g"), (name) => known[name] ?? "[^:/]+");
  return new RegExp(`^${source}$`);
}

const plans: readonly Scenario[] = Object.values(scenarios);

it.each(plans.map((scenario) => [scenario.name, scenario] as const))(
  "what is asked for on any function covers what the plan asks for: %s",
  async (_, { mappings, settings, alias, bucket, steps }) => {
    const options = { settings, alias, bucket };
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const stage = await Stage.of({}, { mappings, ...given });
    const planned = planExperiment(
      experiment(...steps(stage.world)),
      "r",
      stage.parts,
      new AbortController().signal,
    );
    await stage.clock.run(planned);
    for (const step of (await planned).steps) {
      if (step.kind === "wait") continue;
      const fault = builtinFaults.find(({ id }) => id === step.step.fault);
      const all = fault === undefined ? [] : cataloguePermissions(fault, builtinResources);
      const uncovered = step.permissions.filter(
        (one) => !all.some((other) => iamName(other) === iamName(one) && filledIn(other).test(one.resource)),
      );
      expect(uncovered).toEqual([]);
    }
  },
);

it("asks for any resource only where IAM knows none", () => {
  const all = builtinFaults.flatMap((fault) => cataloguePermissions(fault, builtinResources));
  const open = all.filter(({ resource }) => resource === "*").map(({ action }) => action);
  expect(open.length).toBeGreaterThan(0);
  for (const action of open) expect(actionFacts[action]).toHaveProperty("anyResource", true);
  for (const { action } of all) expect(actionFacts[action].free).toBeUndefined();
});

it("knows which actions a page documents, each of them of Lambda", () => {
  const documented = builtinFaults.flatMap(({ documented: actions = [] }) => actions);
  expect(documented).toHaveLength(9);
  expect(documented.every((action) => /^lambda:[A-Z]\w+$/.test(action))).toBe(true);
});
