import * as z from "zod";
import type { Connection } from "../contract/connection.ts";
import { defineProbe } from "../contract/probe.ts";
import { arnOf, connectionFor, placeOf, regionSetting } from "./aws-settings.ts";
import { hint } from "./hint.ts";
import { nearNames } from "./near-names.ts";

const settings = z.strictObject({
  alarm: z.string().min(1, "must be the name or the ARN of an alarm").describe("Name or ARN of the alarm"),
  region: regionSetting,
});

/** Alarms on metrics, and those that are made of others. */
const AlarmTypes = ["MetricAlarm", "CompositeAlarm"] as const;

/** Asks in what state an alarm is. */
export const cloudwatchAlarmProbe = defineProbe({
  type: "cloudwatch-alarm",
  summary: "Measures the state of a CloudWatch alarm.",
  settings,
  measures: {
    state: {
      kind: "text",
      description: "OK, ALARM or INSUFFICIENT_DATA",
      values: ["OK", "ALARM", "INSUFFICIENT_DATA"],
    },
    reason: { kind: "text", description: "Why it is in that state, in CloudWatch's words" },
  },
  expects: [{ measure: "state", operator: "==", value: "OK" }],
  defaults: { timing: { intervalMs: 10_000, timeoutMs: 10_000 } },
  late: "error",
  example: { settings: { alarm: "OrdersBurnRate" } },
  actions: ["cloudwatch:DescribeAlarms"],
  permissions: ({ alarm, region }, place) => {
    const all = placeOf(place, region);
    const resource = alarm.startsWith("arn:") ? alarm : arnOf("cloudwatch", all, `alarm:${alarm}`);
    return [
      { action: "cloudwatch:DescribeAlarms", resource },
      { action: "cloudwatch:DescribeAlarms", resource: arnOf("cloudwatch", all, "alarm:*"), optional: true },
    ];
  },
  async check({ alarm, region }, io) {
    const began = io.clock.now();
    const { aws } = await connectionFor(alarm, region, io);
    const name = alarm.startsWith("arn:") ? alarm.split(":").slice(6).join(":") : alarm;
    const input = { AlarmNames: [name], AlarmTypes };
    const answer = await aws.call("cloudwatch:DescribeAlarms", input, io.signal);
    const [found] = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])];
    if (found === undefined) {
      const instead = await hint(io, began, (signal) => otherAlarms(name, { aws, signal }));
      throw new Error(`There is no alarm ${JSON.stringify(name)} here${instead}.`);
    }
    return { measures: { state: found.StateValue ?? null, reason: found.StateReason ?? null } };
  },
});

/** What there is instead of an alarm that is not there. Throws AwsError. */
async function otherAlarms(
  name: string,
  { aws, signal }: Pick<Connection, "aws"> & { readonly signal: AbortSignal },
): Promise<string> {
  const answer = await aws.call("cloudwatch:DescribeAlarms", { AlarmTypes, MaxRecords: 100 }, signal);
  const known = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])].flatMap(
    ({ AlarmName }) => AlarmName ?? [],
  );
  const near = nearNames(name, known);
  if (near.length > 0) return `; there is ${near.join(", ")}`;
  return known.length === 0 ? ", nor any other" : "";
}
