import { expect, test } from "vitest";
import { experimentSchema } from "./experiment-schema.ts";
import { testFault } from "./fault-for-test.ts";

test("describes a step for each fault, with its tunables and the defaults as one writes them", () => {
  const schema = experimentSchema([testFault("pull-plug"), testFault("cut-wire")]);

  const steps = schema as {
    properties: { spec: { properties: { steps: { items: { oneOf: readonly unknown[] } } } } };
  };
  const { oneOf } = steps.properties.spec.properties.steps.items;
  expect(oneOf).toHaveLength(3);
  expect(oneOf[0]).toMatchObject({
    properties: {
      fault: { const: "pull-plug" },
      weight: { default: 10 },
      tunables: {
        additionalProperties: false,
        required: ["FUNCTION_NAME", "EVENT_UUIDS"],
        properties: {
          TOTAL_CHAOS_DURATION: { default: 30 },
          INSTANCE_ID: {},
          SEQUENCE: { default: "parallel" },
        },
      },
    },
    required: ["fault"],
    additionalProperties: false,
  });
});

test("lets a variable stand wherever a value may", () => {
  const schema = JSON.stringify(experimentSchema([testFault("pull-plug")]));

  const patterns = schema.match(/\\\\\$\\\\\{\[A-Za-z_\]/g) ?? [];
  expect(patterns.length).toBeGreaterThan(10);
});
