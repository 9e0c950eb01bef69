import { ImageProblem } from "./image-problem.ts";

/** Members of parsed JSON that must be there, and of one kind; `what` is said in messages. */

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

export function textIn(value: unknown, name: string, what: string): string {
  const found = memberOf(value, name);
  if (typeof found === "string") return found;
  throw new ImageProblem(`${what} has no ${name}, or one that is no text.`);
}

export function sizeIn(value: unknown, name: string, what: string): number {
  const found = memberOf(value, name);
  if (typeof found === "number" && Number.isSafeInteger(found) && found >= 0) return found;
  throw new ImageProblem(`${what} has no ${name}, or one that is no number of bytes.`);
}

export function listIn(value: unknown, name: string, what: string): readonly unknown[] {
  const found = memberOf(value, name);
  if (Array.isArray(found)) return found;
  throw new ImageProblem(`${what} has no ${name}, or one that is no list.`);
}

/** Absent and null are an empty list. */
export function textsIn(value: unknown, name: string, what: string): readonly string[] {
  const found = memberOf(value, name) ?? [];
  if (Array.isArray(found) && found.every((one) => typeof one === "string")) return found;
  throw new ImageProblem(`${what} has a ${name} that is no list of texts.`);
}
