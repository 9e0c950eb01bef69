import { mappingArn, partitionOf } from "../contract/arns.ts";
import { AwsError, isDenied, isPassing } from "../contract/aws.ts";
import type { MappingConfiguration } from "../contract/aws-calls.ts";
import { defineFault, type FoundTarget, type Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import { isRecord, type Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { seconds } from "../contract/tunables.ts";
import { eventSourceOf, mappingTitle } from "./event-source.ts";
import { fewAtATime } from "./few-at-a-time.ts";
import { findMappings, mappingNames, otherTriggers } from "./find-mappings.ts";
import { judgeInvocations, readInvocations } from "./invocations.ts";
import {
  findQueue,
  isDrained,
  judgeDepth,
  type Queue,
  SHORTEST_RETENTION_MS,
  sampleQueues,
} from "./queue-depth.ts";
import { findRetention } from "./retention.ts";
import { findFunction, functionName, type TargetFunction } from "./target-function.ts";
import { isLong, type MappingFacts, slowDrain, toggleWarnings } from "./toggle-warnings.ts";

/** Each marked mapping costs six more of the 15 requests a second: beyond this the journal is the only net. */
const MOST_MARKED = 50;

/**
 * Disables event source mappings and enables them again; the mappings themselves stay, with their stream positions.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
 */
export const lambdaToggleEventMappingState = defineFault({
  id: "lambda-toggle-event-mapping-state",
  summary: "Disable the event source mappings that feed a function, then enable them again",
  questions: [
    "Do events accumulate in the source without loss while nothing is delivered?",
    "Does the function drain the backlog in the expected time once it is fed again?",
    "Do alarms on queue depth, iterator age or missing invocations fire?",
    "Do consumers downstream notice the gap and degrade gracefully?",
    "Is the backlog handled idempotently?",
  ],
  tunables: {
    FUNCTION_NAME: functionName,
    EVENT_UUIDS: mappingNames,
    DRAIN_TIMEOUT: seconds(
      { min: 0, max: 86_400 },
      "How long to watch the backlog drain after the restore; an empty one is not waited for",
    ).prefault(60),
  },
  example: { FUNCTION_NAME: "orders", EVENT_UUIDS: "all" },
  actions: {
    required: ["lambda:GetFunction", "lambda:ListEventSourceMappings"],
    optional: [
      "lambda:GetPolicy",
      "sqs:GetQueueUrl",
      "sqs:GetQueueAttributes",
      "kinesis:DescribeStreamSummary",
      "logs:FilterLogEvents",
    ],
  },
  documented: [
    "lambda:GetFunction",
    "lambda:GetEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "lambda:UpdateEventSourceMapping",
  ],
  kinds: ["mapping-tags", "mapping"],

  async targets({ functionName: given, eventUuids }, io, { holdMs }) {
    const target = await findFunction(given, io);
    const { mappings, others } = await findMappings(eventUuids, target, io);
    const [unmarked, facts] = await Promise.all([
      whyUnmarked(mappings, io),
      fewAtATime(mappings, (mapping) => factsOf(mapping, holdMs, io)),
    ]);
    refuseLoss(facts, holdMs);
    const about = {
      functionName: target.name,
      marked: unmarked === null,
      wholly: !others,
    };
    return {
      targets: facts.map((fact) => toTarget(fact, target, about, io)),
      warnings: toggleWarnings(facts, target, { holdMs, unmarked }),
    };
  },

  async *change({ ref, state, title, about }, _tunables, { run, until }) {
    const enabled = asMapping(state, title);
    if (about.marked === true) {
      const tags = { "unplug:run": run, "unplug:until": new Date(until).toISOString() };
      yield { ref: { ...ref, kind: "mapping-tags" }, before: null, after: tags, optional: true };
    }
    yield { ref, before: enabled, after: { ...enabled, enabled: false }, arms: true };
  },

  watch: {
    everyMs: 2_000,
    sample: (targets, _tunables, io) => sampleQueues(queuesOf(targets), io),
    calm: isDrained,
    afterMs: ({ drainTimeout }) => drainTimeout,
  },

  async evidence({ targets, windows, samples }, io) {
    const queues = [...new Map(queuesOf(targets).map((queue) => [queue.name, queue])).values()];
    const slow = textOf(targets[0]?.about.slow);
    const waitedMs = windows.after.to - windows.after.from;
    const byQueue = Map.groupBy(samples, ({ subject }) => subject);
    const depths = queues.map(({ name }) =>
      judgeDepth(name, byQueue.get(name) ?? [], windows, { slow, waitedMs }),
    );
    const name = textOf(targets[0]?.about.functionName);
    const backlog = depths.some(
      ({ numbers }) => Number(numbers.last ?? 0) > Number(numbers.before ?? 0) + 10,
    );
    // Serial iterations leave the other mappings on.
    const together = targets.length === 1 || windows.faults.length < targets.length;
    const fed = together && targets.every(({ about }) => about.wholly === true);
    const [log, triggers] = await Promise.all([
      readInvocations(name, windows, io),
      fed ? otherTriggers(targets[0]?.ref.within ?? "", io) : [],
    ]);
    const wholly = fed && triggers.length === 0;
    return [...depths, judgeInvocations(log, windows, { functionName: name, wholly, backlog })];
  },
});

interface Facts extends MappingFacts {
  readonly queue: Queue | null;
}

async function factsOf(mapping: MappingConfiguration, holdMs: number, io: Io): Promise<Facts> {
  const source = eventSourceOf(mapping);
  // Nothing is lost, or about to be, in less than half of what any queue keeps.
  const asks = { retention: isLong(holdMs, SHORTEST_RETENTION_MS) };
  const queue = source.kind === "SQS" && source.arn !== null ? await findQueue(source.arn, io, asks) : null;
  return { mapping, queue, retentionMs: queue?.retentionMs ?? (await findRetention(source, io)) };
}

function toTarget(
  { mapping, queue }: Facts,
  target: TargetFunction,
  about: FoundTarget["about"],
  io: Io,
): FoundTarget {
  return {
    ref: { kind: "mapping", id: mapping.UUID ?? "", within: target.arn, place: io.place },
    title: mappingTitle(mapping),
    arns: arnsOf(mapping, target, io),
    about: {
      ...about,
      source: mapping.EventSourceArn ?? null,
      queueName: queue?.name ?? null,
      queueUrl: queue?.url ?? null,
      slow: slowDrain(mapping, target),
    },
  };
}

/** What the fault reads of the source and of the function's log. */
function arnsOf(
  { EventSourceArn }: MappingConfiguration,
  { name }: TargetFunction,
  { place }: Io,
): Record<string, string> {
  const logs = `arn:${partitionOf(place.region)}:logs:${place.region}:${place.account}:log-group:/aws/lambda/${name}:*`;
  const service = EventSourceArn?.split(":")[2];
  return {
    logs,
    ...(EventSourceArn === undefined || service === undefined ? {} : { [service]: EventSourceArn }),
  };
}

/** Why the marker cannot be set, asked by reads only; null when it can. Refuses a mapping that carries somebody's. */
async function whyUnmarked(mappings: readonly MappingConfiguration[], io: Io): Promise<string | null> {
  if (mappings.length > MOST_MARKED) return `there are more than ${MOST_MARKED} of them`;
  try {
    const tags = await Promise.all(
      mappings.map(({ UUID: id = "" }) =>
        io.aws.call("lambda:ListTags", { Resource: mappingArn(id, io.place) }, io.signal),
      ),
    );
    refuseMarked(
      mappings,
      tags.map(({ Tags = {} }) => Tags),
      io,
    );
    return null;
  } catch (error) {
    if (isDenied(error)) return "lambda:ListTags is not permitted";
    // A "no" that stays one: markers are not had here, which ends no run.
    if (!(error instanceof AwsError) || error.outcome !== "refused" || isPassing(error)) throw error;
    return `lambda:ListTags answered ${error.code}: ${error.message}`;
  }
}

/** A marker of another machine's run is as good as a lease; one that is over is a leftover. */
function refuseMarked(
  mappings: readonly MappingConfiguration[],
  tags: readonly Readonly<Record<string, string>>[],
  io: Io,
): void {
  const now = io.clock.now();
  const culprits = mappings.flatMap(({ UUID: id }, i) => {
    const run = tags[i]?.["unplug:run"];
    if (run === undefined) return [];
    const until = tags[i]?.["unplug:until"] ?? "an unknown time";
    return [
      `${id} is marked by run ${run}, until ${until}${Date.parse(until) < now ? " (over: its run died)" : ""}`,
    ];
  });
  if (culprits.length === 0) return;
  throw new Refusal(
    "Another run has these mappings; nothing was changed.",
    culprits,
    `If that run is dead: unplug restore --function NAME --region ${io.place.region}`,
    mappings.map(({ UUID: id = "" }) => refKey({ kind: "mapping", id, within: null, place: io.place })),
  );
}

/** Certain loss is refused: what arrives at the start of the hold would be gone before its end. */
function refuseLoss(facts: readonly Facts[], holdMs: number): void {
  const culprits = facts.flatMap(({ mapping, retentionMs }) =>
    retentionMs === null || holdMs < retentionMs
      ? []
      : [
          `${mappingTitle(mapping)} keeps events for ${retentionMs / 1000} s, the fault would be held for ${holdMs / 1000} s`,
        ],
  );
  if (culprits.length > 0) {
    throw new Refusal(
      "The fault is certain to outlive the source's retention, so events would be lost; nothing was changed.",
      culprits,
      "Shorten TOTAL_CHAOS_DURATION or raise the retention.",
    );
  }
}

function queuesOf(targets: readonly Target[]): readonly { name: string; url: string }[] {
  return targets.flatMap(({ about: { queueName, queueUrl } }) =>
    typeof queueName === "string" && typeof queueUrl === "string" ? [{ name: queueName, url: queueUrl }] : [],
  );
}

/** Refuses what somebody disabled since it was planned: enabling it afterwards would not be putting it back. */
function asMapping(state: Json | null, title: string): Readonly<Record<string, Json>> {
  if (!isRecord(state)) throw new Refusal(`${title} could not be read.`);
  if (state.enabled !== true) throw new Refusal(`${title} is not Enabled any more; it was left alone.`);
  return state;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
