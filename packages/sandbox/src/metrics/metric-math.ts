import { validation } from "./cloudwatch-input.ts";
import type { MathNode } from "./math-syntax.ts";

/** Values by the start of their period, in ms. */
export type Series = ReadonlyMap<number, number>;

/** What an expression comes to: a number, one time series, or several. */
export type MathValue = number | Series | readonly Series[];

export interface MathPlace {
  /** The series of an id; throws where there is none. */
  readonly of: (id: string) => MathValue;
  /** All metrics of the request whose id has this text in it. */
  readonly metrics: (part: string) => readonly Series[];
  /** Every period of the span, in ms. */
  readonly grid: readonly number[];
  /** Seconds. */
  readonly period: number;
}

/** Throws ValidationError. Source: CloudWatch, using math expressions with metrics. */
export function computed(node: MathNode, place: MathPlace): MathValue {
  switch (node.kind) {
    case "number":
      return node.value;
    case "text":
      throw validation(`A text ("${node.value}") is only for METRICS`);
    case "id":
      return place.of(node.name);
    case "list":
      return node.items.flatMap((item) => seriesOf(computed(item, place), place));
    case "minus":
      return perPoint([computed(node.of, place)], ([value = 0]) => -value);
    case "binary":
      return perPoint([computed(node.left, place), computed(node.right, place)], operators[node.operator]);
    case "call":
      return called(node, place);
  }
}

/** As time series: a number is one with that value in every period. */
export function seriesOf(value: MathValue, { grid }: Pick<MathPlace, "grid">): readonly Series[] {
  if (typeof value === "number") return [new Map(grid.map((at) => [at, value]))];
  return isMany(value) ? value : [value];
}

function isMany(value: MathValue): value is readonly Series[] {
  return Array.isArray(value);
}

type PerPoint = (values: readonly number[]) => number | null;

const truth = (is: boolean) => Number(is);

/** Null: no value, as of a division by zero. */
const operators: Readonly<Record<string, PerPoint>> = {
  "+": ([a = 0, b = 0]) => a + b,
  "-": ([a = 0, b = 0]) => a - b,
  "*": ([a = 0, b = 0]) => a * b,
  "/": ([a = 0, b = 0]) => (b === 0 ? null : a / b),
  "^": ([a = 0, b = 0]) => a ** b,
  "==": ([a, b]) => truth(a === b),
  "!=": ([a, b]) => truth(a !== b),
  "<": ([a = 0, b = 0]) => truth(a < b),
  ">": ([a = 0, b = 0]) => truth(a > b),
  "<=": ([a = 0, b = 0]) => truth(a <= b),
  ">=": ([a = 0, b = 0]) => truth(a >= b),
  AND: ([a, b]) => truth(a !== 0 && b !== 0),
  "&&": ([a, b]) => truth(a !== 0 && b !== 0),
  OR: ([a, b]) => truth(a !== 0 || b !== 0),
  "||": ([a, b]) => truth(a !== 0 || b !== 0),
};

/** Where one of the series has no value, the result has none. */
function perPoint(operands: readonly MathValue[], work: PerPoint | undefined): MathValue {
  if (work === undefined) throw validation("unknown operator");
  const many = operands.find(isMany);
  if (many !== undefined) {
    return many.map((_, i) =>
      asSeries(
        perPoint(
          operands.map((one) => (isMany(one) ? (one[i] ?? new Map()) : one)),
          work,
        ),
      ),
    );
  }
  const series = operands.filter((one) => typeof one !== "number");
  const [first] = series;
  if (first === undefined) return work(operands.filter((one) => typeof one === "number")) ?? Number.NaN;
  const found = new Map<number, number>();
  for (const at of first.keys()) {
    const values = operands.map((one) =>
      typeof one === "number" ? one : isMany(one) ? undefined : one.get(at),
    );
    const known = values.filter((value) => value !== undefined);
    const value = known.length === values.length ? work(known) : null;
    if (value !== null && Number.isFinite(value)) found.set(at, value);
  }
  return found;
}

function asSeries(value: MathValue): Series {
  return typeof value === "number" || isMany(value) ? new Map() : value;
}

const reductions: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((total, value) => total + value, 0),
  AVG: (values) => values.reduce((total, value) => total + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  METRIC_COUNT: (values) => values.length,
};

const roundings: Readonly<Record<string, PerPoint>> = {
  ABS: ([value = 0]) => Math.abs(value),
  CEIL: ([value = 0]) => Math.ceil(value),
  FLOOR: ([value = 0]) => Math.floor(value),
};

/** Each value with the one before it. Times in ms; null: no value. */
const changes: Readonly<
  Record<string, (now: Point, before: Point | undefined, sum: number) => number | null>
> = {
  DIFF: (now, before) => (before === undefined ? null : now.value - before.value),
  RATE: (now, before) =>
    before === undefined ? null : ((now.value - before.value) / (now.at - before.at)) * 1000,
  RUNNING_SUM: (_, __, sum) => sum,
};

interface Point {
  readonly at: number;
  readonly value: number;
}

function called({ name, args }: Extract<MathNode, { kind: "call" }>, place: MathPlace): MathValue {
  const [first, second, third] = args;
  if (name === "METRICS") return place.metrics(first?.kind === "text" ? first.value : "");
  if (first === undefined) throw validation(`The function ${name} needs an argument`);
  const value = computed(first, place);
  if (name === "PERIOD") return place.period;
  if (name === "DATAPOINT_COUNT") return asSeries(value).size;
  if (name === "FILL" && second !== undefined) return filled(value, second, place);
  if (name === "IF") return chosen(value, second, third, place);
  const rounding = roundings[name];
  if (rounding !== undefined) return perPoint([value], rounding);
  const change = changes[name];
  if (change !== undefined)
    return isMany(value)
      ? value.map((one) => changed(one, change))
      : changed(seriesOf(value, place)[0] ?? new Map(), change);
  const reduction = reductions[name];
  if (reduction !== undefined) return reduced(value, reduction);
  throw validation(`The function ${name} is none that this cloud has`);
}

/** Of one series a number, of several a series. */
function reduced(value: MathValue, work: (values: readonly number[]) => number): MathValue {
  if (typeof value === "number") return value;
  if (!isMany(value)) return value.size === 0 ? Number.NaN : work([...value.values()]);
  const times = [...new Set(value.flatMap((series) => [...series.keys()]))].sort((a, b) => a - b);
  return new Map(
    times.map((at) => [at, work(value.map((series) => series.get(at)).filter((one) => one !== undefined))]),
  );
}

function filled(value: MathValue, filler: MathNode, place: MathPlace): MathValue {
  if (isMany(value)) return value.map((series) => asSeries(filled(series, filler, place)));
  if (typeof value === "number") return value;
  if (filler.kind === "id" && filler.name.toUpperCase() === "REPEAT") return repeated(value, place);
  const by = computed(filler, place);
  return new Map(
    place.grid.flatMap((at) => {
      const one = value.get(at) ?? (typeof by === "number" ? by : asSeries(by).get(at));
      return one === undefined ? [] : [[at, one]];
    }),
  );
}

function repeated(value: Series, { grid }: MathPlace): Series {
  let last: number | undefined;
  return new Map(
    grid.flatMap((at) => {
      last = value.get(at) ?? last;
      return last === undefined ? [] : [[at, last]];
    }),
  );
}

function chosen(
  condition: MathValue,
  yes: MathNode | undefined,
  no: MathNode | undefined,
  place: MathPlace,
): MathValue {
  if (yes === undefined) throw validation("The function IF needs a condition and a value");
  const [whenTrue, whenFalse] = [computed(yes, place), no === undefined ? null : computed(no, place)];
  if (typeof condition === "number") return (condition === 0 ? whenFalse : whenTrue) ?? new Map();
  const at = (value: MathValue | null, time: number) =>
    value === null ? undefined : typeof value === "number" ? value : asSeries(value).get(time);
  return new Map(
    [...asSeries(condition)].flatMap(([time, is]) => {
      const value = at(is === 0 ? whenFalse : whenTrue, time);
      return value === undefined ? [] : [[time, value]];
    }),
  );
}

function changed(
  series: Series,
  change: (now: Point, before: Point | undefined, sum: number) => number | null,
): Series {
  const found = new Map<number, number>();
  let before: Point | undefined;
  let sum = 0;
  for (const [at, value] of [...series].sort(([a], [b]) => a - b)) {
    sum += value;
    const one = change({ at, value }, before, sum);
    if (one !== null) found.set(at, one);
    before = { at, value };
  }
  return found;
}
