import { arnMatches, globMatches } from "./patterns.ts";

/** What a request says of itself: values by key of a condition, keys in lower case. */
export type ConditionKeys = Readonly<Record<string, readonly string[]>>;

type Test = (has: string, wanted: string) => boolean;

const numberTest =
  (holds: (has: number, wanted: number) => boolean): Test =>
  (has, wanted) =>
    holds(Number(has), Number(wanted));

function instant(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

const dateTest =
  (holds: (has: number, wanted: number) => boolean): Test =>
  (has, wanted) =>
    holds(instant(has), instant(wanted));

const equal: Test = (has, wanted) => has === wanted;
const equalIgnoringCase: Test = (has, wanted) => has.toLowerCase() === wanted.toLowerCase();
const like: Test = (has, wanted) => globMatches(wanted, has);
const arnLike: Test = (has, wanted) => arnMatches(wanted, has);

/** Source: IAM reference, "IAM JSON policy elements: Condition operators". */
const tests: Readonly<Record<string, Test>> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: equalIgnoringCase,
  StringLike: like,
  NumericEquals: numberTest((a, b) => a === b),
  NumericLessThan: numberTest((a, b) => a < b),
  NumericLessThanEquals: numberTest((a, b) => a <= b),
  NumericGreaterThan: numberTest((a, b) => a > b),
  NumericGreaterThanEquals: numberTest((a, b) => a >= b),
  DateEquals: dateTest((a, b) => a === b),
  DateLessThan: dateTest((a, b) => a < b),
  DateLessThanEquals: dateTest((a, b) => a <= b),
  DateGreaterThan: dateTest((a, b) => a > b),
  DateGreaterThanEquals: dateTest((a, b) => a >= b),
  Bool: equalIgnoringCase,
  BinaryEquals: equal,
  // AWS: both behave alike, and take wildcards.
  ArnEquals: arnLike,
  ArnLike: arnLike,
  // No request here has an address.
  IpAddress: () => false,
};

/** Those that hold when the other does not. */
const opposites: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NotIpAddress: "IpAddress",
};

interface Operator {
  readonly name: string;
  readonly set: "ForAllValues" | "ForAnyValue" | null;
  readonly ifExists: boolean;
}

function operatorOf(text: string): Operator {
  const [, set, name = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(text) ?? [];
  return {
    name,
    set: set === "ForAllValues" || set === "ForAnyValue" ? set : null,
    ifExists: ifExists !== undefined,
  };
}

/** Whether IAM knows an operator, with its prefix and suffix. */
export function isConditionOperator(text: string): boolean {
  const { name } = operatorOf(text);
  return name === "Null" || Object.hasOwn(tests, name) || Object.hasOwn(opposites, name);
}

function holds(operator: Operator, has: readonly string[] | undefined, wanted: readonly string[]): boolean {
  const { name, set, ifExists } = operator;
  if (name === "Null")
    return wanted.some((value) => (value.toLowerCase() === "true") === (has === undefined));
  const isOpposite = Object.hasOwn(opposites, name);
  if (has === undefined || has.length === 0) return ifExists || isOpposite || set === "ForAllValues";
  const test = tests[opposites[name] ?? name];
  if (test === undefined) return false;
  const one = (value: string): boolean => wanted.some((pattern) => test(value, pattern)) !== isOpposite;
  return set === "ForAnyValue" ? has.some(one) : has.every(one);
}

function valuesOf(key: string, keys: ConditionKeys): readonly string[] | undefined {
  const name = key.toLowerCase();
  return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

/** Puts values of the request in the place of `${aws:username}` and the like; one that it does not have matches nothing. */
export function withVariables(pattern: string, keys: ConditionKeys): string | null {
  let isKnown = true;
  const text = pattern.replaceAll(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    if (name === "*" || name === "?" || name === "$") return name;
    const [key = "", usual] = name.split(/\s*,\s*/);
    const value = valuesOf(key, keys)?.[0] ?? usual?.replaceAll("'", "");
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? text : null;
}

/** Whether a request meets all conditions of a statement: all operators and keys, one of the values of each. */
export function conditionsHold(
  conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
  keys: ConditionKeys,
): boolean {
  return Object.entries(conditions).every(([operator, tested]) =>
    Object.entries(tested).every(([key, wanted]) => {
      const known = wanted.map((value) => withVariables(value, keys)).filter((value) => value !== null);
      return holds(operatorOf(operator), valuesOf(key, keys), known);
    }),
  );
}
