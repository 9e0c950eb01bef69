const FIRST_PAUSE_MS = 10;

/**
 * Pauses between looks at a change: short at first, longer each time.
 *
 * Never shorter than the look itself took: a look at a thousand mappings is ten requests of the fifteen in a second.
 */
export class Pace {
  readonly #longestMs: number;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  after(lookMs: number): number {
    const pause = Math.min(Math.max(this.#pauseMs, lookMs), this.#longestMs);
    this.#pauseMs = pause * 2;
    return pause;
  }
}
