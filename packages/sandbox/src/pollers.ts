import type { PollingMapping } from "./lambda/mapping-store.ts";
import { type PollerPorts, startPoller } from "./poller.ts";
import type { Poller } from "./running-poller.ts";

/** The pollers of all event source mappings of one kind of source. */
export interface Pollers {
  /** Takes no further message from now on, and is done when all batches have been processed. */
  close(): Promise<void>;
}

/** `mappings` are those that really poll now; the list is compared every 50 ms. */
export interface PollersOptions extends PollerPorts {
  readonly mappings: () => readonly PollingMapping[];
}

const lookEveryMs = 50;

/** The pollers of all event source mappings of SQS queues. */
export function startPollers(options: PollersOptions): Pollers {
  return runPollers(options.mappings, (mapping) => startPoller(mapping, options));
}

/**
 * Runs one poller for each mapping that polls. A mapping that stops polling takes no further event within 50 ms,
 * while a batch that it has taken is processed to its end, as on AWS.
 */
export function runPollers<M extends { readonly uuid: string }>(
  listed: () => readonly M[],
  start: (mapping: M) => Poller<M>,
): Pollers {
  const active = new Map<string, Poller<M>>();
  const ending = new Set<Promise<void>>();
  const stop = (uuid: string, poller: Poller<M>): void => {
    active.delete(uuid);
    poller.stop();
    const done = poller.done.finally(() => ending.delete(done));
    ending.add(done);
  };
  const look = (): void => {
    const mappings = listed();
    const wanted = new Set(mappings.map((mapping) => mapping.uuid));
    for (const [uuid, poller] of active) if (!wanted.has(uuid)) stop(uuid, poller);
    for (const mapping of mappings) {
      const poller = active.get(mapping.uuid);
      if (poller === undefined) active.set(mapping.uuid, start(mapping));
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
