import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, numeric, text, texts } from "../input.ts";
import { alarmArn, readAlarm } from "./alarm-input.ts";
import { type AlarmState, alarmStates } from "./alarm-judgement.ts";
import { type AlarmStore, periodOf, type StoredAlarm } from "./alarm-store.ts";
import { dimensionList } from "./bins.ts";
import { required, validation } from "./cloudwatch-input.ts";
import { queryInput } from "./metric-queries.ts";

export interface AlarmParts {
  readonly alarms: AlarmStore;
}

const largestPage = 100;

function putAlarm({ alarms }: AlarmParts, input: Input, context: CallContext): unknown {
  const name = required(input, "AlarmName");
  const read = readAlarm(input);
  const arn = alarmArn(context, name);
  const { now, region } = context;
  const old = alarms.find(arn, now);
  const fresh = {
    state: "INSUFFICIENT_DATA" as const,
    reason: "Unchecked: Initial alarm creation",
    reasonData: null,
    stateAt: now,
    transitionedAt: now,
    evaluatedAt: now,
  };
  // A change keeps the state, and begins to be evaluated at once.
  alarms.put({ ...fresh, ...old, ...read, arn, name, region, configuredAt: now });
  return {};
}

function setState({ alarms }: AlarmParts, input: Input, context: CallContext): unknown {
  const name = required(input, "AlarmName");
  const state = stateOf(required(input, "StateValue"));
  const reason = required(input, "StateReason");
  const alarm = alarms.find(alarmArn(context, name), context.now);
  if (alarm === undefined)
    throw new ApiError(404, "ResourceNotFound", "Could not find an alarm with that name.");
  if (alarm.state !== state) alarm.transitionedAt = context.now;
  alarm.state = state;
  alarm.reason = reason;
  alarm.reasonData = text(input, "StateReasonData") ?? null;
  alarm.stateAt = context.now;
  return {};
}

function stateOf(value: string): AlarmState {
  const found = alarmStates.find((one) => one === value);
  if (found !== undefined) return found;
  throw validation(
    `1 validation error detected: Value '${value}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [${alarmStates.join(", ")}]`,
  );
}

function deleteAlarms({ alarms }: AlarmParts, input: Input, context: CallContext): unknown {
  for (const name of texts(input, "AlarmNames") ?? []) alarms.remove(alarmArn(context, name));
  return {};
}

function describeAlarms({ alarms }: AlarmParts, input: Input, context: CallContext): unknown {
  const names = texts(input, "AlarmNames") ?? [];
  const prefix = text(input, "AlarmNamePrefix");
  if (names.length > 0 && prefix !== undefined)
    throw validation("Either AlarmNames or AlarmNamePrefix can be given, and not both.");
  const state = text(input, "StateValue");
  const types = texts(input, "AlarmTypes") ?? [];
  const found = alarms
    .all(context.now)
    .filter(({ arn, name }) => arn === alarmArn(context, name))
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
    .filter((alarm) => state === undefined || alarm.state === stateOf(state))
    .filter(() => types.length === 0 || types.includes("MetricAlarm"))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const most = Math.min(numeric(input, "MaxRecords") ?? 50, largestPage);
  const first = Number(text(input, "NextToken") ?? 0);
  const page = found.slice(first, first + most);
  return {
    MetricAlarms: page.map(view),
    CompositeAlarms: [],
    ...(found.length > first + most ? { NextToken: String(first + most) } : {}),
  };
}

/** As DescribeAlarms shows it. */
function view(alarm: StoredAlarm): Readonly<Record<string, unknown>> {
  const { rule } = alarm;
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(alarm.description === null ? {} : { AlarmDescription: alarm.description }),
    AlarmConfigurationUpdatedTimestamp: alarm.configuredAt / 1000,
    ActionsEnabled: alarm.actionsEnabled,
    ...alarm.actions,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    ...(alarm.reasonData === null ? {} : { StateReasonData: alarm.reasonData }),
    StateUpdatedTimestamp: alarm.stateAt / 1000,
    ...whatIsWatched(alarm),
    EvaluationPeriods: rule.evaluationPeriods,
    ...(alarm.saysDatapoints ? { DatapointsToAlarm: rule.datapointsToAlarm } : {}),
    Threshold: rule.threshold,
    ComparisonOperator: rule.comparison,
    ...(alarm.treatMissing === null ? {} : { TreatMissingData: alarm.treatMissing }),
    StateTransitionedTimestamp: alarm.transitionedAt / 1000,
  };
}

function whatIsWatched(alarm: StoredAlarm): Readonly<Record<string, unknown>> {
  const [query] = alarm.queries;
  if (!alarm.isSingle || query === undefined || query.metric === null)
    return { Metrics: alarm.queries.map(queryInput), Dimensions: [] };
  return {
    MetricName: query.metric.name,
    Namespace: query.metric.namespace,
    Statistic: query.metric.statistic,
    Dimensions: dimensionList(query.metric.dimensions),
    Period: periodOf(alarm) / 1000,
    ...(alarm.unit === null ? {} : { Unit: alarm.unit }),
  };
}

/** CloudWatch's alarms on metrics; there are no composite ones, and no action is taken. */
export function alarmHandlers(parts: AlarmParts): Handlers {
  return {
    PutMetricAlarm: (input, context) => putAlarm(parts, input, context),
    DescribeAlarms: (input, context) => describeAlarms(parts, input, context),
    SetAlarmState: (input, context) => setState(parts, input, context),
    DeleteAlarms: (input, context) => deleteAlarms(parts, input, context),
  };
}
