import * as z from "zod";
import type { AnyFault } from "../contract/fault.ts";
import { foreignTunables } from "../contract/tunables.ts";
import { tunableSchema } from "../engine/tunables.ts";
import { documentSchema, faultStepSchema, waitStepSchema } from "./document-schema.ts";

type JsonSchema = Record<string, unknown>;

/** The JSON Schema of an experiment file, for editors, forms and other validators. */
export function experimentSchema(faults: readonly AnyFault[]): JsonSchema {
  const document = toSchema(documentSchema);
  const spec = inside(inside(document, "properties"), "spec");
  const steps = inside(inside(spec, "properties"), "steps");
  steps["items"] = { oneOf: [...faults.map(stepSchema), toSchema(waitStepSchema)] };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://unplug.dev/v1/experiment.schema.json",
    title: "Unplug experiment",
    ...document,
  };
}

function stepSchema(fault: AnyFault): JsonSchema {
  const step = toSchema(faultStepSchema);
  const properties = inside(step, "properties");
  const tunables = templated(toSchema(tunableSchema(fault)));
  const { default: _, ...described } = tunables;
  properties["fault"] = { const: fault.id, description: fault.summary };
  properties["tunables"] = described;
  return { ...step, title: fault.id };
}

/** A file may hold `${NAME}` where the value itself would have to be a number or match a pattern. */
function templated(schema: JsonSchema): JsonSchema {
  const properties = inside(schema, "properties");
  for (const [name, value] of Object.entries(properties)) {
    const { description, default: fallback, ...rule } = value as JsonSchema;
    properties[name] = {
      ...(description === undefined ? {} : { description }),
      ...(fallback === undefined ? {} : { default: fallback }),
      anyOf: [rule, { type: "string", pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}" }],
    };
  }
  for (const name of foreignTunables)
    properties[name] = { description: "Means nothing to Unplug and is ignored" };
  // The region may come from AWS_REGION.
  const required = Array.isArray(schema["required"])
    ? schema["required"].filter((name) => name !== "REGION")
    : [];
  return { ...schema, required };
}

function toSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    // JSON Schema has no word for it, and strict validators refuse words that they do not know.
    override: ({ jsonSchema }) => void delete jsonSchema["unit"],
  });
  return rest;
}

function inside(schema: JsonSchema, key: string): JsonSchema {
  const found = schema[key];
  if (typeof found !== "object" || found === null) throw new Error(`The schema has no ${key}`);
  return found as JsonSchema;
}
