import { expect, it } from "vitest";
import { experiment, type Scenario, scenarios } from "../../../../test/support/scenario.ts";
import { Stage } from "../../../../test/support/stage.ts";
import { ACCOUNT, IMAGE, REGION } from "../../../../test/support/world.ts";
import { actionFacts, iamName } from "../contract/actions.ts";
import { placeholders } from "../contract/placeholder-arns.ts";
import type { Permission } from "../contract/plan.ts";
import { builtinFaults } from "../faults/index.ts";
import { builtinProbes } from "../probes/index.ts";
import { builtinResources } from "../resources/index.ts";
import { cataloguePermissions, probeCataloguePermissions } from "./catalogue-permissions.ts";
import { planExperiment } from "./plan.ts";

/** As a person fills in what a permission leaves open: of a thing that any plan may name, anything. */
function filledIn(
  { resource }: Permission,
  known: Readonly<Record<string, string>> = {
    REGION,
    ACCOUNT,
    FUNCTION: "orders",
    REPOSITORY: IMAGE.repository,
  },
): RegExp {
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
  async (_, { mappings, settings, alias, bucket, image, steps }) => {
    const options = { settings, alias, bucket, image };
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

/** Beside each type's example: what asks for more, or for something else. */
const more: Readonly<Record<string, readonly object[]>> = {
  backlog: [
    {
      queue: "orders",
      keys: {
        sent: { logGroup: "/aws/lambda/orders", pattern: "sent (\\w+)" },
        received: { logGroup: "/aws/lambda/orders", pattern: "received (\\w+)" },
      },
    },
    { queue: "orders", metrics: true },
    { mapping: "14e0db71-5d35-4eb5-b481-8945cf9d10c2" },
    { stream: "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000" },
  ],
  lambda: [{ function: "orders", qualifier: "live" }],
};

it.each(builtinProbes.map((probe) => [probe.type, probe] as const))(
  "what is asked for on any function covers what a probe asks for: %s",
  (type, probe) => {
    const all = probeCataloguePermissions(probe);
    const asked = [probe.example.settings, ...(more[type] ?? [])].flatMap((settings) => {
      const place = { account: ACCOUNT, region: REGION, endpoint: null };
      return probe.permissions?.(probe.settings.parse(settings), place) ?? [];
    });
    const uncovered = asked.filter(
      (one) =>
        !all.some(
          (other) => other.action === one.action && filledIn(other, { REGION, ACCOUNT }).test(one.resource),
        ),
    );
    expect(uncovered).toEqual([]);
    expect(new Set(all.map(({ action }) => action))).toEqual(new Set(asked.map(({ action }) => action)));
    expect(all.every(({ optional }) => optional)).toBe(true);
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
