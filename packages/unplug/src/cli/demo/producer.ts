import type { Clock } from "../../contract/clock.ts";

export interface Producer {
  /** Orders that the queue has taken, so far. */
  readonly placed: readonly string[];
  /** Ends it; rejects when an order could not be placed. */
  stop(): Promise<void>;
}

const EVERY_MS = 250;

/** Places orders steadily, `perSecond` of them; each has a number of its own. */
export function startProducer(
  { place }: { place(orders: readonly string[]): Promise<void> },
  { perSecond, clock }: { perSecond: number; clock: Clock },
): Producer {
  const placed: string[] = [];
  const ended = new AbortController();
  const began = clock.now();

  const produce = async () => {
    while (!ended.signal.aborted) {
      // By the clock, so that a slow answer is made up for and the rate holds.
      const due = Math.floor(((clock.now() - began) / 1000) * perSecond);
      const batch = Array.from({ length: Math.min(10, due - placed.length) }, (_, i) =>
        orderId(placed.length + i + 1),
      );
      if (batch.length > 0) {
        await place(batch);
        placed.push(...batch);
      }
      await clock.sleep(due - placed.length >= perSecond ? 0 : EVERY_MS, ended.signal);
    }
  };
  const done = produce();
  // It is awaited in `stop`; until then a failure must not count as one that nobody caught.
  done.catch(() => undefined);
  return {
    placed,
    stop: () => {
      ended.abort();
      return done;
    },
  };
}

function orderId(number: number): string {
  return `order-${String(number).padStart(5, "0")}`;
}
