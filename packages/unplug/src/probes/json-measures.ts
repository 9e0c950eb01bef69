import type { Measures } from "../contract/probe.ts";

/** More members than these are no measures. */
const MOST = 500;

/** The scalars of a JSON text by `json.` and their dotted path; none where it is no JSON. */
export function jsonMeasures(text: string): Measures {
  const first = text.trimStart()[0];
  if (first === undefined || !/[[{"\d\-tfn]/.test(first)) return {};
  try {
    const found: Record<string, string | number | boolean | null> = {};
    collect(JSON.parse(text), "json", found);
    return found;
  } catch {
    return {};
  }
}

function collect(
  value: unknown,
  path: string,
  found: Record<string, string | number | boolean | null>,
): void {
  if (Object.keys(found).length >= MOST) return;
  if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) collect(item, `${path}.${key}`, found);
  } else if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  )
    found[path] = value;
}
