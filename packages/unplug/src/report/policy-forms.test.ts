import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fc } from "../../../../test/support/fast-check.ts";
import { hclValueIn } from "./hcl-for-test.ts";
import { policyText } from "./policy-forms.ts";
import { trustPolicy } from "./trust-policy.ts";

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "${aws:username}",
    "%{if}",
    "$${x}",
    '"',
    "\\",
    "2012-10-17",
    "yes",
    "*",
    "a\nb",
    "#",
    "= {",
  ),
);
const member = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
const key = fc.string({ minLength: 1 }).filter((name) => name !== "__proto__");
const document = fc.record({
  Version: fc.constant("2012-10-17"),
  Statement: fc.array(
    fc.record({ Sid: text, Action: member, Condition: fc.dictionary(key, fc.dictionary(key, member)) }),
    { maxLength: 3 },
  ),
});

describe("a policy", () => {
  it("is the same in every form", () => {
    fc.assert(
      fc.property(document, fc.constantFrom("permissions", "trust"), (policy, use) => {
        const plain: unknown = JSON.parse(JSON.stringify(policy));
        expect(JSON.parse(policyText(policy, "json", use))).toEqual(plain);
        expect(hclValueIn(policyText(policy, "terraform", use))).toEqual(plain);
        // CloudFormation reads the older YAML, in which `yes` and a date are no text.
        for (const version of ["1.1", "1.2"] as const) {
          const { Resources } = parse(policyText(policy, "cloudformation", use), { version });
          const [resource] = Object.values<{ Properties: object }>(Resources);
          expect(Object.values(resource?.Properties ?? {})).toEqual([plain]);
        }
      }),
    );
  });

  it("is a managed one, or who may take a role", () => {
    expect(policyText({}, "terraform", "permissions")).toContain('resource "aws_iam_policy" "unplug" {');
    expect(policyText({}, "terraform", "trust")).toContain("assume_role_policy = jsonencode(");
    expect(policyText({}, "cloudformation", "permissions")).toContain('Type: "AWS::IAM::ManagedPolicy"');
    expect(policyText({}, "cloudformation", "trust")).toContain("AssumeRolePolicyDocument:");
  });
});

describe("a trust policy", () => {
  const serviceAccount = { namespace: "chaos", name: "unplug" };

  it("of IRSA is for one service account and one audience", () => {
    const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";
    const providerArn = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
    expect(
      trustPolicy({ kind: "irsa", providerArn, serviceAccount, audience: "sts.amazonaws.com" }).Statement,
    ).toEqual([
      {
        Sid: "Unplug",
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: "system:serviceaccount:chaos:unplug",
          },
        },
      },
    ]);
  });

  it("of a role is for one principal, who must say the external id where there is one", () => {
    const principal = "arn:aws:iam::123456789012:role/ci";
    const [bound] = trustPolicy({ kind: "role", principal, externalId: "e-1" }).Statement;
    expect(bound).toMatchObject({
      Principal: { AWS: principal },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": "e-1" } },
    });
    expect(trustPolicy({ kind: "role", principal, externalId: null }).Statement[0]).not.toHaveProperty(
      "Condition",
    );
  });

  it("of EKS Pod Identity is for its service, and for one service account where it is named", () => {
    const [open] = trustPolicy({ kind: "pod-identity", serviceAccount: null }).Statement;
    expect(open).toMatchObject({
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    });
    expect(open).not.toHaveProperty("Condition");
    const [one] = trustPolicy({ kind: "pod-identity", serviceAccount }).Statement;
    expect(one?.Condition?.StringEquals).toEqual({
      "aws:RequestTag/kubernetes-namespace": "chaos",
      "aws:RequestTag/kubernetes-service-account": "unplug",
    });
  });
});
