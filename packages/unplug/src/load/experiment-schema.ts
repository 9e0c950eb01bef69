import type { AnyFault } from "../contract/fault.ts";
import type { AnyProbe } from "../contract/probe.ts";
import { foreignTunables } from "../contract/tunables.ts";
import { tunableSchema } from "../engine/tunables.ts";
import { documentSchema, faultStepSchema, parallelStepSchema, waitStepSchema } from "./document-schema.ts";
import { inside, isSchema, type JsonSchema, mapSchemas, orVariable, toSchema } from "./json-schema.ts";
import { expectationSchemas, probeJsonSchema, stopJsonSchema } from "./probe-json-schema.ts";

/** The JSON Schema of an experiment file, for editors, forms and other validators. */
export function experimentSchema(faults: readonly AnyFault[], probes: readonly AnyProbe[]): JsonSchema {
  const document = toSchema(documentSchema);
  const spec = inside(document, "properties", "spec", "properties");
  const faultSteps = faults.map(({ id }) => ref(`fault-${id}`));
  inside(spec, "steps")["items"] = { oneOf: [...faultSteps, ref("parallel"), ref("wait")] };
  spec["probes"] = listOfProbes("Asked of the whole run; their modes are relative to it");
  spec["stopConditions"] = {
    description: "Asked all the time; the run ends and restores as soon as one is not met",
    type: "array",
    items: { oneOf: probes.map(({ type }) => ref(`stop-${type}`)) },
  };
  const parallel = toSchema(parallelStepSchema);
  inside(parallel, "properties", "parallel")["items"] = { oneOf: faultSteps };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://unplug.dev/v1/experiment.schema.json",
    title: "Unplug experiment",
    ...document,
    $defs: {
      ...named("fault", faults, ({ id }) => id, stepSchema),
      parallel: { ...parallel, title: "Faults that are in together" },
      wait: { ...toSchema(waitStepSchema), title: "A pause" },
      probe: { oneOf: probes.map(({ type }) => ref(`probe-${type}`)) },
      ...named("probe", probes, ({ type }) => type, probeJsonSchema),
      ...named("stop", probes, ({ type }) => type, stopJsonSchema),
      ...expectationSchemas,
    },
  };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

function named<T>(
  kind: string,
  all: readonly T[],
  name: (one: T) => string,
  schema: (one: T) => JsonSchema,
): JsonSchema {
  return Object.fromEntries(all.map((one) => [`${kind}-${name(one)}`, schema(one)]));
}

function listOfProbes(description: string): JsonSchema {
  return { description, type: "array", items: ref("probe") };
}

function stepSchema(fault: AnyFault): JsonSchema {
  const step = toSchema(faultStepSchema);
  const properties = inside(step, "properties");
  const tunables = templated(toSchema(tunableSchema(fault)));
  const { default: _, ...described } = tunables;
  properties["fault"] = { const: fault.id, description: fault.summary };
  properties["tunables"] = described;
  properties["probes"] = listOfProbes("Asked of this step; their modes are relative to it");
  return { ...step, title: fault.id };
}

/** As an author may write tunables: some may come from elsewhere, and some mean nothing. */
function templated(schema: JsonSchema): JsonSchema {
  const foreign = foreignTunables.map((name) => [
    name,
    { description: "Means nothing to Unplug and is ignored" },
  ]);
  const own = schema["properties"];
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return {
    ...schema,
    properties: {
      ...mapSchemas(isSchema(own) ? own : {}, orVariable),
      ...Object.fromEntries(foreign),
    },
    // The region may come from AWS_REGION.
    required: required.filter((name) => name !== "REGION"),
  };
}
