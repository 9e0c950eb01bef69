import type { PollingMapping } from "./lambda/mapping-store.ts";
import { type Poller, type PollerPorts, startPoller } from "./poller.ts";

/** The pollers of all event source mappings of SQS queues. */
export interface Pollers {
  /** Takes no further message from now on, and is done when all batches have been processed. */
  close(): Promise<void>;
}

/** `mappings` are those that really poll now; the list is compared every 50 ms. */
export interface PollersOptions extends PollerPorts {
  readonly mappings: () => readonly PollingMapping[];
}

const lookEveryMs = 50;

/**
 * Runs one poller for each mapping that polls. A mapping that stops polling takes no further message within 50 ms,
 * while a batch that it has taken is processed to its end, as on AWS.
 */
export function startPollers(options: PollersOptions): Pollers {
  const active = new Map<string, Poller>();
  const ending = new Set<Promise<void>>();
  const stop = (uuid: string, poller: Poller): void => {
    active.delete(uuid);
    poller.stop();
    const done = poller.done.finally(() => ending.delete(done));
    ending.add(done);
  };
  const look = (): void => {
    const mappings = options.mappings();
    const wanted = new Set(mappings.map((mapping) => mapping.uuid));
    for (const [uuid, poller] of active) if (!wanted.has(uuid)) stop(uuid, poller);
    for (const mapping of mappings) {
      const poller = active.get(mapping.uuid);
      if (poller === undefined) active.set(mapping.uuid, startPoller(mapping, options));
      else poller.adopt(mapping);
    }
  };
  look();
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      for (const [uuid, poller] of active) stop(uuid, poller);
      await Promise.all(ending);
    },
  };
}
