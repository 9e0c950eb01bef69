import { describe, expect, test } from "vitest";
import { type Policy, permittedRun, type Trial, without } from "./support/permitted.ts";
import { REGION } from "./support/world.ts";

/** The actions that the pages of the two faults print, each for any resource. */
const pages = {
  toggle: [
    "lambda:GetFunction",
    "lambda:GetEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "lambda:UpdateEventSourceMapping",
  ],
  block: [
    "lambda:GetFunction",
    "lambda:GetFunctionConfiguration",
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:PublishVersion",
  ],
} as const;

const common = { FUNCTION_NAME: "orders", REGION, TOTAL_CHAOS_DURATION: 5 };
const trials = {
  toggle: {
    world: { mappings: 2 },
    step: {
      fault: "lambda-toggle-event-mapping-state",
      tunables: { ...common, EVENT_UUIDS: "all", DRAIN_TIMEOUT: 0 },
    },
  },
  block: {
    world: { settings: { Environment: { Variables: { APP: "theirs" } } } },
    step: {
      fault: "lambda-block-tcp-connection",
      tunables: { ...common, TARGET_HOSTNAMES: "db.internal", RECOVERY_TIMEOUT: 0 },
    },
  },
} satisfies Record<string, Trial>;

type Page = keyof typeof pages;

function policyOf(page: Page): Policy {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: pages[page], Resource: "*" }],
  };
}

/** What a run is without an action of its page: refused, or as it was in this way. */
const expected: Readonly<Record<Page, Readonly<Record<string, "refused" | "restored" | RegExp>>>> = {
  toggle: {
    "lambda:GetFunction": "refused",
    // The list of a function's mappings says the same of all of them at once.
    "lambda:GetEventSourceMapping": /PASSED/,
    "lambda:ListEventSourceMappings": "refused",
    "lambda:UpdateEventSourceMapping": "refused",
  },
  block: {
    "lambda:GetFunction": "refused",
    // GetFunction answers the configuration too.
    "lambda:GetFunctionConfiguration": /PASSED/,
    // The code was changed before: it is put back.
    "lambda:UpdateFunctionConfiguration": "restored",
    // A variable is enough for Node.js.
    "lambda:UpdateFunctionCode": /PASSED/,
    // Nothing is published but for an alias.
    "lambda:PublishVersion": /PASSED/,
  },
};

describe("the policy that a page prints", () => {
  test.each(["toggle", "block"] as const)(
    "is enough for the %s: injected, restored, proved",
    async (page) => {
      const run = await permittedRun(trials[page], policyOf(page));

      expect(run.code, run.said).toBe(0);
      expect(run.said).toMatch(/Injection +confirmed/);
      expect(run.said).toMatch(/Restore +proved/);
      expect(run.after).toEqual(run.before);
      const required = new Set(run.used.map(({ action }) => action));
      expect([...required].filter((action) => !(pages[page] as readonly string[]).includes(action))).toEqual(
        [],
      );
    },
  );

  test.each(
    Object.entries(expected).flatMap(([page, rows]) =>
      Object.entries(rows).map(([action, becomes]) => ({ page: page as Page, action, becomes })),
    ),
  )("without $action leaves what the $page is for as it was: $becomes", async ({ page, action, becomes }) => {
    const run = await permittedRun(trials[page], without(policyOf(page), action));

    expect(run.after).toEqual(run.before);
    if (becomes instanceof RegExp) {
      expect(run.code, run.said).toBe(0);
      expect(run.said).toMatch(becomes);
      return;
    }
    expect(run.code, run.said).toBe(3);
    expect(run.said).toContain(`not authorized to perform: ${action} on resource: `);
    expect(run.said).toMatch(becomes === "restored" ? /Restore +proved/ : /Restore +not needed/);
  });

  test("without lambda:UpdateFunctionCode and without a choice, is refused by its name", async () => {
    const { world, step } = trials.block;
    const asked = { ...step, tunables: { ...step.tunables, INJECTION_METHOD: "code" } };
    const run = await permittedRun(
      { world, step: asked },
      without(policyOf("block"), "lambda:UpdateFunctionCode"),
    );

    expect(run.code, run.said).toBe(3);
    expect(run.said).toContain("not authorized to perform: lambda:UpdateFunctionCode on resource: ");
    expect(run.after).toEqual(run.before);
  });

  test.each([
    ["toggle", "lambda:UpdateEventSourceMapping"],
    ["block", "lambda:UpdateFunctionConfiguration"],
  ] as const)(
    "for the %s without %s is refused before any change where IAM may be asked",
    async (page, action) => {
      const asking = {
        Effect: "Allow",
        Action: ["iam:SimulatePrincipalPolicy"],
        Resource: "arn:aws:iam::123456789012:user/chaos",
      } as const;
      const { Version, Statement } = without(policyOf(page), action);
      const policy = { Version, Statement: [...Statement, asking] };
      const run = await permittedRun(trials[page], policy, { asksIam: true });

      expect(run.code, run.said).toBe(3);
      expect(run.said).toMatch(/Injection +skipped/);
      expect(run.said.replaceAll(/\s+/g, " ")).toContain(`user/chaos may not ${action} on arn:aws:lambda:`);
      expect(run.after).toEqual(run.before);
    },
  );
});
