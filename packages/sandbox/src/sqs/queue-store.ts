import { type Place, queueArn } from "../arns.ts";
import type { Clock } from "../clock.ts";
import type { MetricSeries, MetricStore } from "../metrics/metric-store.ts";
import type { Queue } from "./queue.ts";
import { noQueue } from "./sqs-errors.ts";

export interface QueueStore {
  /** The queue behind a URL; throws QueueDoesNotExist. */
  byUrl(region: string, url: string): Queue;
  byArn(arn: string): Queue | undefined;
  exists(arn: string): boolean;
  of(place: Place): readonly Queue[];
  add(queue: Queue): void;
  remove(queue: Queue): void;
  url(queue: Queue): string;
  /** Drops what has expired and notes the depth for the metrics; called around every use of a queue. */
  touch(queue: Queue): void;
  /** Ends all long polls. */
  wakeAll(): void;
  all(): readonly Queue[];
}

/** A metric of one queue. */
export function queueSeries({ region, name: QueueName }: Queue, name: string): MetricSeries {
  return { region, namespace: "AWS/SQS", name, dimensions: { QueueName } };
}

/** Writes the levels of a queue to the metrics. */
function noteDepth(metrics: MetricStore, queue: Queue, now: number): void {
  const counts = queue.counts(now);
  metrics.level(queueSeries(queue, "ApproximateNumberOfMessagesVisible"), counts.visible, now);
  metrics.level(queueSeries(queue, "ApproximateNumberOfMessagesNotVisible"), counts.inFlight, now);
  metrics.level(queueSeries(queue, "ApproximateNumberOfMessagesDelayed"), counts.delayed, now);
  metrics.since(queueSeries(queue, "ApproximateAgeOfOldestMessage"), counts.oldestSentAt, now);
}

export function createQueueStore(clock: Clock, metrics: MetricStore, endpoint: () => string): QueueStore {
  const queues = new Map<string, Queue>();
  return {
    byUrl: (region, url) => {
      const path = URL.canParse(url) ? new URL(url).pathname : url;
      const [account, name] = path.split("/").slice(-2);
      const queue = queues.get(queueArn({ region, account: account ?? "" }, name ?? ""));
      if (queue === undefined) throw noQueue();
      return queue;
    },
    byArn: (arn) => queues.get(arn),
    exists: (arn) => queues.has(arn),
    of: ({ region, account }) =>
      [...queues.values()].filter((queue) => queue.region === region && queue.account === account),
    add: (queue) => {
      queues.set(queue.arn, queue);
    },
    remove: (queue) => {
      queues.delete(queue.arn);
      queue.clear();
      queue.wake();
      // Or its last depth would be reported, and its oldest message would age, for as long as the cloud lives.
      noteDepth(metrics, queue, clock.now());
    },
    url: (queue) => `${endpoint()}/${queue.account}/${queue.name}`,
    touch: (queue) => {
      queue.expire(clock.now());
      noteDepth(metrics, queue, clock.now());
    },
    wakeAll: () => {
      for (const queue of queues.values()) queue.wake();
    },
    all: () => [...queues.values()],
  };
}
