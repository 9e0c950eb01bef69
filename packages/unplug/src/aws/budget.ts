import { actionFacts } from "../contract/actions.ts";
import type { Action, Aws, InputOf, OutputOf } from "../contract/aws.ts";
import { isThrottled } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import { aborted, overslept, suspended } from "./unsent.ts";

/**
 * A client-side share of the control plane's rate: a bucket that fills at `perSecond` and holds one second's worth.
 *
 * Source: 15 requests per second in total for an account and region, not increasable (gettingstarted-limits).
 */
export class Budget {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** How long a burst AWS lets through is not known; each refusal costs a turn and a pause, so more is not tried. */
  readonly #most: number;
  #tokens: number;
  #at: number;

  /** `perSecond` 0 means no limit. */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#most = perSecond;
    this.#tokens = this.#most;
    this.#at = clock.now();
  }

  /** Waits for its turn, first come first served; ends early when aborted. True when the process was suspended meanwhile. */
  async spend(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#perSecond === 0) return false;
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    this.#tokens -= 1;
    const waitMs = (Math.max(0, -this.#tokens) * 1000) / this.#perSecond;
    const late = waitMs > 0 && (await overslept(this.#clock, waitMs, signal));
    // The turn of a call that will not be made: a restore must not stand behind it.
    if (signal?.aborted) this.#tokens += 1;
    return late;
  }

  /** AWS says that the account's own budget is spent: somebody else uses it too. */
  empty(): void {
    this.#tokens = Math.min(this.#tokens, 0);
  }
}

/** Calls that count against the shared rate wait for their turn; a write whose turn never came was not sent. */
export function withBudget(aws: Aws, budget: Budget): Aws {
  return {
    async call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
      const { limited, write } = actionFacts[action];
      const late = limited && (await budget.spend(signal));
      if (signal?.aborted) throw aborted(action);
      if (late && write) throw suspended(action);
      try {
        return await aws.call(action, input, signal);
      } catch (error) {
        if (isThrottled(error)) budget.empty();
        throw error;
      }
    },
  };
}
