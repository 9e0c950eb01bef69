import type { Measured } from "./probe.ts";

/** Judged on each check by itself. */
export const checkOperators = [
  "==",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
  "between",
  "oneOf",
  "contains",
  "matches",
] as const;
/** Judged on the whole series when the fault is out: against the baseline, or for what is there once. */
export const seriesOperators = ["rises", "drops", "unchanged", "becomes", "returns"] as const;

export type CheckOperator = (typeof checkOperators)[number];
export type SeriesOperator = (typeof seriesOperators)[number];
export type Operator = CheckOperator | SeriesOperator;

/** How far from the baseline: a number of the measure's own unit, or a share of the baseline. */
export interface Amount {
  readonly by: number;
  readonly unit: "absolute" | "percent";
}

/** One thing that a probe expects of one measure; journalled. */
export type Expectation =
  | {
      readonly measure: string;
      readonly operator: "==" | "!=" | "contains" | "matches";
      readonly value: number | string | boolean;
    }
  | { readonly measure: string; readonly operator: ">" | ">=" | "<" | "<="; readonly value: number }
  /** Both ends included. */
  | { readonly measure: string; readonly operator: "between"; readonly value: readonly [number, number] }
  | {
      readonly measure: string;
      readonly operator: "oneOf";
      readonly value: readonly (number | string | boolean)[];
    }
  /** `by` 0 means by anything at all. */
  | {
      readonly measure: string;
      readonly operator: "rises" | "drops" | "unchanged";
      readonly value: Amount;
    }
  /** Has the value in one check at least; `withinMs`, counted from the confirmation of the fault, null for its whole window. */
  | {
      readonly measure: string;
      readonly operator: "becomes";
      readonly value: number | string | boolean;
      readonly withinMs: number | null;
    }
  /** Is back where it was before the fault no later than so long after the restore. */
  | { readonly measure: string; readonly operator: "returns"; readonly withinMs: number };

export type CheckExpectation = Extract<Expectation, { operator: CheckOperator }>;
export type SeriesExpectation = Extract<Expectation, { operator: SeriesOperator }>;

export function isSeriesExpectation(expectation: Expectation): expectation is SeriesExpectation {
  return (seriesOperators as readonly string[]).includes(expectation.operator);
}

/** It is judged against what was before the fault. */
export function needsBaseline({ operator }: Expectation): boolean {
  return operator === "rises" || operator === "drops" || operator === "unchanged" || operator === "returns";
}

/** What one check says of one expectation: null when it is met, else what was expected and what came, for people. */
export function unmet(
  expectation: CheckExpectation,
  measured: Measured,
  isMatch: (pattern: string, text: string) => boolean,
): string | null {
  if (isMet(expectation, measured, isMatch)) return null;
  return `${expectation.measure} is ${shown(measured)}, expected ${expectedText(expectation)}`;
}

function isMet(
  expectation: CheckExpectation,
  measured: Measured,
  isMatch: (pattern: string, text: string) => boolean,
): boolean {
  switch (expectation.operator) {
    case "==":
      return isSame(measured, expectation.value);
    case "!=":
      return !isSame(measured, expectation.value);
    case ">":
      return typeof measured === "number" && measured > expectation.value;
    case ">=":
      return typeof measured === "number" && measured >= expectation.value;
    case "<":
      return typeof measured === "number" && measured < expectation.value;
    case "<=":
      return typeof measured === "number" && measured <= expectation.value;
    case "between":
      return (
        typeof measured === "number" && measured >= expectation.value[0] && measured <= expectation.value[1]
      );
    case "oneOf":
      return expectation.value.some((value) => isSame(measured, value));
    case "contains":
      return String(measured).includes(String(expectation.value));
    case "matches":
      return isMatch(String(expectation.value), String(measured));
  }
}

/** Whatever a file calls a number or a text: `"200"` is what 200 is. */
export function isSame(measured: Measured, value: number | string | boolean): boolean {
  if (measured === null) return false;
  if (typeof measured === typeof value) return measured === value;
  if (typeof measured === "number" && typeof value === "string")
    return value.trim() !== "" && Number(value) === measured;
  return String(measured) === String(value);
}

/** `one of 200, 503`, `at least 5`, `to rise by 10%`. */
export function expectedText(expectation: Expectation): string {
  switch (expectation.operator) {
    case "==":
      return shown(expectation.value);
    case "!=":
      return `anything but ${shown(expectation.value)}`;
    case ">":
      return `more than ${expectation.value}`;
    case ">=":
      return `at least ${expectation.value}`;
    case "<":
      return `less than ${expectation.value}`;
    case "<=":
      return `at most ${expectation.value}`;
    case "between":
      return `${expectation.value[0]} to ${expectation.value[1]}`;
    case "oneOf":
      return `one of ${expectation.value.map(shown).join(", ")}`;
    case "contains":
      return `text with ${shown(expectation.value)} in it`;
    case "matches":
      return `text that matches /${String(expectation.value)}/`;
    case "rises":
    case "drops":
      return `to ${expectation.operator === "rises" ? "rise" : "drop"}${amountText(expectation.value)}`;
    case "unchanged":
      return expectation.value.by === 0
        ? "to stay as it was"
        : `to stay within ${short(expectation.value)} of what it was`;
    case "becomes": {
      const soon = expectation.withinMs === null ? "" : ` within ${expectation.withinMs / 1000} s`;
      return `to become ${shown(expectation.value)}${soon}`;
    }
    case "returns":
      return `to be back where it was ${expectation.withinMs / 1000} s after the restore`;
  }
}

const LONGEST = 200;

/** A measured value for people: text in quotes, cut where nobody would read on. */
export function shown(value: Measured): string {
  if (value === null) return "nothing";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length <= LONGEST ? value : `${value.slice(0, LONGEST)}…`);
}

function amountText(amount: Amount): string {
  return amount.by === 0 ? "" : ` by ${short(amount)}`;
}

function short({ by, unit }: Amount): string {
  return unit === "percent" ? `${by}%` : String(by);
}
