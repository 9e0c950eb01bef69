import { type Difference, diffJson, type Json } from "../contract/json.ts";

/** A change as a diff, field by field: `enabled: true -> false`. A thing that does not exist has no fields. */
export function changeLines(before: Json | null, after: Json | null): readonly string[] {
  return differences(before, after).map(
    ({ path, before: from, after: to }) => `${label(path)}${valueText(from)} -> ${valueText(to)}`,
  );
}

/** Drift in words, field by field: `enabled was true, is false`. */
export function driftWords(drift: readonly Difference[]): readonly string[] {
  return drift.map(
    ({ path, before, after }) =>
      `${path === "" ? "it" : path} was ${valueText(before)}, is ${valueText(after)}`,
  );
}

/** As `diffJson`, where a thing that does not exist is one without fields. */
export function differences(before: Json | null, after: Json | null): readonly Difference[] {
  return diffJson(fields(before, after), fields(after, before));
}

function fields(value: Json | null, other: Json | null): Json {
  const isRecord = other !== null && typeof other === "object" && !Array.isArray(other);
  return value === null && isRecord ? {} : value;
}

function label(path: string): string {
  return path === "" ? "" : `${path}: `;
}

/** More is for programs. */
const MOST_SHOWN = 300;

/** As JSON; what is not there is `(none)`, and of what is very long the middle is left out. */
export function valueText(value: Json): string {
  if (value === null) return "(none)";
  const text = JSON.stringify(value);
  if (text.length <= MOST_SHOWN) return text;
  return `${text.slice(0, 80)}… (${text.length} characters) …${text.slice(-80)}`;
}
