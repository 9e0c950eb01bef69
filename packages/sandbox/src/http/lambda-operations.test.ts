import { expect, it } from "vitest";
import { lambdaOperations } from "./lambda-operations.ts";
import { lambdaOperationOf } from "./lambda-routes.ts";

it("gives each operation a method and a path of its own", () => {
  const keys = lambdaOperations.map(({ method, segments, query }) =>
    [method, ...segments.map((segment) => segment.replace(/^\{.*\}$/, "{}")), ...(query ?? [])].join(" "),
  );
  expect(new Set(keys).size).toBe(keys.length);
  expect(lambdaOperations.every(({ status }) => [200, 201, 202, 204].includes(status))).toBe(true);
});

it.each([
  ["POST", "/2015-03-31/functions", "CreateFunction"],
  ["GET", "/2015-03-31/functions/f?Qualifier=1", "GetFunction"],
  ["GET", "/2019-09-30/functions/f/provisioned-concurrency?List=ALL", "ListProvisionedConcurrencyConfigs"],
  ["GET", "/2019-09-30/functions/f/provisioned-concurrency", "GetProvisionedConcurrencyConfig"],
  ["GET", "/2018-10-31/layers?find=LayerVersion&Arn=a", "GetLayerVersionByArn"],
  ["GET", "/2018-10-31/layers", "ListLayers"],
  ["GET", "/2015-03-31/nothing", null],
  ["GET", "/2015-03-31/functions/%", null],
  ["POST", "/", null],
])("reads %s %s as %s", (method, target, operation) => {
  expect(lambdaOperationOf(method, target)).toBe(operation);
});
