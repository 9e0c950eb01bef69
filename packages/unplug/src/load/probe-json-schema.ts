import * as z from "zod";
import type { AnyProbe, MeasureKind } from "../contract/probe.ts";
import { isSchema, type JsonSchema, mapSchemas, orVariable, toSchema, withVariables } from "./json-schema.ts";
import { probeShape, stopShape } from "./probe-schema.ts";

const scalar: JsonSchema = { type: ["string", "number", "boolean"] };
const number: JsonSchema = orVariable({
  anyOf: [
    { type: "number" },
    { type: "string", pattern: "^\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*$" },
  ],
});
const time: JsonSchema = orVariable({
  anyOf: [
    { type: "number", minimum: 0 },
    { type: "string", pattern: "^\\s*\\d+(\\.\\d+)?(ms|s|m|h)?\\s*$" },
  ],
});
const share: JsonSchema = orVariable({
  anyOf: [
    { type: "number", minimum: 0, maximum: 1 },
    { type: "string", pattern: "^\\s*\\d+(\\.\\d+)?\\s*%?\\s*$" },
  ],
});
const amount: JsonSchema = orVariable({
  anyOf: [
    { const: true },
    { type: "number", minimum: 0 },
    { type: "string", pattern: "^\\s*(true|\\d+(\\.\\d+)?\\s*%?)\\s*$" },
  ],
});

const ofAny: JsonSchema = {
  "==": said(scalar, "Is this"),
  "!=": said(scalar, "Is anything but this"),
  oneOf: said({ type: "array", items: scalar, minItems: 1 }, "Is one of these"),
  contains: said(scalar, "Has this text in it"),
  matches: said({ type: "string" }, "Matches this regular expression"),
  becomes: said(scalar, "Is this in one check at least while the fault is in"),
  within: said(time, "How soon after the fault is confirmed, beside becomes"),
};

const ofNumbers: JsonSchema = {
  ">": said(number, "Is more"),
  ">=": said(number, "Is as much or more"),
  "<": said(number, "Is less"),
  "<=": said(number, "Is as much or less"),
  between: said(
    { type: "array", items: number, minItems: 2, maxItems: 2 },
    "Is in this range, both ends included",
  ),
  rises: said(
    amount,
    "Is higher than before the fault, once at least: by anything (true), an amount or a share",
  ),
  drops: said(
    amount,
    "Is lower than before the fault, once at least: by anything (true), an amount or a share",
  ),
  unchanged: said(amount, "Stays as before the fault: at all (true), or within an amount or a share"),
  returns: said(time, "Is back where it was before the fault no later than so long after the restore"),
};

/** The definitions that those of probes and stop conditions refer to. */
export const expectationSchemas: Readonly<Record<string, JsonSchema>> = {
  "expect-number": expectation({ ...ofNumbers, ...ofAny }),
  "expect-text": expectation(ofAny),
};

/** A probe of this type, as it stands in `probes`. */
export function probeJsonSchema(probe: AnyProbe): JsonSchema {
  const { head, required } = headOf(probe, probeShape);
  const settings: JsonSchema = {
    ...settingsOf(probe),
    description: `Settings of a probe of type ${probe.type}`,
  };
  const needsSettings = Array.isArray(settings["required"]) || Array.isArray(settings["oneOf"]);
  return {
    title: `${probe.type} probe`,
    type: "object",
    properties: { ...head, [probe.type]: settings },
    required: [...required, ...(needsSettings ? [probe.type] : [])],
    additionalProperties: false,
  };
}

/** A stop condition of this type, with its settings in line. */
export function stopJsonSchema(probe: AnyProbe): JsonSchema {
  const { head, required } = headOf(probe, stopShape);
  const { properties, required: own, ...settings } = settingsOf(probe);
  return {
    ...settings,
    title: `${probe.type} stop condition`,
    properties: { ...head, ...(isSchema(properties) ? properties : {}) },
    required: [...required, ...(Array.isArray(own) ? own : [])],
  };
}

/** The keys that all types have. */
function headOf(
  probe: AnyProbe,
  shape: typeof probeShape | typeof stopShape,
): { readonly head: JsonSchema; readonly required: readonly string[] } {
  const { properties, required } = toSchema(z.strictObject(shape));
  if (!isSchema(properties) || !isSchema(properties["run"])) throw new Error("A probe has no keys.");
  const run = properties["run"];
  const head: JsonSchema = {
    ...mapSchemas(properties, withVariables),
    type: { const: probe.type, description: probe.summary },
    expect: expectOf(probe),
    run: { ...run, properties: timingOf(run) },
    lag: { ...time, ...described(properties["lag"]) },
  };
  return {
    head,
    required: [...(Array.isArray(required) ? required : []), ...(probe.expects === null ? ["expect"] : [])],
  };
}

const forms: Readonly<Record<string, JsonSchema>> = {
  timeout: time,
  interval: time,
  initialDelay: time,
  tolerate: share,
};

/** What the loader reads from a text has a form that its own schema does not tell. */
function timingOf({ properties }: JsonSchema): JsonSchema {
  const all = Object.entries(isSchema(properties) ? properties : {}).map(([name, schema]) => {
    const form = forms[name];
    if (form !== undefined) return [name, { ...form, ...described(schema) }];
    return [name, isSchema(schema) ? withVariables(schema) : schema];
  });
  return Object.fromEntries(all);
}

function settingsOf(probe: AnyProbe): JsonSchema {
  return withVariables(toSchema(probe.settings));
}

function expectOf({ measures }: AnyProbe): JsonSchema {
  const all = Object.entries(measures).map(([name, { kind, description }]) => ({
    name,
    schema: { description, ...refOf(kind) },
  }));
  const exact = all.filter(({ name }) => !name.endsWith(".*"));
  const families = all.filter(({ name }) => name.endsWith(".*"));
  return {
    description: "What it expects, by measure: a value, or operators with theirs",
    type: "object",
    properties: Object.fromEntries(exact.map(({ name, schema }) => [name, schema])),
    ...(families.length === 0
      ? {}
      : {
          patternProperties: Object.fromEntries(
            families.map(({ name, schema }) => [`^${name.slice(0, -2)}\\..`, schema]),
          ),
        }),
    minProperties: 1,
    additionalProperties: false,
  };
}

function refOf(kind: MeasureKind): JsonSchema {
  return { $ref: `#/$defs/expect-${kind === "number" || kind === "any" ? "number" : "text"}` };
}

function expectation(operators: JsonSchema): JsonSchema {
  return {
    anyOf: [
      scalar,
      {
        type: "object",
        properties: operators,
        dependentRequired: { within: ["becomes"] },
        minProperties: 1,
        additionalProperties: false,
      },
    ],
  };
}

function said(schema: JsonSchema, description: string): JsonSchema {
  return { description, ...schema };
}

function described(schema: unknown): JsonSchema {
  return isSchema(schema) && schema["description"] !== undefined
    ? { description: schema["description"] }
    : {};
}
