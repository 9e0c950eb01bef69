import type { AbortRequest } from "../contract/events.ts";

export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

const SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];

export interface Interruption {
  /** Aborted by the first signal, with an AbortRequest as its reason. */
  readonly signal: AbortSignal;
  /** An error that nobody caught while this listened; null when there was none. */
  defect(): unknown;
  /**
   * Gives the signals back to whoever listened before, in the next turn of the event loop: who knows how the process ends has
   * taken them by then, and none finds nobody, who would let it kill the process.
   */
  close(): void;
}

export interface Listener {
  /** Who runs this, for the journal. */
  readonly by: string;
  /** The first signal: what is going on ends now. */
  onFirst(name: SignalName): void;
  /** Any further one. It changes nothing: a restore is never skipped. */
  onRepeat(name: SignalName): void;
}

/**
 * The one place where signals come in.
 *
 * An error that nobody caught is taken here too: it ends the run as a signal does, so that it still restores.
 */
export function listenForSignals(listener: Listener, from: NodeJS.Process = process): Interruption {
  const controller = new AbortController();
  let caught: { error: unknown } | null = null;

  const abort = (request: AbortRequest) => controller.abort(request);
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      if (controller.signal.aborted) {
        listener.onRepeat(name);
        return;
      }
      abort({ by: listener.by, signal: name, leave: false });
      listener.onFirst(name);
    };
    return { name, handler };
  });
  const onDefect = (error: unknown) => {
    caught ??= { error };
    abort({ by: "a defect in Unplug", signal: null, leave: false });
  };

  for (const { name, handler } of handlers) from.on(name, handler);
  from.on("uncaughtException", onDefect);
  return {
    signal: controller.signal,
    defect: () => caught?.error ?? null,
    close() {
      from.off("uncaughtException", onDefect);
      setImmediate(() => {
        for (const { name, handler } of handlers) from.off(name, handler);
      });
    },
  };
}
