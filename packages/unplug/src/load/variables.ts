import type { TunableSource } from "../contract/experiment.ts";

/** Environment variables; unset and empty are the same everywhere in Unplug. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variable {
  readonly value: string;
  readonly source: "argument" | "environment";
}

export interface Expanded {
  readonly text: string;
  /** Where the text came from: elsewhere only when it is nothing but one `${NAME}`. */
  readonly source: TunableSource;
  /** Names that are not set and have no default. */
  readonly unset: readonly string[];
  /** `${…}` that is not `${NAME}` or `${NAME:-default}`. */
  readonly malformed: readonly string[];
}

/** The last branch: one that is never closed. */
const REFERENCE = /\$\$\{|\$\{([^}]*)\}|\$\{[^}]*$/g;
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Replaces `${NAME}` and `${NAME:-default}`; `$${` stands for `${` itself. */
export function expand(text: string, lookup: (name: string) => Variable | null): Expanded {
  const unset: string[] = [];
  const malformed: string[] = [];
  const sources: TunableSource[] = [];
  const expanded = text.replace(REFERENCE, (whole: string, inside: string | undefined) => {
    if (whole === "$${") return "${";
    if (inside === undefined) {
      malformed.push(whole);
      return whole;
    }
    const match = INSIDE.exec(inside);
    if (match?.[1] === undefined) {
      malformed.push(whole);
      return whole;
    }
    const found = lookup(match[1]);
    const fallback = match[2];
    if (found === null && fallback === undefined) unset.push(match[1]);
    const useFallback = found === null || (found.value === "" && fallback !== undefined);
    sources.push(useFallback || found === null ? "file" : found.source);
    return useFallback ? (fallback ?? "") : found.value;
  });
  const only = /^\$\{[^}]*\}$/.test(text.trim()) ? sources[0] : undefined;
  return { text: expanded, source: only ?? "file", unset, malformed };
}

/** `--var` first, then the environment. */
export function lookupIn(
  vars: ReadonlyMap<string, string>,
  env: Environment,
): (name: string) => Variable | null {
  return (name) => {
    const given = vars.get(name);
    if (given !== undefined) return { value: given, source: "argument" };
    const inherited = env[name];
    return inherited === undefined ? null : { value: inherited, source: "environment" };
  };
}
