import * as z from "zod";
import { mappingArn } from "../contract/arns.ts";
import type { Aws } from "../contract/aws.ts";
import { defineProbe, type ProbeIo, type ProbePermission } from "../contract/probe.ts";
import { arnOf, periodSetting, placeOf, regionSetting } from "./aws-settings.ts";
import { countByMetrics, type Depth, NO_AGE, readDepth } from "./backlog-depth.ts";
import { countKeys, keysSetting } from "./backlog-keys.ts";
import { findSource, isTableStream, queueArn, regionIn, type Source } from "./backlog-source.ts";

const settings = z
  .strictObject({
    queue: z.string().min(1).optional().describe("Name, URL or ARN of an SQS queue"),
    stream: z
      .string()
      .min(1)
      .optional()
      .describe("Name or ARN of a Kinesis stream, or ARN of a table's stream"),
    mapping: z
      .string()
      .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be the UUID of an event source mapping")
      .optional()
      .describe("UUID of an event source mapping, whose queue or stream is meant"),
    period: periodSetting,
    region: regionSetting,
    keys: keysSetting.optional(),
    metrics: z
      .boolean()
      .default(false)
      .describe("Evidence for lost and duplicates: the queue's own metrics of messages sent and deleted"),
  })
  .refine(({ queue, stream, mapping }) => [queue, stream, mapping].filter(isGiven).length === 1, {
    error: "must name one of queue, stream and mapping",
  })
  .refine(({ keys, metrics }) => keys === undefined || !metrics, {
    error: "must have either keys or metrics as evidence",
    path: ["metrics"],
  })
  .refine(({ stream, metrics }) => stream === undefined || !metrics, {
    error: "are those of queues: a stream has none, use keys",
    path: ["metrics"],
  });

type Settings = z.output<typeof settings>;

function isGiven(value: string | undefined): boolean {
  return value !== undefined;
}

/** Of the time for a check, so much may pass until a loss is believed: the logs that tell of a reception come late. */
const PATIENCE = 0.7;
const LOOK_AGAIN_MS = 1_000;

/** Measures what waits in a queue or a stream, and what of it was lost or came twice. */
export const backlogProbe = defineProbe({
  type: "backlog",
  summary: "Measures what waits in a queue or a stream, and what was lost or came twice.",
  settings,
  measures: {
    depth: { kind: "number", description: "Messages of the queue that wait; approximate, as SQS has it" },
    inFlight: { kind: "number", description: "Messages of the queue that somebody works on" },
    ageSeconds: {
      kind: "number",
      description:
        "How old the oldest message of the queue is, or the last record that was read of the stream",
    },
    lost: { kind: "number", description: "Messages sent that nobody received, once the fault is out" },
    duplicates: { kind: "number", description: "Receptions beyond the first, once the fault is out" },
  },
  expects: null,
  defaults: { missing: "wait", timing: { timeoutMs: 30_000, intervalMs: 5_000 } },
  late: "error",
  example: {
    settings: {
      queue: "orders",
      keys: {
        sent: { logGroup: "/aws/lambda/checkout", pattern: "order (\\w+) queued" },
        received: { logGroup: "/aws/lambda/orders", pattern: "order (\\w+) done" },
      },
    },
    expect: { depth: { rises: 1, returns: "60s" }, lost: 0, duplicates: 0 },
  },
  unmeasured(settings, { lagMs }) {
    const isQueue = settings.queue !== undefined;
    const isStream = settings.stream !== undefined;
    const noDepth = "is not known of a stream: expect something of ageSeconds";
    const noEvidence = "needs evidence: say `keys`, or of a queue `metrics: true`";
    const hasEvidence = settings.keys !== undefined || settings.metrics;
    return {
      ...(isStream ? { depth: noDepth, inFlight: noDepth } : {}),
      ...(lagMs === 0 && (isQueue || isStream) ? { ageSeconds: NO_AGE } : {}),
      ...(hasEvidence ? {} : { lost: noEvidence, duplicates: noEvidence }),
      ...(settings.metrics && lagMs === 0 ? { lost: LATE_METRICS, duplicates: LATE_METRICS } : {}),
    };
  },
  actions: [
    "cloudwatch:GetMetricData",
    "lambda:GetEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "logs:FilterLogEvents",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
  ],
  permissions: (settings, place) =>
    permissionsOf(settings, placeOf(place, settings.region ?? regionIn(settings))),
  async check(settings, io) {
    const { aws } = await io.aws(settings.region ?? regionIn(settings) ?? null);
    const asking = { ...io, aws, period: settings.period };
    const source = await findSource(settings, asking);
    const depth = await readDepth(source, asking, io.lagMs > 0);
    const flow = await flowOf(settings, source, depth, asking);
    const { missing, lost, duplicates } = flow;
    const { ageSeconds } = depth;
    // Of an age that nobody can expect there is no need to speak.
    const noAge = settings.mapping === undefined && io.lagMs === 0 ? "" : depth.missing;
    const whyNot = [missing, noAge].filter((text) => text !== "").join("; ");
    return {
      measures: { depth: flow.depth.depth, inFlight: flow.depth.inFlight, ageSeconds, lost, duplicates },
      ...(whyNot === "" ? {} : { missing: whyNot }),
    };
  },
});

const LATE_METRICS = "comes from CloudWatch, which is minutes late: say `lag: 3m`, or use `keys`";

interface Flow {
  readonly lost: number | null;
  readonly duplicates: number | null;
  readonly missing: string;
  /** As it was when that was counted. */
  readonly depth: Depth;
}

type Asking = Omit<ProbeIo, "aws"> & { readonly aws: Aws; readonly period: number };

/** Lost and twice, which nobody can tell while the fault keeps messages back. */
async function flowOf(settings: Settings, source: Source, depth: Depth, io: Asking): Promise<Flow> {
  const none = (missing: string): Flow => ({ lost: null, duplicates: null, missing, depth });
  const { keys } = settings;
  if (keys === undefined && !settings.metrics) return none("");
  if (io.phase !== "after") return none("what is lost or came twice is asked once the fault is out");
  if (keys !== undefined) return await flowByKeys(keys, source, depth, io);
  if (source.kind !== "queue") return none("only a queue has metrics of messages sent and deleted");
  const counted = await countByMetrics(source.name, io.since, io);
  return counted === null
    ? none(`CloudWatch does not have all metrics of ${source.name} yet`)
    : { ...counted, missing: "", depth };
}

/** Looks again for a while where something seems lost. */
async function flowByKeys(
  keys: NonNullable<Settings["keys"]>,
  source: Source,
  first: Depth,
  io: Asking,
): Promise<Flow> {
  const started = io.clock.now();
  const until = Math.min(io.about, started);
  for (let depth = first; ; depth = await readDepth(source, io, io.lagMs > 0)) {
    const counted = await countKeys(keys, { since: io.since, until, now: io.clock.now() }, io);
    if (counted === null)
      return {
        lost: null,
        duplicates: null,
        missing: "the logs are too long to be read: say a `filter`",
        depth,
      };
    const { unreceived, overtaken, duplicates } = counted;
    const lying = (depth.depth ?? 0) + (depth.inFlight ?? 0);
    // A stream is read in order: what comes after the last that was read may be read yet.
    const lost = source.kind === "queue" ? Math.max(0, unreceived - lying) : overtaken;
    const isPatient = io.clock.now() + LOOK_AGAIN_MS < started + io.timeoutMs * PATIENCE;
    if (lost === 0 || !isPatient || io.signal.aborted) return { lost, duplicates, missing: "", depth };
    await io.clock.sleep(LOOK_AGAIN_MS, io.signal);
  }
}

function permissionsOf(settings: Settings, place: Parameters<typeof arnOf>[1]): readonly ProbePermission[] {
  const { queue, stream, mapping, keys, metrics } = settings;
  const metricData = { action: "cloudwatch:GetMetricData", resource: "*" } as const;
  const ofQueue = (resource: string): readonly ProbePermission[] => [
    { action: "sqs:GetQueueUrl", resource },
    { action: "sqs:GetQueueAttributes", resource },
    metrics ? metricData : { ...metricData, optional: true },
  ];
  const logs = (logGroup: string): ProbePermission => ({
    action: "logs:FilterLogEvents",
    resource: arnOf("logs", place, `log-group:${logGroup}:*`),
  });
  return [
    ...(queue === undefined ? [] : ofQueue(queueArn(queue, place))),
    ...(mapping === undefined
      ? []
      : [
          { action: "lambda:GetEventSourceMapping", resource: mappingArn(mapping, place) } as const,
          // Which queue it is, AWS says when it is asked.
          ...ofQueue(arnOf("sqs", place, "*")),
        ]),
    ...(stream === undefined ? [] : [metricData]),
    ...(stream !== undefined && isTableStream(stream)
      ? [{ action: "lambda:ListEventSourceMappings", resource: "*" } as const]
      : []),
    ...(keys === undefined ? [] : [...new Set([keys.sent.logGroup, keys.received.logGroup])].map(logs)),
  ];
}
