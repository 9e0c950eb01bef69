/** The wait for one answer went on for too long. */
export class TooLate extends Error {
  constructor(what: string, ms: number) {
    super(`no ${what} within ${ms / 1000} s`);
    this.name = "TooLate";
  }
}

/**
 * Waits for `work` no longer than `ms` and no longer than `signal` lets it, whether or not `work` heeds the signal
 * that it is given. Rejects with TooLate, with the signal's reason, or as `work` does.
 */
export function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      finish();
      reject(reason);
      end.abort(reason);
    };
    const onAbort = () => giveUp(signal?.reason);
    const timer = setTimeout(() => giveUp(new TooLate(what, ms)), ms);
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    void Promise.resolve(end.signal).then(work).then(resolve, reject).finally(finish);
  });
}
