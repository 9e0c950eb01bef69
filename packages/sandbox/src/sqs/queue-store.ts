import { type Place, queueArn } from "../arns.ts";
import type { Clock } from "../clock.ts";
import type { MetricSeries, MetricStore } from "../metrics/metric-store.ts";
import type { Queue } from "./queue.ts";
import { noQueue } from "./sqs-errors.ts";

export interface QueueStore {
  /** The queue behind a URL, or of the caller's account by its name; throws QueueDoesNotExist. */
  byUrl(place: Place, url: string): Queue;
  byArn(arn: string): Queue | undefined;
  exists(arn: string): boolean;
  of(place: Place): readonly Queue[];
  add(queue: Queue): void;
  remove(queue: Queue): void;
  /** When a queue that is not there was deleted, in ms; null: never. */
  deletedAt(arn: string): number | null;
  url(queue: Queue): string;
  /** Drops what has expired and notes the depth for the metrics; called around every use of a queue. */
  touch(queue: Queue): void;
  touchAll(): void;
  /** Ends all long polls. */
  wakeAll(): void;
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

export interface QueueStoreParts {
  readonly clock: Clock;
  readonly metrics: MetricStore;
  readonly endpoint: () => string;
  /** By ARN. */
  readonly queues: Map<string, Queue>;
  /** When a queue that is not there was deleted, in ms, by ARN. */
  readonly deleted: Map<string, number>;
}

export function createQueueStore(parts: QueueStoreParts): QueueStore {
  const { clock, metrics, endpoint, queues, deleted } = parts;
  const touch = (queue: Queue): void => {
    queue.expire(clock.now());
    noteDepth(metrics, queue, clock.now());
  };
  return {
    byUrl: (place, url) => {
      const path = URL.canParse(url) ? new URL(url).pathname : url;
      const [name = "", account = place.account] = path.split("/").reverse();
      const queue = queues.get(queueArn({ region: place.region, account }, name));
      if (queue === undefined) throw noQueue();
      return queue;
    },
    byArn: (arn) => queues.get(arn),
    exists: (arn) => queues.has(arn),
    of: ({ region, account }) =>
      [...queues.values()].filter((queue) => queue.region === region && queue.account === account),
    deletedAt: (arn) => deleted.get(arn) ?? null,
    add: (queue) => {
      deleted.delete(queue.arn);
      queues.set(queue.arn, queue);
    },
    remove: (queue) => {
      queues.delete(queue.arn);
      deleted.set(queue.arn, clock.now());
      queue.clear();
      queue.wake();
      // Or its last depth would be reported, and its oldest message would age, for as long as the cloud lives.
      noteDepth(metrics, queue, clock.now());
    },
    url: (queue) => `${endpoint()}/${queue.account}/${queue.name}`,
    touch,
    touchAll: () => {
      for (const queue of queues.values()) touch(queue);
    },
    wakeAll: () => {
      for (const queue of queues.values()) queue.wake();
    },
  };
}
