const FIRST_PAUSE_MS = 10;
/** What AWS does within seconds is noticed this soon. */
const STEADY_PAUSE_MS = 150;
/** What takes longer is noticed later by this share of it. */
const SHARE = 0.1;

/**
 * Pauses between looks at a change: short at first, longer the longer it takes.
 *
 * Never shorter than the look itself took: a look at a thousand mappings is ten requests of the fifteen in a second.
 */
export class Pace {
  readonly #longestMs: number;
  #pauseMs = FIRST_PAUSE_MS;
  #waitedMs = 0;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  after(lookMs: number): number {
    const pause = Math.min(Math.max(this.#pauseMs, lookMs), this.#longestMs);
    this.#waitedMs += lookMs + pause;
    this.#pauseMs = Math.min(pause * 2, Math.max(STEADY_PAUSE_MS, this.#waitedMs * SHARE));
    return pause;
  }
}
