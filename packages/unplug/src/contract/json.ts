/** Any value that survives a journal unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** True when two values are the same JSON, whatever the order of their keys. */
export function equalJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (isList(a) || isList(b)) {
    return (
      isList(a) && isList(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i] ?? null))
    );
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key] ?? null, b[key] ?? null));
}

export interface Difference {
  /** Dotted path of the field, empty for the value itself. */
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** The fields in which two values differ, depth first; an absent field reads as null. */
export function diffJson(before: Json, after: Json, path = ""): readonly Difference[] {
  if (equalJson(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [{ path, before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) =>
    diffJson(before[key] ?? null, after[key] ?? null, path === "" ? key : `${path}.${key}`),
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** An object, not a list and not null. */
export function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
