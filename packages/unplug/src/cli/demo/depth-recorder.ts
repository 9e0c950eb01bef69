import type { Clock } from "../../contract/clock.ts";

export type Depth = readonly [at: number, waiting: number];

export interface DepthRecorder {
  readonly depths: readonly Depth[];
  stop(): Promise<void>;
}

const EVERY_MS = 250;

/** Looks at the queue again and again: the demo's own measure, beside the one of the run. */
export function recordDepth(shop: { waiting(): Promise<number> }, clock: Clock): DepthRecorder {
  const depths: Depth[] = [];
  const ended = new AbortController();
  const watch = async () => {
    while (!ended.signal.aborted) {
      depths.push([clock.now(), await shop.waiting()]);
      await clock.sleep(EVERY_MS, ended.signal);
    }
  };
  const done = watch();
  done.catch(() => undefined);
  return {
    depths,
    stop: () => {
      ended.abort();
      return done;
    },
  };
}
