import {
  type AlarmRule,
  type AlarmState,
  type Judgement,
  judgeAlarm,
  reasonOf,
  type Slot,
  spareSlots,
} from "./alarm-judgement.ts";
import { type MetricQuery, runQueries } from "./metric-queries.ts";
import type { MetricStore } from "./metric-store.ts";

/** A metric alarm. Times in ms; null: not given. */
export interface StoredAlarm {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  description: string | null;
  actionsEnabled: boolean;
  actions: Readonly<Record<"OKActions" | "AlarmActions" | "InsufficientDataActions", readonly string[]>>;
  /** One metric is one query; of several the one whose data is returned is looked at. */
  queries: readonly MetricQuery[];
  isSingle: boolean;
  unit: string | null;
  rule: AlarmRule;
  /** Null: not given, which is `missing`. */
  treatMissing: string | null;
  /** Whether DatapointsToAlarm was given. */
  saysDatapoints: boolean;
  configuredAt: number;
  state: AlarmState;
  reason: string;
  reasonData: string | null;
  stateAt: number;
  transitionedAt: number;
  /** Up to when it is evaluated. */
  evaluatedAt: number;
}

export interface AlarmStore {
  /** By ARN, all of them, evaluated up to now. */
  all(now: number): readonly StoredAlarm[];
  find(arn: string, now: number): StoredAlarm | undefined;
  put(alarm: StoredAlarm): void;
  remove(arn: string): void;
}

export interface AlarmStoreParts {
  readonly alarms: Map<string, StoredAlarm>;
  readonly metrics: MetricStore;
  /** Points younger than this are not seen yet. */
  readonly delayMs: number;
  /** Notes the levels of all queues as they are now. */
  readonly refresh: () => void;
}

/** An alarm is evaluated once a period, and every ten seconds where that is longer. */
const longestTickMs = 10_000;
/** As long as metrics are kept: before that there is nothing to evaluate. */
const longestPastMs = 3 * 3600 * 1000;

/** Metric alarms. They are evaluated when somebody looks, for every instant at which AWS would have done it. */
export function createAlarmStore(parts: AlarmStoreParts): AlarmStore {
  const settle = (alarm: StoredAlarm, now: number): StoredAlarm => {
    const tick = Math.min(longestTickMs, periodOf(alarm));
    const from = Math.max(alarm.evaluatedAt, now - longestPastMs);
    for (let at = (Math.floor(from / tick) + 1) * tick; at <= now; at += tick) evaluate(alarm, at, parts);
    return alarm;
  };
  return {
    all: (now) => {
      parts.refresh();
      return [...parts.alarms.values()].map((alarm) => settle(alarm, now));
    },
    find: (arn, now) => {
      parts.refresh();
      const alarm = parts.alarms.get(arn);
      return alarm && settle(alarm, now);
    },
    put: (alarm) => void parts.alarms.set(alarm.arn, alarm),
    remove: (arn) => void parts.alarms.delete(arn),
  };
}

/** Milliseconds. */
export function periodOf({ queries }: Pick<StoredAlarm, "queries">): number {
  const returned = queries.find(({ isReturned }) => isReturned);
  const all = queries.flatMap(({ periodMs }) => (periodMs === null ? [] : [periodMs]));
  return returned?.periodMs ?? Math.min(...all, 86_400_000);
}

function evaluate(alarm: StoredAlarm, at: number, parts: AlarmStoreParts): void {
  alarm.evaluatedAt = at;
  const slots = newestSlots(alarm, at, parts);
  const judged = judgeAlarm(slots, alarm.rule, alarm.state);
  if (judged.state === alarm.state) return;
  alarm.reason = reasonOf(judged, alarm.rule, alarm.state);
  alarm.reasonData = reasonData(alarm, judged, at);
  alarm.state = judged.state;
  alarm.stateAt = at;
  alarm.transitionedAt = at;
}

/** Whole periods only, newest first. */
function newestSlots(alarm: StoredAlarm, at: number, { metrics, delayMs }: AlarmStoreParts): readonly Slot[] {
  const period = periodOf(alarm);
  const to = Math.floor((at - delayMs) / period) * period;
  const count = alarm.rule.evaluationPeriods + spareSlots;
  const span = { region: alarm.region, from: to - count * period, to, shownUntil: to - 1 };
  const [result] = runQueries(metrics, alarm.queries, span);
  return Array.from({ length: count }, (_, i) => {
    const start = to - (i + 1) * period;
    return { at: start, value: result?.series.get(start) ?? null };
  });
}

function reasonData({ queries, rule }: StoredAlarm, { datapoints }: Judgement, at: number): string {
  const time = (ms: number) => new Date(ms).toISOString().replace("Z", "+0000");
  const [single] = queries;
  const oldest = datapoints.at(-1);
  return JSON.stringify({
    version: "1.0",
    queryDate: time(at),
    ...(oldest === undefined ? {} : { startDate: time(oldest.at) }),
    ...(single?.metric === null || single === undefined ? {} : { statistic: single.metric.statistic }),
    period: periodOf({ queries }) / 1000,
    recentDatapoints: datapoints.map(({ value }) => value).reverse(),
    threshold: rule.threshold,
    evaluatedDatapoints: datapoints.map(({ at, value }) => ({ timestamp: time(at), value })),
  });
}
