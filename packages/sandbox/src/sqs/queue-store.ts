import { type Place, queueArn } from "../arns.ts";
import type { Clock } from "../clock.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
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

/** Writes the levels of a queue to the metrics. */
function noteDepth(metrics: MetricStore, queue: Queue, now: number): void {
  const counts = queue.counts(now);
  const dimensions = { QueueName: queue.name };
  const level = (name: string, value: number | null, kind: "level" | "since" = "level"): void =>
    metrics.level(queue.region, "AWS/SQS", name, dimensions, value, now, kind);
  level("ApproximateNumberOfMessagesVisible", counts.visible);
  level("ApproximateNumberOfMessagesNotVisible", counts.inFlight);
  level("ApproximateNumberOfMessagesDelayed", counts.delayed);
  level("ApproximateAgeOfOldestMessage", counts.oldestSentAt, "since");
}

export function createQueueStore(clock: Clock, metrics: MetricStore, endpoint: () => string): QueueStore {
  const queues = new Map<string, Queue>();
  return {
    byUrl: (region, url) => {
      const path = url.startsWith("http") ? new URL(url).pathname : url;
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
