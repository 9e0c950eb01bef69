/** The one source of time: milliseconds since the epoch; it may be virtual and need not move by itself. */
export interface Clock {
  now(): number;
}

/** Wakes somebody up after a wait; returns how to call that off. */
export type After = (ms: number, wake: () => void) => () => void;

/** Waits in real time without keeping the process alive. */
export const afterRealTime: After = (ms, wake) => {
  const timer = setTimeout(wake, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
