import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../packages/unplug/src/contract/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Work that lets others go first (a zip's, chunk by chunk) waits for nothing, and is not over. */
const IDLE_ROUNDS = 20;

/** A clock that jumps to the next thing anybody waits for, as soon as everybody waits. */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #outside = 0;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        at: this.#now + ms,
        wake: () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      signal?.addEventListener("abort", sleeper.wake);
      this.#sleepers.push(sleeper);
    });
  }

  /** Moves time without waking anybody on the way: a process that was suspended, a laptop that slept. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Waits for what happens on a socket: until that is over, no time passes here. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside += 1;
    try {
      return await work;
    } finally {
      this.#outside -= 1;
    }
  }

  /** Lets time pass until `work` is done, `until` says so, or nobody waits for anything any more. */
  async run<T>(work: Promise<T>, until: () => boolean = () => false): Promise<T | undefined> {
    let done = false;
    let outcome: { value: T } | { error: unknown } | undefined;
    void work.then(
      (value) => {
        done = true;
        outcome = { value };
      },
      (error: unknown) => {
        done = true;
        outcome = { error };
      },
    );
    for (let idle = 0; idle < IDLE_ROUNDS; ) {
      await settled();
      if (done || until()) break;
      if (this.#outside > 0) {
        idle = 0;
        await sleep(1);
        continue;
      }
      const next = this.#sleepers.reduce<Sleeper | null>(
        (first, one) => (first === null || one.at < first.at ? one : first),
        null,
      );
      if (next === null) {
        idle += 1;
        continue;
      }
      idle = 0;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    if (outcome !== undefined && "error" in outcome) throw outcome.error;
    return outcome?.value;
  }

  /** Lets `ms` pass for everybody who waits. */
  async pass(ms: number): Promise<void> {
    await this.run(this.sleep(ms));
  }
}

/** Every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
