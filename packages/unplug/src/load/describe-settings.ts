import type { AnyProbe } from "../contract/probe.ts";
import { isSchema, type JsonSchema, toSchema } from "./json-schema.ts";

/** A setting of a type of probe, for people. */
export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** As an author would write it; null when it has none. */
  readonly default: string | null;
  /** What it may be: "GET, POST", "text", "a list". */
  readonly values: string;
}

/** The settings of a type, as its schema has them. */
export function describeSettings({ settings }: AnyProbe): readonly SettingDescription[] {
  const { properties, required } = toSchema(settings);
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(isSchema(properties) ? properties : {}).flatMap(([name, schema]) =>
    isSchema(schema)
      ? [
          {
            name,
            description: textOf(schema["description"]),
            required: needed.includes(name),
            default: defaultOf(schema),
            values: valuesOf(schema),
          },
        ]
      : [],
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function defaultOf({ default: fallback }: JsonSchema): string | null {
  return fallback === undefined ? null : typeof fallback === "string" ? fallback : JSON.stringify(fallback);
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "true, false",
  array: "list",
  object: "map",
};

function valuesOf(schema: JsonSchema): string {
  if (Array.isArray(schema["enum"])) return schema["enum"].join(", ");
  const branches = ["anyOf", "oneOf"].flatMap((key) => {
    const found = schema[key];
    return Array.isArray(found) && schema["properties"] === undefined ? found.filter(isSchema) : [];
  });
  const type = schema["type"];
  const types =
    branches.length > 0 ? branches.map(valuesOf) : Array.isArray(type) ? type.map(nameOf) : [nameOf(type)];
  const all = [...new Set(types)].filter((text) => text !== "");
  return all.length > 3 ? "anything" : all.join(" or ");
}

function nameOf(type: unknown): string {
  return kinds[String(type)] ?? "";
}
