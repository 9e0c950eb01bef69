/** How an alarm turns datapoints into a state. */
export interface AlarmRule {
  /** Periods, 1 or more. */
  readonly evaluationPeriods: number;
  /** Of those, how many have to breach. */
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missing: MissingTreatment;
}

export const comparisons = {
  GreaterThanThreshold: {
    holds: (value: number, threshold: number) => value > threshold,
    words: "greater than",
  },
  GreaterThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value >= threshold,
    words: "greater than or equal to",
  },
  LessThanThreshold: { holds: (value: number, threshold: number) => value < threshold, words: "less than" },
  LessThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value <= threshold,
    words: "less than or equal to",
  },
} as const;
export type Comparison = keyof typeof comparisons;

export const missingTreatments = ["missing", "ignore", "breaching", "notBreaching"] as const;
export type MissingTreatment = (typeof missingTreatments)[number];

export const alarmStates = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type AlarmState = (typeof alarmStates)[number];

/** One period; `value` null: nothing was observed in it. Milliseconds. */
export interface Slot {
  readonly at: number;
  readonly value: number | null;
}

export interface Judgement {
  readonly state: AlarmState;
  /** Those that were looked at, newest first. */
  readonly datapoints: readonly { readonly at: number; readonly value: number }[];
  /** How many had to be filled in. */
  readonly filled: number;
}

/** So many periods more than it needs does an alarm look back where datapoints are missing. */
export const spareSlots = 2;

/**
 * The state for the newest periods, newest first, of which there are `evaluationPeriods + spareSlots`.
 *
 * Source: CloudWatch, configuring how alarms treat missing data (its two tables, and premature transitions).
 */
export function judgeAlarm(slots: readonly Slot[], rule: AlarmRule, current: AlarmState): Judgement {
  const { evaluationPeriods, datapointsToAlarm, missing } = rule;
  const known = slots.flatMap(({ at, value }, age) => (value === null ? [] : [{ at, value, age: age + 1 }]));
  const datapoints = known.slice(0, evaluationPeriods);
  const filled = evaluationPeriods - datapoints.length;
  const breaching = datapoints.filter(({ value }) => breaches(value, rule)).length;
  const judged = (state: AlarmState): Judgement => ({
    state,
    datapoints: datapoints.map(({ at, value }) => ({ at, value })),
    filled,
  });
  const counted = breaching + (missing === "breaching" ? filled : 0);
  if (counted >= datapointsToAlarm) return judged("ALARM");
  if (filled === 0 || missing === "breaching" || missing === "notBreaching") return judged("OK");
  if (datapoints.length === 0) return judged(missing === "ignore" ? current : "INSUFFICIENT_DATA");
  if (breaching < datapoints.length) return judged("OK");
  // All that is there breaches, and it is too little: only what is old enough can no longer be made good.
  const isOld = (datapoints.at(-1)?.age ?? 0) >= datapointsToAlarm;
  return judged(missing === "missing" && isOld ? "ALARM" : current);
}

function breaches(value: number, { comparison, threshold }: AlarmRule): boolean {
  return comparisons[comparison].holds(value, threshold);
}

/** As CloudWatch words the reason of a state. Source: recorded answers of DescribeAlarms. */
export function reasonOf(
  { datapoints, filled, state }: Judgement,
  rule: AlarmRule,
  before: AlarmState,
): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  const { words } = comparisons[rule.comparison];
  const threshold = decimal(rule.threshold);
  if (state === "INSUFFICIENT_DATA")
    return `Insufficient Data: ${count(filled, "datapoint")} ${filled === 1 ? "was" : "were"} unknown.`;
  const change = `(minimum ${count(state === "ALARM" ? rule.datapointsToAlarm : rule.evaluationPeriods - rule.datapointsToAlarm + 1, "datapoint")} for ${before} -> ${state} transition)`;
  if (datapoints.length === 0) {
    const treated = rule.missing === "breaching" ? "Breaching" : "NonBreaching";
    return `Threshold Crossed: no datapoints were received for ${count(filled, "period")} and ${count(filled, "missing datapoint")} ${filled === 1 ? "was" : "were"} treated as [${treated}].`;
  }
  const relevant = datapoints.filter(({ value }) => breaches(value, rule) === (state === "ALARM"));
  const shown = relevant.slice(0, 5).map(({ at, value }) => `${decimal(value)} (${dateText(at)})`);
  const which = `${relevant.length} out of the last ${datapoints.length} datapoints`;
  const not = state === "ALARM" ? "" : "not ";
  const was = relevant.length === 1 ? "was" : "were";
  return `Threshold Crossed: ${which} [${shown.join(", ")}] ${was} ${not}${words} the threshold (${threshold}) ${change}.`;
}

/** A number as Java writes it. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `22/11/26 07:00:00` */
function dateText(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
