import { type Clock, OVERSLEPT_MS } from "../contract/clock.ts";

const BEAT_MS = 10_000;

/** How long it has been going on, without the time that its process was suspended. */
export class AwakeTime {
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #began: number;
  #slept = 0;
  /** When the next beat is to come. */
  #due: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
    this.#due = this.#began + BEAT_MS;
    void this.#beat();
  }

  get ms(): number {
    return this.#clock.now() - this.#began - this.#slept - this.#lateMs;
  }

  end(): void {
    this.#ended.abort();
  }

  /** Of a beat that has not come, though its time has: whoever asks may be the first to wake. */
  get #lateMs(): number {
    const late = this.#clock.now() - this.#due;
    return late > OVERSLEPT_MS ? late : 0;
  }

  async #beat(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#clock.sleep(BEAT_MS, this.#ended.signal);
      this.#slept += this.#lateMs;
      this.#due = this.#clock.now() + BEAT_MS;
    }
  }
}
