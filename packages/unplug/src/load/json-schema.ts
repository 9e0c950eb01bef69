import * as z from "zod";

export type JsonSchema = Record<string, unknown>;

/** What a file may hold instead of any value. */
const variable: JsonSchema = { type: "string", pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}" };

/** Of what an author writes, not of what is made of it. */
export function toSchema(schema: z.ZodType): JsonSchema {
  const {
    $schema: _,
    $defs: __,
    ...rest
  } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    // JSON Schema has no word for it, and strict validators refuse words that they do not know.
    override: ({ jsonSchema }) => void delete jsonSchema["unit"],
  });
  return anyJson(rest);
}

/** Only "any JSON" refers to itself there, and JSON Schema has a shorter word for it. */
function anyJson(schema: JsonSchema): JsonSchema {
  const { $ref: ref, ...rest } = schema;
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    return isSchema(value) ? anyJson(value) : value;
  };
  const all = mapValues(rest, open);
  return ref === undefined
    ? all
    : { ...all, type: ["string", "number", "boolean", "object", "array", "null"] };
}

/** Lets `${NAME}` stand where the value itself would have to be a number or match a pattern. */
export function orVariable(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, ...rule } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [...(isChoice(rule) ? rule.anyOf : [rule]), variable],
  };
}

function isChoice(rule: JsonSchema): rule is JsonSchema & { readonly anyOf: readonly unknown[] } {
  return Array.isArray(rule["anyOf"]) && Object.keys(rule).length === 1;
}

/** As `orVariable`, of every value inside that is no plain text; what tells branches apart stays as it is. */
export function withVariables(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties: more } = schema;
  if (isSchema(properties)) return { ...schema, properties: mapSchemas(properties, withVariables) };
  if (isSchema(more)) return { ...schema, additionalProperties: withVariables(more) };
  if (isSchema(items)) return { ...schema, items: withVariables(items) };
  const branch = ["anyOf", "oneOf"].find((key) => Array.isArray(schema[key]));
  if (branch !== undefined) return branched(schema, branch);
  if ("const" in schema || !["string", "number", "integer", "boolean"].includes(String(schema["type"])))
    return schema;
  return isPlainText(schema) ? schema : orVariable(schema);
}

function branched(schema: JsonSchema, key: string): JsonSchema {
  const branches = schema[key];
  const all: JsonSchema[] = Array.isArray(branches) ? branches.filter(isSchema) : [];
  const isScalar = all.some(({ type }) => type !== "object" && type !== "array");
  const open = all.map((one) => (isScalar && one["type"] !== "object" ? one : withVariables(one)));
  return { ...schema, [key]: isScalar && !all.some(isPlainText) ? [...open, variable] : open };
}

function isPlainText(schema: JsonSchema): boolean {
  return (
    schema["type"] === "string" &&
    !["pattern", "format", "enum", "const", "maxLength"].some((key) => key in schema)
  );
}

export function mapSchemas(schemas: JsonSchema, map: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return mapValues(schemas, (schema) => (isSchema(schema) ? map(schema) : schema));
}

function mapValues(record: JsonSchema, map: (value: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema that is a member of another. Throws where there is none. */
export function inside(schema: JsonSchema, ...path: readonly string[]): JsonSchema {
  return path.reduce((outer, key) => {
    const found = outer[key];
    if (!isSchema(found)) throw new Error(`The schema has no ${key}`);
    return found;
  }, schema);
}
