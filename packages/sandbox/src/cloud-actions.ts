import type { Handler, Handlers } from "./caller.ts";
import type { After, Clock } from "./clock.ts";
import type { Ids } from "./ids.ts";
import type { CodeLinks } from "./lambda/code-links.ts";
import { concurrencyHandlers } from "./lambda/concurrency.ts";
import type { FunctionStore } from "./lambda/function-store.ts";
import { functionHandlers } from "./lambda/functions.ts";
import { invocationHandlers } from "./lambda/invocations.ts";
import type { MappingStore } from "./lambda/mapping-store.ts";
import { mappingHandlers } from "./lambda/mappings.ts";
import { policyHandlers } from "./lambda/policy.ts";
import { tagHandlers } from "./lambda/tags.ts";
import type { LogStore } from "./logs/log-store.ts";
import { logHandlers } from "./logs/logs.ts";
import { cloudWatchHandlers } from "./metrics/cloudwatch.ts";
import type { MetricStore } from "./metrics/metric-store.ts";
import type { Invoke } from "./runtime-port.ts";
import { messageHandlers } from "./sqs/messages.ts";
import type { QueueStore } from "./sqs/queue-store.ts";
import { queueHandlers } from "./sqs/queues.ts";
import { type Identities, stsHandlers } from "./sts/sts.ts";
import type { SwitchEffects } from "./switches.ts";
import type { Timing } from "./timing.ts";

/** Everything that the operations of one cloud share. */
export interface CloudParts {
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
  readonly queues: QueueStore;
  readonly metrics: MetricStore;
  readonly logs: LogStore;
  readonly identities: Identities;
  readonly links: CodeLinks;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly after: After;
  readonly timing: Timing;
  readonly switches: SwitchEffects;
  readonly invoke: Invoke | undefined;
  readonly metricsDelayMs: number;
  /** True once the cloud is closed. */
  readonly closed: () => boolean;
}

function prefixed(service: string, ...tables: readonly Handlers[]): [string, Handler][] {
  return tables.flatMap((table) =>
    Object.entries(table).map(([name, handler]): [string, Handler] => [`${service}:${name}`, handler]),
  );
}

/** All operations, by `service:Operation`. */
export function cloudActions(parts: CloudParts): ReadonlyMap<string, Handler> {
  const mayListTags = (): boolean => !parts.switches.denied("lambda:ListTags");
  const queueExists = parts.queues.exists;
  const refresh = (): void => {
    for (const queue of parts.queues.all()) parts.queues.touch(queue);
  };
  return new Map<string, Handler>([
    ...prefixed(
      "lambda",
      functionHandlers({ ...parts, mayListTags }),
      mappingHandlers({ ...parts, queueExists }),
      tagHandlers(parts),
      concurrencyHandlers(parts),
      policyHandlers(parts),
      invocationHandlers(parts),
    ),
    ...prefixed("sqs", queueHandlers(parts), messageHandlers(parts)),
    ...prefixed("sts", stsHandlers(parts)),
    ...prefixed("cloudwatch", cloudWatchHandlers({ ...parts, delayMs: parts.metricsDelayMs, refresh })),
    ...prefixed("logs", logHandlers(parts)),
  ]);
}
