import type { TunableSource } from "../contract/experiment.ts";
import { expand, type Variable } from "./variables.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

export interface ExpandedTree {
  readonly data: unknown;
  /** Where the value at a path came from; "file" for most. */
  sourceAt(path: Path): TunableSource;
  /** `emptied`: the value at a path held a variable and is empty now; `unset`: it names one that is not set. */
  expansionAt(path: Path): "complete" | "emptied" | "unset";
  readonly problems: readonly string[];
}

/** Expands the variables of every text in the document; keys stay as they are. */
export function expandTree(yaml: YamlSource, lookup: (name: string) => Variable | null): ExpandedTree {
  const sources = new Map<string, TunableSource>();
  const failed = new Map<string, "emptied" | "unset">();
  const problems: string[] = [];

  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, i]));
    if (isRecord(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
      );
    }
    if (typeof value !== "string" || !value.includes("${")) return value;
    const { text, source, unset, malformed } = expand(value, lookup);
    sources.set(key(path), source);
    if (unset.length + malformed.length > 0) failed.set(key(path), "unset");
    else if (text.trim() === "") failed.set(key(path), "emptied");
    for (const name of unset) {
      problems.push(
        `${yaml.where(path)}: \${${name}} is not set: pass --var ${name}=VALUE, set it in the environment, or write a default, \${${name}:-VALUE}`,
      );
    }
    for (const found of malformed) {
      problems.push(
        `${yaml.where(path)}: ${found} is no variable, expected \${NAME} or \${NAME:-default}; write $${found} for the text itself`,
      );
    }
    return text;
  };

  const data = walk(yaml.data, []);
  return {
    data,
    sourceAt: (path) => sources.get(key(path)) ?? "file",
    expansionAt: (path) => failed.get(key(path)) ?? "complete",
    problems,
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function key(path: Path): string {
  return JSON.stringify(path.map(String));
}
