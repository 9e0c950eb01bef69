import type { Evidence, Sample, TimedSample, Windows } from "../contract/evidence.ts";
import type { Io } from "../contract/io.ts";
import { greatest } from "../contract/statistics.ts";
import { fewAtATime } from "./few-at-a-time.ts";

export const DEPTH = "messages visible";
const IN_FLIGHT = "messages in flight";

export interface Queue {
  readonly name: string;
  readonly url: string;
  /** How long it keeps a message; null when it was not asked for or could not be read. */
  readonly retentionMs: number | null;
}

/** Source: SetQueueAttributes, MessageRetentionPeriod: from 60 s to 14 days. */
export const SHORTEST_RETENTION_MS = 60_000;

/** A queue by its ARN, its retention if `asks` says so; null when we may not look at it, which only lessens what a run can say. */
export async function findQueue(
  arn: string,
  io: Io,
  asks: { readonly retention: boolean },
): Promise<Queue | null> {
  const [, , , , account = "", name = ""] = arn.split(":");
  try {
    const { QueueUrl: url } = await io.aws.call(
      "sqs:GetQueueUrl",
      { QueueName: name, QueueOwnerAWSAccountId: account },
      io.signal,
    );
    if (url === undefined) return null;
    if (!asks.retention) return { name, url, retentionMs: null };
    const attributes = await attributesOf(url, ["MessageRetentionPeriod"], io);
    const seconds = Number(attributes.MessageRetentionPeriod);
    return { name, url, retentionMs: Number.isFinite(seconds) ? seconds * 1000 : null };
  } catch {
    return null;
  }
}

/** Depth and messages in flight of each queue; one that cannot be read is left out. */
export async function sampleQueues(
  queues: readonly { name: string; url: string }[],
  io: Io,
): Promise<readonly Sample[]> {
  const samples = await fewAtATime(queues, async ({ name, url }): Promise<readonly Sample[]> => {
    try {
      const found = await attributesOf(
        url,
        ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        io,
      );
      return [
        { channel: DEPTH, subject: name, value: Number(found.ApproximateNumberOfMessages ?? 0) },
        {
          channel: IN_FLIGHT,
          subject: name,
          value: Number(found.ApproximateNumberOfMessagesNotVisible ?? 0),
        },
      ];
    } catch {
      return [];
    }
  });
  return samples.flat();
}

/** A backlog this small is the ordinary breathing of a queue. */
const CALM_MESSAGES = 10;

/** Whether every queue is about as deep as before the fault. */
export function isDrained(baseline: readonly Sample[], latest: readonly Sample[]): boolean {
  return latest.every(
    (sample) => sample.channel !== DEPTH || sample.value <= calmDepth(baseline, sample.subject),
  );
}

function calmDepth(baseline: readonly Sample[], subject: string): number {
  const before =
    baseline.find(({ channel, subject: name }) => channel === DEPTH && name === subject)?.value ?? 0;
  return Math.max(CALM_MESSAGES, before * 1.5);
}

export interface DrainAdvice {
  /** Why the drain may be slow, and what to do; empty when nothing is known to slow it. */
  readonly slow: string;
  readonly waitedMs: number;
}

/** What a queue's depth says: grew while nothing was delivered, and drained afterwards or not. */
export function judgeDepth(
  name: string,
  samples: readonly TimedSample[],
  windows: Windows,
  advice: DrainAdvice,
): Evidence {
  const mine = samples.filter(({ channel, subject }) => channel === DEPTH && subject === name);
  const [from, to] = [windows.faults[0]?.from ?? 0, windows.faults.at(-1)?.to ?? 0];
  const before = mine.filter(({ at }) => at <= from).at(-1)?.value ?? mine[0]?.value ?? 0;
  const during = mine.filter(({ at }) => at > from && at <= to);
  const after = mine.filter(({ at }) => at > to);
  const evidence = { channel: "queue depth", subject: name };
  const last = mine.at(-1);
  if (during.length === 0 || last === undefined) {
    return {
      ...evidence,
      verdict: "unreadable",
      text: `The depth of queue ${name} could not be read during the fault.`,
      numbers: {},
    };
  }
  const peak = greatest([...during, ...after].map(({ value }) => value));
  const numbers = { before, peak, last: last.value, grewBy: peak - before };
  if (peak - before <= Math.max(2, before * 0.2)) {
    const text = `The backlog of ${name} did not grow (${before} to ${peak} messages): too little traffic to tell by its depth.`;
    return { ...evidence, verdict: "no-traffic", text, numbers };
  }
  const calm = after.find(({ value }) => value <= Math.max(CALM_MESSAGES, before * 1.5));
  const grew = `The backlog of ${name} grew from ${before} to ${peak} messages`;
  if (calm !== undefined) {
    const drainedInMs = Math.max(0, calm.at - windows.after.from);
    return {
      ...evidence,
      verdict: "seen",
      text: `${grew} and drained within ${(drainedInMs / 1000).toFixed(1)} s of the proved restore.`,
      numbers: { ...numbers, drainedInMs },
    };
  }
  const left = `it did not drain: ${last.value} messages are left after ${Math.round(advice.waitedMs / 1000)} s.`;
  const remedy =
    advice.slow === ""
      ? "Wait longer (DRAIN_TIMEOUT), and check that the function succeeds on them."
      : advice.slow;
  return { ...evidence, verdict: "seen", text: `${grew}; ${left} ${remedy}`, numbers };
}

async function attributesOf(
  url: string,
  names: readonly string[],
  io: Io,
): Promise<Readonly<Record<string, string>>> {
  const { Attributes = {} } = await io.aws.call(
    "sqs:GetQueueAttributes",
    { QueueUrl: url, AttributeNames: names },
    io.signal,
  );
  return Attributes;
}
