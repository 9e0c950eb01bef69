const FIRST_PAUSE_MS = 10;
/** Within the seconds that AWS needs for most changes, the end of one is noticed this soon. */
const STEADY_PAUSE_MS = 150;
const STEADY_MS = 2_000;

/**
 * Pauses between looks at a change: short at first, and ever longer when it takes longer than most.
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
    const doubled = pause * 2;
    this.#pauseMs = this.#waitedMs < STEADY_MS ? Math.min(doubled, STEADY_PAUSE_MS) : doubled;
    return pause;
  }
}
