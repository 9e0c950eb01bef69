import type { Measured, Measures } from "../contract/probe.ts";

/** More members than these are no measures; those that lie deep are left out first. */
const MOST = 5_000;
/** So many names are enough to see what was meant. */
const NAMED = 10;

/** The scalars inside a JSON text by `json.` and their dotted path, and of each list its length; null where it is no JSON. */
export function jsonMeasures(text: string): Measures | null {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return null;
  }
}

/** `JSON with the members json.a, json.b`: what there is instead of a member that was asked for. */
export function jsonText(measures: Measures | null): string {
  if (measures === null) return "no JSON";
  const names = Object.keys(measures);
  if (names.length === 0) return "JSON without members";
  return `JSON with ${names.slice(0, NAMED).join(", ")}${names.length > NAMED ? ", …" : ""}`;
}

function membersOf(root: unknown): Measures {
  const found = new Map<string, Measured>();
  let level: readonly (readonly [string, unknown])[] = [["json", root]];
  while (level.length > 0 && found.size < MOST) {
    const next: (readonly [string, unknown])[] = [];
    for (const [path, value] of level) {
      if (found.size >= MOST) break;
      if (Array.isArray(value)) found.set(`${path}.length`, value.length);
      if (typeof value === "object" && value !== null)
        for (const [key, item] of Object.entries(value)) next.push([`${path}.${key}`, item]);
      else if (isMeasured(value) && path !== "json") found.set(path, value);
    }
    level = next;
  }
  return Object.fromEntries(found);
}

function isMeasured(value: unknown): value is Measured {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
