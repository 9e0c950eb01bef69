import type { Clock } from "../contract/clock.ts";
import type { AbortRequest } from "../contract/events.ts";
import type { Journal } from "../contract/journal.ts";
import type { RunLog } from "./run-log.ts";

/** How often a run looks whether another process asked it to end. */
const LOOK_MS = 250;
/** A journal that cannot be read so often in a row is lost. */
const LOST_AFTER = 4;

/** Whatever ends a run early becomes one signal, and one event. */
export class Abort {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onOuter = () => void this.#take(requestOf(this.#outer.reason), true);
  readonly #log: RunLog;
  #request: AbortRequest | null = null;

  constructor(log: RunLog, outer: AbortSignal) {
    this.#log = log;
    this.#outer = outer;
    if (outer.aborted) this.#onOuter();
    outer.addEventListener("abort", this.#onOuter, { once: true });
  }

  /** The run is over: whoever could abort it holds nothing of it any more. */
  close(): void {
    this.#outer.removeEventListener("abort", this.#onOuter);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get request(): AbortRequest | null {
    return this.#request;
  }

  /** This run's own word: a probe or a condition says that it must not go on. */
  async end(request: AbortRequest): Promise<void> {
    await this.#take(request, true);
  }

  /** Watches the journal for `abort.requested` by another process, until `done`. */
  async watch(journal: Journal, clock: Clock, done: AbortSignal): Promise<void> {
    let last = 0;
    let failures = 0;
    while (!done.aborted && this.#request === null) {
      try {
        const news = await journal.read(this.#log.run, last);
        failures = 0;
        last = news.at(-1)?.sequence ?? last;
        const asked = news.find(({ event }) => event.type === "abort.requested");
        if (asked?.event.type === "abort.requested") {
          this.#log.adopt(asked);
          await this.#take(asked.event.request, false);
          return;
        }
      } catch (error) {
        failures += 1;
        // Nobody writes in a long hold: that the journal is gone shows here first.
        if (failures >= LOST_AFTER)
          await this.#log.lose(error instanceof Error ? error : new Error(String(error)));
      }
      await clock.sleep(LOOK_MS, done);
    }
  }

  async #take(request: AbortRequest, note: boolean): Promise<void> {
    if (this.#request !== null) return;
    this.#request = request;
    this.#controller.abort(request);
    if (note) await this.#log.note({ type: "abort.requested", request });
  }
}

/** The reason that a signal was aborted with, if it is one of ours. */
function requestOf(reason: unknown): AbortRequest {
  const given = typeof reason === "object" && reason !== null ? reason : {};
  const signal =
    "signal" in given &&
    (given.signal === "SIGINT" || given.signal === "SIGTERM" || given.signal === "SIGHUP")
      ? given.signal
      : null;
  return {
    by: "by" in given && typeof given.by === "string" ? given.by : "the caller",
    signal,
    leave: "leave" in given && given.leave === true,
  };
}
