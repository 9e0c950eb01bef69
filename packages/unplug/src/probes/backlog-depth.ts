import type { Aws } from "../contract/aws.ts";
import type { ProbeIo } from "../contract/probe.ts";
import { greatest } from "../contract/statistics.ts";
import { timeText } from "./aws-settings.ts";
import type { Source } from "./backlog-source.ts";
import { type Metric, periodAbout, type Query, readMetrics } from "./metric-values.ts";

export interface Depth {
  readonly depth: number | null;
  readonly inFlight: number | null;
  readonly ageSeconds: number | null;
  /** Why one of them is null. */
  readonly missing: string;
}

interface Asking extends Pick<ProbeIo, "signal" | "clock" | "about"> {
  readonly aws: Aws;
  /** Seconds. */
  readonly period: number;
}

/** What the source shows of the instant that is asked about: SQS itself where that is now, else CloudWatch. Throws AwsError. */
export async function readDepth(source: Source, io: Asking, isLate: boolean): Promise<Depth> {
  if (isLate || source.kind !== "queue") return await depthThen(source, io);
  const { depth, inFlight } = await queueNow(source, io);
  return { depth, inFlight, ageSeconds: null, missing: `ageSeconds ${NO_AGE}` };
}

/** Also said when a file expects one. */
export const NO_AGE = "is known to CloudWatch only, and minutes later: say `lag: 3m`";

/** Messages that can be received, and those that somebody works on. Approximate, in AWS's own word. Throws AwsError. */
async function queueNow(
  { name, account }: Extract<Source, { kind: "queue" }>,
  { aws, signal }: Pick<Asking, "aws" | "signal">,
): Promise<{ readonly depth: number; readonly inFlight: number }> {
  const named = { QueueName: name, ...(account === null ? {} : { QueueOwnerAWSAccountId: account }) };
  const { QueueUrl = "" } = await aws.call("sqs:GetQueueUrl", named, signal);
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
  const { Attributes = {} } = await aws.call("sqs:GetQueueAttributes", { QueueUrl, AttributeNames }, signal);
  return {
    depth: Number(Attributes["ApproximateNumberOfMessages"] ?? 0),
    inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"] ?? 0),
  };
}

function queueMetric(name: string, metric: string, statistic: string): Metric {
  return { namespace: "AWS/SQS", metric, dimensions: { QueueName: name }, statistic };
}

async function depthThen(source: Source, io: Asking): Promise<Depth> {
  const period = periodAbout(io, io.period);
  const span = { ...period, seconds: io.period };
  const queries = queriesOf(source);
  const values = queries.length === 0 ? new Map() : await readMetrics(queries, span, io);
  const of = (id: string): number | null => values.get(id)?.get(period.from) ?? null;
  const ages = queries.flatMap(({ id }) => (id.startsWith("age") ? (of(id) ?? []) : []));
  const age = ages.length === 0 ? null : greatest(ages);
  const when = `in the ${io.period} s from ${timeText(period.from)}`;
  if (source.kind === "queue") {
    const missing = `CloudWatch has no datapoint of ${source.name} ${when}`;
    return { depth: of("depth"), inFlight: of("flying"), ageSeconds: age, missing };
  }
  const reader = source.kind === "table" && source.functions.length === 0 ? ", and no mapping reads it" : "";
  return {
    depth: null,
    inFlight: null,
    ageSeconds: age === null ? null : age / 1000,
    missing: `nobody read the stream ${when}${reader}: CloudWatch has an iterator age only while somebody does`,
  };
}

/** Source: SQS, available CloudWatch metrics; Kinesis, GetRecords.IteratorAgeMilliseconds; Lambda, IteratorAge. */
function queriesOf(source: Source): readonly Query[] {
  switch (source.kind) {
    case "queue":
      return [
        { id: "depth", ...queueMetric(source.name, "ApproximateNumberOfMessagesVisible", "Maximum") },
        { id: "flying", ...queueMetric(source.name, "ApproximateNumberOfMessagesNotVisible", "Maximum") },
        { id: "age", ...queueMetric(source.name, "ApproximateAgeOfOldestMessage", "Maximum") },
      ];
    case "kinesis": {
      const dimensions = { StreamName: source.name };
      const metric = "GetRecords.IteratorAgeMilliseconds";
      return [{ id: "age", namespace: "AWS/Kinesis", metric, dimensions, statistic: "Maximum" }];
    }
    case "table":
      return source.functions.map((FunctionName, i) => ({
        id: `age${i}`,
        namespace: "AWS/Lambda",
        metric: "IteratorAge",
        dimensions: { FunctionName },
        statistic: "Maximum",
      }));
  }
}

/** What the queue's own metrics say of messages since an instant; null: not enough of it is there yet. Throws AwsError. */
export async function countByMetrics(
  name: string,
  since: number,
  io: Asking,
): Promise<{ readonly lost: number; readonly duplicates: number } | null> {
  const { from, to } = periodAbout(io, io.period);
  const length = io.period * 1000;
  const start = Math.floor(since / length) * length;
  const metrics = {
    sent: ["NumberOfMessagesSent", "Sum"],
    received: ["NumberOfMessagesReceived", "Sum"],
    deleted: ["NumberOfMessagesDeleted", "Sum"],
    visible: ["ApproximateNumberOfMessagesVisible", "Minimum"],
    flying: ["ApproximateNumberOfMessagesNotVisible", "Minimum"],
  } as const;
  const queries = Object.entries(metrics).map(([id, [metric, statistic]]) => ({
    id,
    ...queueMetric(name, metric, statistic),
  }));
  const values = await readMetrics(queries, { from: start, to, seconds: io.period }, io);
  const sum = (id: keyof typeof metrics) => [...(values.get(id)?.values() ?? [])].reduce((a, b) => a + b, 0);
  const at = (id: keyof typeof metrics, time: number) => values.get(id)?.get(time);
  const [visible, flying] = [at("visible", from), at("flying", from)];
  if (visible === undefined || flying === undefined) return null;
  const before = (at("visible", start) ?? 0) + (at("flying", start) ?? 0);
  return {
    lost: Math.max(0, before + sum("sent") - sum("deleted") - visible - flying),
    duplicates: Math.max(0, sum("received") - sum("deleted") - flying),
  };
}
