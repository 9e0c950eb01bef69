import { expect, it } from "vitest";
import { iamName } from "../contract/actions.ts";
import { policyJson } from "../report/policy-json.ts";
import { eachPermission } from "./plan-permissions.ts";

const REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/orders";

it("an operation that stands for several of IAM's actions needs each of them, on the same resource", () => {
  const permissions = eachPermission("registry:PutBlob", REPOSITORY, false);
  const names = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
  ];
  expect(permissions.map(iamName).toSorted((a, b) => a.localeCompare(b))).toEqual(names);
  expect(policyJson(permissions).Statement).toEqual([
    { Sid: "Required", Effect: "Allow", Action: names, Resource: [REPOSITORY] },
  ]);
});

it("one that stands for one says nothing more, and IAM's `*` stays where it knows no resource", () => {
  expect(eachPermission("registry:PutManifest", REPOSITORY, true)).toEqual([
    { action: "registry:PutManifest", resource: REPOSITORY, optional: true },
  ]);
  expect(eachPermission("ecr:GetAuthorizationToken", REPOSITORY, false)).toMatchObject([{ resource: "*" }]);
});
