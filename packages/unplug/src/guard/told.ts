import type { RuleFile } from "./rules.ts";

/** `file:line:column: allow.functions: …` */
export function told({ where }: RuleFile, rule: readonly string[], found: string): string {
  return `${where(rule)}: ${rule.join(".")}: ${found}`;
}

/** Patterns or values, as they stand in the file. */
export function quotedList(all: readonly string[]): string {
  return all.map((one) => JSON.stringify(one)).join(", ");
}
