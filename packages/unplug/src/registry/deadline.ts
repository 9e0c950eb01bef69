import { RegistryError } from "./registry-error.ts";

/** Gives `work` a signal that ends it after `ms`, or when `signal` does. What it was for is told by the signal's reason. */
export async function withDeadline<T>(
  {
    ms,
    signal,
    about,
  }: { readonly ms: number; readonly signal: AbortSignal | undefined; readonly about: string },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const onAbort = () => end.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  const timer = setTimeout(() => {
    const message = `The registry ${about}: not done within ${ms / 1000} s. Is the registry slow, or the line? Try again.`;
    end.abort(new RegistryError(message, { code: "Late", status: null, outcome: "unknown" }));
  }, ms);
  try {
    return await work(end.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
