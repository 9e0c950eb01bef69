/** Takes events from one source and hands them to one function. */
export interface Poller<M> {
  /** Takes changes of batch size, window and the like from now on. */
  adopt(mapping: M): void;
  /** Takes no further message from now on; batches that were taken are still processed. */
  stop(): void;
  /** Done when it was stopped and its last batch has been processed. */
  readonly done: Promise<void>;
}

/** What a poller goes by while it runs. */
export interface PollerState<M> {
  mapping: M;
  readonly stopped: AbortController;
}

/** A poller that has begun; `poll` goes by the state as it is, and ends once it is stopped. */
export function runningPoller<M, S extends PollerState<M>>(
  state: S,
  poll: (state: S) => Promise<void>,
): Poller<M> {
  return {
    adopt: (changed) => {
      state.mapping = changed;
    },
    stop: () => state.stopped.abort(),
    done: poll(state),
  };
}

/** Resolves after a time in ms, or as soon as the poller is stopped. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
