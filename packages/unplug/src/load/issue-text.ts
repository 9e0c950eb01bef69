import type * as z from "zod";
import { didYouMean } from "./nearest.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** What one finding of a schema means to the author of a file: one line for each problem in it. */
export function issueLines(
  issue: z.core.$ZodIssue,
  context: { yaml: YamlSource; at: Path; value: unknown; known: readonly string[] },
): readonly string[] {
  const { yaml, at, value, known } = context;
  const path: Path = [...at, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const keys = known.length === 0 ? "" : `, expected one of ${known.join(", ")}`;
      return `${yaml.whereKey([...path, key])}: unknown key ${quoted(key)}${didYouMean(key, known)}${keys}`;
    });
  }
  const found = issue.path.reduce<unknown>(
    (inside, key) =>
      typeof inside === "object" && inside !== null
        ? (inside as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
  if (found === undefined) return [`${yaml.where(path)}: ${pathText(path)} is missing${expected(issue)}`];
  if (found === null) return [`${yaml.where(path)}: ${pathText(path)} is empty${expected(issue)}`];
  return [`${yaml.where(path)}: ${pathText(path)} ${ruleText(issue, found)}`];
}

/** `spec.steps[0].weight` */
function pathText(path: Path): string {
  if (path.length === 0) return "the document";
  return path.reduce<string>((text, segment) => {
    if (typeof segment === "number") return `${text}[${segment}]`;
    return text === "" ? String(segment) : `${text}.${String(segment)}`;
  }, "");
}

/** "a number", "a list": the word for what stands in a file. */
export function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map of keys and values";
  if (typeof value === "number") return "a number";
  return typeof value === "boolean" ? "true or false" : "text";
}

const LONGEST = 80;

/** A value as it stands in a file, cut where nobody would read on. */
export function quoted(value: unknown): string {
  // JSON has no word for some numbers.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map of keys and values",
  record: "a map of keys and values",
};

function ruleText(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === "invalid_type" && issue.expected === "int" && typeof found === "number")
    return `must be a whole number, not ${quoted(found)}`;
  if (issue.code !== "invalid_type") {
    return typeof found === "object" ? issue.message : `${issue.message}, not ${quoted(found)}`;
  }
  const quote = issue.expected === "string" && typeof found !== "object" ? ": put it in quotes" : "";
  return `is ${kindOf(found)}, expected ${KINDS[issue.expected] ?? issue.expected}${quote}`;
}

function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `, expected ${KINDS[issue.expected] ?? issue.expected}`;
  return `, it ${issue.message}`;
}
