import { type ModelFailure, validationErrors } from "../api-error.ts";
import { type Input, numeric, text, texts } from "../input.ts";

/** A member of an input, also an inner one as "Outer.Inner", as the model's messages name it: "outer.inner". */
function wireName(path: string): string {
  return path
    .split(".")
    .map((part) => part.charAt(0).toLowerCase() + part.slice(1))
    .join(".");
}

function failures(ok: boolean, value: unknown, path: string, constraint: string): readonly ModelFailure[] {
  return ok ? [] : [{ value, member: wireName(path), constraint }];
}

function last(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** What is wrong with a text that must be one of a list; absent is right. `input` holds the last part of the path. */
export function enumFailures(
  input: Input,
  path: string,
  allowed: readonly string[],
): readonly ModelFailure[] {
  const value = text(input, last(path));
  const ok = value === undefined || allowed.includes(value);
  return failures(ok, value, path, `Member must satisfy enum value set: [${allowed.join(", ")}]`);
}

/** What is wrong with a text that must match a pattern as a whole; absent is right. */
export function patternFailures(input: Input, path: string, pattern: string): readonly ModelFailure[] {
  const value = text(input, last(path));
  const ok = value === undefined || new RegExp(`^(?:${pattern})$`).test(value);
  return failures(ok, value, path, `Member must satisfy regular expression pattern: ${pattern}`);
}

/** What is wrong with a text that has a greatest length; absent is right. */
export function lengthFailures(input: Input, path: string, longest: number): readonly ModelFailure[] {
  const value = text(input, last(path));
  const ok = value === undefined || value.length <= longest;
  return failures(ok, value, path, `Member must have length less than or equal to ${longest}`);
}

/** What is wrong with a number that has bounds; absent is right. */
export function rangeFailures(
  input: Input,
  path: string,
  low: number,
  high: number,
): readonly ModelFailure[] {
  const value = numeric(input, last(path));
  if (value === undefined) return [];
  return [
    ...failures(value >= low, value, path, `Member must have value greater than or equal to ${low}`),
    ...failures(value <= high, value, path, `Member must have value less than or equal to ${high}`),
  ];
}

/** What is wrong with a list of texts that each have to satisfy something; absent is right. */
export function itemFailures(
  input: Input,
  path: string,
  ok: (item: string) => boolean,
  constraints: readonly string[],
): readonly ModelFailure[] {
  const values = texts(input, last(path));
  if (values === undefined) return [];
  const constraint = `Member must satisfy constraint: [${constraints.join(", ")}]`;
  return failures(values.every(ok), `[${values.join(", ")}]`, path, constraint);
}

/** Throws 400 with all that is wrong at once. */
export function refuseFailures(...found: readonly (readonly ModelFailure[])[]): void {
  const all = found.flat();
  if (all.length > 0) throw validationErrors(all);
}
