import {
  type Amount,
  checkOperators,
  type Expectation,
  isSeriesExpectation,
  type Operator,
  seriesOperators,
} from "../contract/expectation.ts";
import type { AnyProbe, MeasureKind, ProbeMode } from "../contract/probe.ts";
import { duration } from "./duration.ts";
import { isRecord } from "./expand-tree.ts";
import { kindOf, quoted } from "./issue-text.ts";
import { didYouMean } from "./nearest.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

const operators: readonly string[] = [...checkOperators, ...seriesOperators];
const time = duration({ min: 0, max: 86_400_000 }, "");

interface ExpectContext {
  readonly yaml: YamlSource;
  readonly probe: AnyProbe;
  readonly mode: ProbeMode;
  readonly problems: string[];
}

/** `expect:` of a probe: by measure a value, or operators with theirs. Left out, it is what the type expects by itself. */
export function readExpectations(raw: unknown, at: Path, context: ExpectContext): readonly Expectation[] {
  const { yaml, probe, problems } = context;
  const names = Object.keys(probe.measures);
  if (raw === undefined) {
    if (probe.expects === null)
      problems.push(
        `${yaml.where(at.slice(0, -1))}: expect is missing: say what one of ${names.join(", ")} must be`,
      );
    return probe.expects ?? [];
  }
  if (!isRecord(raw) || Object.keys(raw).length === 0) {
    problems.push(
      `${yaml.where(at)}: expect is ${isRecord(raw) ? "empty" : kindOf(raw)}, expected a map like {${names[0]}: {"==": …}}`,
    );
    return [];
  }
  return Object.entries(raw).flatMap(([measure, value]) => {
    const kind = kindOfMeasure(measure, probe);
    if (kind === null) {
      const known = names.join(", ");
      problems.push(
        `${yaml.whereKey([...at, measure])}: a probe of type ${probe.type} does not measure "${measure}"${didYouMean(measure, names)}, expected one of ${known}`,
      );
      return [];
    }
    return readMeasure({ measure, kind, value, at: [...at, measure] }, context);
  });
}

interface Read {
  readonly measure: string;
  readonly kind: MeasureKind;
  readonly value: unknown;
  readonly at: Path;
}

function readMeasure({ measure, kind, value, at }: Read, context: ExpectContext): readonly Expectation[] {
  const { yaml, problems } = context;
  if (isScalar(value)) {
    const stray = strayOf(measure, [value], context);
    if (stray === null) return [{ measure, operator: "==", value }];
    problems.push(`${yaml.where(at)}: ${stray}`);
    return [];
  }
  if (!isRecord(value) || Object.keys(value).length === 0) {
    problems.push(
      `${yaml.where(at)}: ${measure} is ${isRecord(value) ? "empty" : kindOf(value)}, expected a value or a map like {"<=": 5}`,
    );
    return [];
  }
  return Object.entries(value).flatMap(([operator, operand]) => {
    const here = [...at, operator];
    const bad = (text: string) => {
      problems.push(`${yaml.where(here)}: ${measure}: ${text}`);
      return [];
    };
    if (operator === "within") return "becomes" in value ? [] : bad("`within` belongs beside `becomes`");
    if (!isOperator(operator)) {
      problems.push(
        `${yaml.whereKey(here)}: unknown operator "${operator}"${meant(operator)}, expected one of ${operators.join(", ")}`,
      );
      return [];
    }
    const within = operator === "becomes" ? readWithin(value["within"]) : null;
    if (within === undefined)
      return bad(`\`within\` must be a time, like 60s, not ${quoted(value["within"])}`);
    const read = readOperand(measure, operator, operand, within);
    if (typeof read === "string") return bad(`${read}, not ${quoted(operand)}`);
    if (kind !== "number" && kind !== "any" && needsNumber(operator))
      return bad(
        `it is ${kind === "truth" ? "true or false" : "text"}, and \`${operator}\` compares numbers`,
      );
    const stray = strayOf(measure, valuesIn(read), context);
    if (stray !== null) {
      problems.push(`${yaml.where(here)}: ${stray}`);
      return [];
    }
    if (isSeriesExpectation(read) && context.mode === "SOT")
      return bad(`\`${operator}\` needs what comes after the fault began: use another mode than SOT`);
    if (operator === "returns" && context.mode !== "Continuous" && context.mode !== "OnChaos")
      return bad("`returns` is looked for all the time: use mode Continuous or OnChaos");
    return [read];
  });
}

/** What an expectation compares as a whole. */
function valuesIn(read: Expectation): readonly (number | string | boolean)[] {
  switch (read.operator) {
    case "==":
    case "!=":
    case "becomes":
      return [read.value];
    case "oneOf":
      return read.value;
    default:
      return [];
  }
}

/** Says which of them the measure never is; null where it may be all of them, or nobody knows. */
function strayOf(
  measure: string,
  values: readonly (number | string | boolean)[],
  { probe: { measures } }: Pick<ExpectContext, "probe">,
): string | null {
  const known = Object.hasOwn(measures, measure) ? measures[measure]?.values : undefined;
  const stray = values.find((value) => known?.includes(String(value)) === false);
  if (known === undefined || stray === undefined) return null;
  return `${measure} is never ${quoted(stray)}${didYouMean(String(stray), known)}, expected one of ${known.join(", ")}`;
}

/** The expectation, or what its operand must be. */
function readOperand(
  measure: string,
  operator: Operator,
  operand: unknown,
  withinMs: number | null,
): Expectation | string {
  switch (operator) {
    case "==":
    case "!=":
    case "contains":
      return isScalar(operand) ? { measure, operator, value: operand } : `\`${operator}\` must be a value`;
    case "matches":
      return isPattern(operand)
        ? { measure, operator, value: operand }
        : "`matches` must be a regular expression";
    case ">":
    case ">=":
    case "<":
    case "<=": {
      const value = numberOf(operand);
      return value === null ? `\`${operator}\` must be a number` : { measure, operator, value };
    }
    case "between": {
      const [low, high, more] = Array.isArray(operand) ? operand.map(numberOf) : [];
      const isRange =
        typeof low === "number" && typeof high === "number" && more === undefined && low <= high;
      return isRange
        ? { measure, operator, value: [low, high] }
        : "`between` must be a list of two numbers, the lower first, like [200, 299]";
    }
    case "oneOf": {
      const isList = Array.isArray(operand) && operand.length > 0 && operand.every(isScalar);
      return isList
        ? { measure, operator, value: operand.filter(isScalar) }
        : "`oneOf` must be a list of values, like [200, 503]";
    }
    case "rises":
    case "drops":
    case "unchanged": {
      const value = amountOf(operand);
      return value === null
        ? `\`${operator}\` must be true, an amount like 5, or a share of the baseline like 10%`
        : { measure, operator, value };
    }
    case "becomes":
      return isScalar(operand)
        ? { measure, operator, value: operand, withinMs }
        : "`becomes` must be a value";
    case "returns": {
      const withinMs = time.safeParse(operand).data;
      return withinMs === undefined
        ? "`returns` must be the time it may take after the restore, like 2m"
        : { measure, operator, withinMs };
    }
  }
}

/** Null: in the whole window; undefined: it is no time. */
function readWithin(within: unknown): number | null | undefined {
  return within === undefined ? null : time.safeParse(within).data;
}

function kindOfMeasure(measure: string, { measures }: AnyProbe): MeasureKind | null {
  const exact = measures[measure];
  if (exact !== undefined && Object.hasOwn(measures, measure)) return exact.kind;
  const family = Object.entries(measures).find(
    ([name]) =>
      name.endsWith(".*") && measure.startsWith(name.slice(0, -1)) && measure.length > name.length - 1,
  );
  return family?.[1].kind ?? null;
}

/** Words that other tools have for ours. */
const foreign: Readonly<Record<string, Operator>> = {
  "=": "==",
  "===": "==",
  is: "==",
  eq: "==",
  equal: "==",
  equals: "==",
  ne: "!=",
  notEqual: "!=",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
  in: "oneOf",
  regex: "matches",
  increases: "rises",
  decreases: "drops",
};

function meant(operator: string): string {
  const known = Object.hasOwn(foreign, operator) ? foreign[operator] : undefined;
  return known === undefined ? didYouMean(operator, operators) : ` (here it is "${known}")`;
}

function isOperator(text: string): text is Operator {
  return operators.includes(text);
}

function needsNumber(operator: Operator): boolean {
  return [">", ">=", "<", "<=", "between", "rises", "drops", "unchanged", "returns"].includes(operator);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function amountOf(value: unknown): Amount | null {
  if (value === true || value === "true") return { by: 0, unit: "absolute" };
  const percent = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
  if (percent !== null) return { by: Number(percent[1]), unit: "percent" };
  const number = numberOf(value);
  return number === null || number < 0 ? null : { by: number, unit: "absolute" };
}

function isPattern(value: unknown): value is string {
  if (typeof value !== "string") return false;
  try {
    new RegExp(value, "su");
    return true;
  } catch {
    return false;
  }
}
