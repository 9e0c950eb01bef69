import { describe, expect, test } from "vitest";
import { faultExperiment } from "./fault-experiment.ts";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import type { Environment } from "./variables.ts";

const faults = [testFault("pull-plug")];

function tunables(assignments: readonly string[], env: Environment) {
  const [step] = faultExperiment({ id: "pull-plug", assignments, faults, env }).experiment.steps;
  if (step?.kind !== "fault") throw new Error("one fault is one step");
  return Object.fromEntries(
    step.tunables.flatMap(({ name, value, source }) =>
      source === "default" ? [] : [[name, `${value} (${source})`]],
    ),
  );
}

function problems(assignments: readonly string[], env: Environment = {}, id = "pull-plug"): string {
  try {
    faultExperiment({ id, assignments, faults, env });
    return "none";
  } catch (error) {
    if (error instanceof InvalidExperiment) return `\n${error.message}\n`;
    throw error;
  }
}

describe("one fault without a file", () => {
  test("takes arguments before the environment, and says which was which", () => {
    const env = {
      FUNCTION_NAME: "from-env",
      EVENT_UUIDS: "all",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_PROFILE: "dev",
    };

    expect(tunables(["FUNCTION_NAME=given"], env)).toEqual({
      FUNCTION_NAME: "given (argument)",
      EVENT_UUIDS: "all (environment)",
      REGION: "us-east-1 (environment)",
      AWS_PROFILE: "dev (environment)",
    });
  });

  test("prefers REGION to the SDK's variables", () => {
    const env = { FUNCTION_NAME: "f", EVENT_UUIDS: "all", REGION: "eu-west-1", AWS_REGION: "us-east-1" };

    expect(tunables([], env)["REGION"]).toBe("eu-west-1 (environment)");
  });

  test("reads the common words of ours from the environment only when no argument is given", () => {
    const env = {
      FUNCTION_NAME: "f",
      EVENT_UUIDS: "all",
      REGION: "eu-west-1",
      CYCLES: "7",
      QUALIFIER: "live",
    };

    expect(tunables([], env)).toMatchObject({ CYCLES: "7 (environment)", QUALIFIER: "live (environment)" });
    const given = tunables(["FUNCTION_NAME=f"], env);
    expect(given).not.toHaveProperty("CYCLES");
    expect(given).not.toHaveProperty("QUALIFIER");
  });

  test("reads a role of the environment together with the external id that it asks for", () => {
    const env = {
      EVENT_UUIDS: "all",
      REGION: "eu-west-1",
      ASSUME_ROLE_ARN: "arn:aws:iam::123456789012:role/chaos",
      ASSUME_ROLE_EXTERNAL_ID: "e-1",
    };

    expect(tunables(["FUNCTION_NAME=f"], env)).toMatchObject({
      ASSUME_ROLE_ARN: "arn:aws:iam::123456789012:role/chaos (environment)",
      ASSUME_ROLE_EXTERNAL_ID: "e-1 (environment)",
    });
  });

  test("takes an empty variable for none", () => {
    const env = {
      FUNCTION_NAME: "f",
      EVENT_UUIDS: "all",
      REGION: "eu-west-1",
      RAMP_TIME: "",
      ASSUME_ROLE_ARN: "",
    };

    expect(tunables([], env)).not.toHaveProperty("RAMP_TIME");
  });

  test("tells of an empty value once, and of an item that is twice there without the whole list", () => {
    expect(problems(["FUNCTION_NAME=f", "EVENT_UUIDS=a,a", "REGION="])).toMatchInlineSnapshot(`
      "
      argument: EVENT_UUIDS names a twice
      argument: REGION is empty (AWS region where the function is deployed)
      "
    `);
  });

  test("names every problem", () => {
    expect(problems(["FUNCTON_NAME=f", "nonsense", "EVENT_UUIDS=", "EVENT_UUIDS=a"])).toMatchInlineSnapshot(`
      "
      argument nonsense: expected TUNABLE=VALUE, like FUNCTION_NAME=orders
      argument EVENT_UUIDS=a: EVENT_UUIDS is given twice: keep one
      argument: unknown tunable FUNCTON_NAME (did you mean "FUNCTION_NAME"?): \`unplug faults pull-plug\` lists them
      argument: EVENT_UUIDS is empty (mappings, comma-separated)
      "
    `);
    expect(problems([], { RAMP_TIME: "soon" })).toMatchInlineSnapshot(`
      "
      fault pull-plug: FUNCTION_NAME is required (name of the function)
      fault pull-plug: EVENT_UUIDS is required (mappings, comma-separated)
      fault pull-plug: REGION is required (AWS region where the function is deployed); it is also read from AWS_REGION
      environment: RAMP_TIME must be whole seconds, like 90, 90s or 5m, not "soon"
      "
    `);
    expect(problems([], {}, "pull-plugg")).toMatchInlineSnapshot(`
      "
      argument: unknown fault "pull-plugg" (did you mean "pull-plug"?): \`unplug faults\` lists them
      "
    `);
  });
});
