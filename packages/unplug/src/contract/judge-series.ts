import { type Amount, expectedText, isSame, type SeriesExpectation, shown } from "./expectation.ts";
import type { Check, Measured, MissingPolicy } from "./probe.ts";
import { greatest, least, median } from "./statistics.ts";

/** What a series is judged on. */
export interface SeriesInput {
  readonly checks: readonly Check[];
  /** Milliseconds since 1970: when the fault was first confirmed; null where it never was. */
  readonly confirmedAt: number | null;
  /** Milliseconds since 1970: when the last restore was proved; null where it was not. */
  readonly restoredAt: number | null;
  /** `after`: it is the end state that is compared, not the time of the fault; `all`: whatever came after the baseline. */
  readonly judged: "fault" | "after" | "all";
  readonly missing: MissingPolicy;
}

/** Null: met. `unanswered`: there is nothing to judge it on, and the policy says to wait for it. */
export interface SeriesComplaint {
  readonly kind: "unmet" | "unanswered";
  readonly text: string;
}

/** Judges what only a whole series can tell: against the baseline's median, by the highest, the lowest or any of the rest. */
export function judgeSeries(expectation: SeriesExpectation, input: SeriesInput): SeriesComplaint | null {
  const { measure } = expectation;
  const values = (checks: readonly Check[]) =>
    checks.flatMap(({ measures }) => {
      const value = measures[measure] ?? null;
      return value === null ? [] : [value];
    });
  // What the rest is compared with is no part of the rest.
  const judged = input.checks.filter(({ phase }) =>
    input.judged === "all" ? phase !== "baseline" : phase === input.judged,
  );
  if (expectation.operator === "becomes") return becomes(expectation, judged, input);
  const before = numbers(values(input.checks.filter(({ phase }) => phase === "baseline")));
  const now = numbers(values(judged));
  if (expectation.operator === "returns") return returns(expectation, before, input);
  if (now.length === 0)
    return withoutData(
      `${measure}: there was no data ${input.judged === "after" ? "after" : "during"} the fault`,
      input,
    );
  // What is counted is often not there at all until it is counted for the first time.
  if (before.length === 0 && expectation.operator !== "rises")
    return withoutData(`${measure}: there was no data before the fault`, input);
  const baseline = before.length === 0 ? 0 : median(before);
  const told = (extreme: number, word: string) => ({
    kind: "unmet" as const,
    text: `${measure} was ${number(baseline)} before and ${word} ${number(extreme)}, expected ${expectedText(expectation)}`,
  });
  const margin = marginOf(expectation.value, baseline);
  const [low, high] = [least(now), greatest(now)];
  if (expectation.operator === "rises")
    return isBeyond(high - baseline, margin, expectation.value) ? null : told(high, "at most");
  if (expectation.operator === "drops")
    return isBeyond(baseline - low, margin, expectation.value) ? null : told(low, "at least");
  const farthest = high - baseline > baseline - low ? high : low;
  return Math.abs(farthest - baseline) <= margin ? null : told(farthest, "went to");
}

/** Only what it is since the fault is in says that the fault made it so; with a time to do so, it may come when the fault is out again. */
function becomes(
  expectation: Extract<SeriesExpectation, { operator: "becomes" }>,
  judged: readonly Check[],
  { confirmedAt, ...input }: SeriesInput,
): SeriesComplaint | null {
  const { measure, value, withinMs } = expectation;
  if (confirmedAt === null) return { kind: "unanswered", text: `${measure}: the fault was not confirmed` };
  const looked = withinMs === null ? judged : input.checks.filter(({ phase }) => phase !== "baseline");
  const known = looked.filter(
    ({ about, measures }) => about >= confirmedAt && (measures[measure] ?? null) !== null,
  );
  const first = known.find(({ measures }) => isSame(measures[measure] ?? null, value));
  if (first !== undefined) {
    const after = first.about - confirmedAt;
    if (withinMs === null || after <= withinMs) return null;
    return {
      kind: "unmet",
      text: `${measure} became ${shown(value)} after ${seconds(after)}, expected ${expectedText(expectation)}`,
    };
  }
  const last = known.at(-1);
  if (last === undefined) return withoutData(`${measure}: there was no data during the fault`, input);
  return {
    kind: "unmet",
    text: `${measure} was ${shown(last.measures[measure] ?? null)} to the end of the ${seconds(last.about - confirmedAt)} that it was looked at, expected ${expectedText(expectation)}`,
  };
}

function returns(
  expectation: Extract<SeriesExpectation, { operator: "returns" }>,
  before: readonly number[],
  input: SeriesInput,
): SeriesComplaint | null {
  if (input.restoredAt === null)
    return { kind: "unanswered", text: `${expectation.measure}: the restore was not proved` };
  if (before.length === 0)
    return withoutData(`${expectation.measure}: there was no data before the fault`, input);
  if (returnedAt(expectation, input.checks, input.restoredAt) !== null) return null;
  const last = input.checks.findLast(
    ({ phase, measures }) => phase === "after" && (measures[expectation.measure] ?? null) !== null,
  );
  if (last === undefined)
    return withoutData(`${expectation.measure}: there was no data after the restore`, input);
  return {
    kind: "unmet",
    text: `${expectation.measure} was ${number(median(before))} before and ${shown(last.measures[expectation.measure] ?? null)} ${Math.round((last.about - input.restoredAt) / 1000)} s after the restore, expected ${expectedText(expectation)}`,
  };
}

/** When it was first back within what was measured before the fault, in time; null while it is not. Milliseconds since 1970. */
export function returnedAt(
  { measure, withinMs }: Extract<SeriesExpectation, { operator: "returns" }>,
  checks: readonly Check[],
  restoredAt: number,
): number | null {
  const of = (phase: Check["phase"]) => checks.filter((check) => check.phase === phase);
  const before = numbers(of("baseline").map(({ measures }) => measures[measure] ?? null));
  if (before.length === 0) return null;
  const during = numbers(
    [...of("fault"), ...of("transition")].map(({ measures }) => measures[measure] ?? null),
  );
  const [low, high] = [least(before), greatest(before)];
  // Better than before is as good as before: what counts is the side to which the fault drove it.
  const rose = during.length === 0 || greatest(during) - high >= low - least(during);
  const isBack = (value: number) => (rose ? value <= high : value >= low);
  const found = of("after").find(({ measures, about }) => {
    const value = measures[measure];
    const late = about - restoredAt;
    return typeof value === "number" && isBack(value) && late >= 0 && late <= withinMs;
  });
  return found?.about ?? null;
}

function withoutData(text: string, { missing }: Pick<SeriesInput, "missing">): SeriesComplaint | null {
  if (missing === "pass") return null;
  return { kind: missing === "wait" ? "unanswered" : "unmet", text };
}

function marginOf({ by, unit }: Amount, baseline: number): number {
  return unit === "percent" ? (Math.abs(baseline) * by) / 100 : by;
}

/** Any amount at all must still be an amount. */
function isBeyond(change: number, margin: number, { by }: Amount): boolean {
  return by === 0 || margin === 0 ? change > 0 : change >= margin;
}

function numbers(values: readonly Measured[]): readonly number[] {
  return values.filter((value) => typeof value === "number");
}

function number(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** `12.3 s`; milliseconds. */
function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
