import { isRecord } from "./input.ts";

/** Whether a record of an event passes. */
export type EventFilter = (record: Readonly<Record<string, unknown>>) => boolean;

type Test = (value: unknown) => boolean;

/**
 * The filter of a mapping: a record passes that matches any of the patterns (JSON text). The body of a message is
 * read as JSON where the pattern for it is an object; otherwise it is compared as text.
 * Throws when a pattern cannot be read or has an operator that is none of prefix, suffix, anything-but, numeric,
 * exists, equals-ignore-case and $or. Source: Lambda, control which events Lambda sends to your function.
 */
export function eventFilter(patterns: readonly string[]): EventFilter {
  if (patterns.length === 0) return () => true;
  const tests = patterns.map((text) => {
    const pattern: unknown = JSON.parse(text);
    if (!isRecord(pattern)) throw new Error(`The filter pattern ${text} is no JSON object.`);
    const matches = objectTest(pattern);
    const readsBody = isRecord(pattern["body"]);
    return (record: Readonly<Record<string, unknown>>) => matches(readsBody ? withReadBody(record) : record);
  });
  return (record) => tests.some((test) => test(record));
}

function withReadBody(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { body, ...rest } = record;
  try {
    return { ...rest, body: typeof body === "string" ? JSON.parse(body) : body };
  } catch {
    return rest;
  }
}

function objectTest(pattern: Readonly<Record<string, unknown>>): Test {
  const tests = Object.entries(pattern).map(([key, rule]): Test => {
    if (key === "$or" && Array.isArray(rule)) {
      const either = rule.map((each: unknown) => objectTest(isRecord(each) ? each : {}));
      return (value) => either.some((test) => test(value));
    }
    const test = Array.isArray(rule) ? leafTest(rule) : isRecord(rule) ? objectTest(rule) : null;
    if (test === null) throw new Error(`The filter for "${key}" has to be a list of values or an object.`);
    return (value) => test(isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined);
  });
  return (value) => tests.every((test) => test(value));
}

function leafTest(rules: readonly unknown[]): Test {
  const tests = rules.map(ruleTest);
  return (value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return tests.some((test) => values.some(test));
  };
}

function ruleTest(rule: unknown): Test {
  if (!isRecord(rule)) return (value) => value === rule;
  const [[operator, operand] = ["", undefined], ...more] = Object.entries(rule);
  if (more.length > 0) throw new Error(`The filter ${JSON.stringify(rule)} has more than one operator.`);
  // Only leaves exist: an object is none. Source: recorded events; EventBridge, exists matching.
  if (operator === "exists") return (value) => (value !== undefined && !isRecord(value)) === operand;
  if (operator === "anything-but") {
    const excluded = leafTest(Array.isArray(operand) ? operand : [operand]);
    return (value) => value !== undefined && !excluded(value);
  }
  if (operator === "numeric" && Array.isArray(operand)) return numericTest(operand);
  const textTest = Object.hasOwn(textTests, operator) ? textTests[operator] : undefined;
  if (typeof operand === "string" && textTest !== undefined)
    return (value) => typeof value === "string" && textTest(value, operand);
  throw new Error(`The filter ${JSON.stringify(rule)} is not known.`);
}

const textTests: Readonly<Record<string, (value: string, operand: string) => boolean>> = {
  prefix: (value, operand) => value.startsWith(operand),
  suffix: (value, operand) => value.endsWith(operand),
  "equals-ignore-case": (value, operand) => value.toLowerCase() === operand.toLowerCase(),
};

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "=": (value, limit) => value === limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

function numericTest(operand: readonly unknown[]): Test {
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const symbol = String(operand[at]);
    const comparison = Object.hasOwn(comparisons, symbol) ? comparisons[symbol] : undefined;
    const limit = operand[at + 1];
    if (comparison === undefined || typeof limit !== "number") {
      throw new Error(
        `The filter {"numeric":${JSON.stringify(operand)}} is not known: expected pairs such as [">", 1].`,
      );
    }
    tests.push((value) => comparison(value, limit));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}
