import type { CallContext } from "../caller.ts";
import { flag, type Input, numeric, text, texts } from "../input.ts";
import {
  type AlarmRule,
  type Comparison,
  comparisons,
  type MissingTreatment,
  missingTreatments,
} from "./alarm-judgement.ts";
import { periodOf, type StoredAlarm } from "./alarm-store.ts";
import { dimensionsOf } from "./bins.ts";
import { checkPeriod, invalid, required, statisticOf, validation } from "./cloudwatch-input.ts";
import { type MetricQuery, readQueries, runQueries } from "./metric-queries.ts";
import { createMetricStore } from "./metric-store.ts";

export function alarmArn({ region, account }: Pick<CallContext, "region" | "account">, name: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
}

/** Whatever a call of PutMetricAlarm sets. Throws 400 for what CloudWatch refuses. */
export function readAlarm(
  input: Input,
): Omit<
  StoredAlarm,
  | "arn"
  | "name"
  | "region"
  | "configuredAt"
  | "state"
  | "reason"
  | "reasonData"
  | "stateAt"
  | "transitionedAt"
  | "evaluatedAt"
> {
  const isSingle = input["Metrics"] === undefined || input["Metrics"] === null;
  if (isSingle === (text(input, "MetricName") === undefined))
    throw validation("Either MetricName or Metrics must be given, and not both.");
  const queries = isSingle ? [singleQuery(input)] : readQueries(input, "Metrics");
  if (queries.filter(({ isReturned }) => isReturned).length !== 1)
    throw validation("Exactly one element of the metrics list should return data.");
  // Whatever cannot be computed is refused now, not when nobody is told.
  runQueries(createMetricStore(), queries, { region: "", from: 0, to: 86_400_000, shownUntil: 86_400_000 });
  return {
    description: text(input, "AlarmDescription") ?? null,
    actionsEnabled: flag(input, "ActionsEnabled") ?? true,
    actions: {
      OKActions: texts(input, "OKActions") ?? [],
      AlarmActions: texts(input, "AlarmActions") ?? [],
      InsufficientDataActions: texts(input, "InsufficientDataActions") ?? [],
    },
    queries,
    isSingle,
    unit: text(input, "Unit") ?? null,
    rule: readRule(input, periodOf({ queries })),
    treatMissing: text(input, "TreatMissingData") ?? null,
    saysDatapoints: numeric(input, "DatapointsToAlarm") !== undefined,
  };
}

function singleQuery(input: Input): MetricQuery {
  const name = required(input, "MetricName");
  const statistic = text(input, "Statistic");
  if (statistic === undefined)
    throw validation(
      text(input, "ExtendedStatistic") === undefined
        ? "Exactly one of Statistic and ExtendedStatistic must be given."
        : "ExtendedStatistic is not there in this cloud: use Statistic.",
    );
  return {
    id: "m1",
    label: name,
    isReturned: true,
    periodMs: checkPeriod(numeric(input, "Period")),
    metric: {
      namespace: required(input, "Namespace"),
      name,
      dimensions: dimensionsOf(input),
      statistic: statisticOf(statistic, "Statistic"),
    },
    expression: null,
  };
}

const DAY = 86_400;

/** Source: API reference of CloudWatch, PutMetricAlarm, EvaluationPeriods. */
function checkReach(evaluationPeriods: number, periodMs: number): void {
  const seconds = evaluationPeriods * (periodMs / 1000);
  const days = periodMs < 3_600_000 ? 1 : 7;
  if (seconds > days * DAY)
    throw validation(
      `Metrics cannot be checked across more than ${days === 1 ? "a day" : "seven days"} (EvaluationPeriods * Period must be <= ${days * DAY}).`,
    );
}

function readRule(input: Input, periodMs: number): AlarmRule {
  const evaluationPeriods = numeric(input, "EvaluationPeriods");
  if (evaluationPeriods === undefined)
    throw invalid("The parameter EvaluationPeriods is required.", "MissingParameter");
  const datapointsToAlarm = numeric(input, "DatapointsToAlarm") ?? evaluationPeriods;
  const areWhole = Number.isInteger(evaluationPeriods) && Number.isInteger(datapointsToAlarm);
  if (!areWhole || evaluationPeriods < 1 || datapointsToAlarm < 1 || datapointsToAlarm > evaluationPeriods)
    throw validation(
      "EvaluationPeriods must be at least 1, and DatapointsToAlarm between 1 and EvaluationPeriods.",
    );
  checkReach(evaluationPeriods, periodMs);
  const threshold = numeric(input, "Threshold");
  if (threshold === undefined) throw validation("The parameter Threshold is required.");
  return {
    evaluationPeriods,
    datapointsToAlarm,
    threshold,
    comparison: comparisonOf(required(input, "ComparisonOperator")),
    missing: treatmentOf(text(input, "TreatMissingData")),
  };
}

function comparisonOf(value: string): Comparison {
  const known = Object.keys(comparisons);
  const isKnown = (one: string): one is Comparison => known.includes(one);
  if (isKnown(value)) return value;
  throw validation(
    `1 validation error detected: Value '${value}' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: [${known.join(", ")}]`,
  );
}

function treatmentOf(value: string | undefined): MissingTreatment {
  const found = missingTreatments.find((one) => one === (value ?? "missing"));
  if (found !== undefined) return found;
  throw validation(
    `The value ${value} for parameter TreatMissingData is invalid: expected one of ${missingTreatments.join(", ")}.`,
  );
}
