import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { actionFacts } from "../contract/actions.ts";
import type { Action } from "../contract/aws.ts";
import type { Permission } from "../contract/plan.ts";
import { policyJson } from "./policy-json.ts";

const permissions: readonly Permission[] = [
  { action: "sts:GetCallerIdentity", resource: "*", optional: false },
  { action: "lambda:UpdateEventSourceMapping", resource: "arn:b", optional: false },
  { action: "lambda:UpdateEventSourceMapping", resource: "arn:a", optional: false },
  { action: "lambda:GetEventSourceMapping", resource: "arn:a", optional: false },
  { action: "lambda:GetEventSourceMapping", resource: "arn:b", optional: false },
  { action: "lambda:GetFunction", resource: "arn:f", optional: false },
  { action: "lambda:GetFunction", resource: "arn:f", optional: true },
  { action: "lambda:ListEventSourceMappings", resource: "arn:f", optional: false },
  { action: "lambda:TagResource", resource: "arn:a", optional: true },
  { action: "logs:FilterLogEvents", resource: "arn:l", optional: true },
];

describe("policyJson", () => {
  it("groups actions by their resources, the optional ones apart", () => {
    expect(policyJson(permissions)).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "lambda:GetEventSourceMapping",
              "lambda:UpdateEventSourceMapping",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:a",
              "arn:b",
            ],
            "Sid": "Required",
          },
          {
            "Action": [
              "lambda:GetFunction",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:f",
            ],
            "Sid": "Required2",
          },
          {
            "Action": [
              "lambda:ListEventSourceMappings",
            ],
            "Effect": "Allow",
            "Resource": "*",
            "Sid": "RequiredAnyResource",
          },
          {
            "Action": [
              "lambda:TagResource",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:a",
            ],
            "Sid": "Optional",
          },
          {
            "Action": [
              "logs:FilterLogEvents",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:l",
            ],
            "Sid": "Optional2",
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });

  it("gives an empty list of statements when nothing is needed", () => {
    expect(policyJson([])).toEqual({ Version: "2012-10-17", Statement: [] });
  });

  it("allows every permission once and nothing else, whatever the order", () => {
    const actions: readonly Action[] = [
      "lambda:GetFunction",
      "lambda:TagResource",
      "lambda:ListEventSourceMappings",
      "sts:GetCallerIdentity",
    ];
    const permission = fc.record({
      action: fc.constantFrom(...actions),
      resource: fc.constantFrom("arn:a", "arn:b", "*"),
      optional: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(permission), fc.func(fc.integer()), (all, weight) => {
        const { Statement } = policyJson(all);
        const allowed = Statement.flatMap(({ Action, Resource }) =>
          Action.flatMap((action) => [Resource].flat().map((resource) => [action, resource] as const)),
        );
        for (const { action, resource } of all) {
          const covered = allowed.some(([name, on]) => name === action && (on === resource || on === "*"));
          expect(covered).toBe(actionFacts[action].free !== true);
        }
        for (const [name, on] of allowed) {
          const asked = all.some(
            ({ action, resource }) => action === name && (resource === on || actionFacts[action].anyResource),
          );
          expect(asked).toBe(true);
        }
        expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
        expect(Statement.every(({ Sid }) => /^[A-Za-z0-9]+$/.test(Sid))).toBe(true);
        const shuffled = all.toSorted((a, b) => weight(a) - weight(b));
        expect(policyJson(shuffled)).toEqual(policyJson(all));
      }),
    );
  });
});
