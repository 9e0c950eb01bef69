import { type ActionFacts, actionFacts } from "../contract/actions.ts";
import {
  type Action,
  type Aws,
  AwsError,
  type InputOf,
  isExpired,
  isPassing,
  isThrottled,
  isUnreadable,
  type OutputOf,
} from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import { aborted, overslept, suspended } from "./unsent.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const READ_TRIES = 5;
/** Throttling is AWS's certain "not now", so it is worth more patience. */
const THROTTLED_TRIES = 10;
const BRIEF_TRIES = 3;
/** Each has waited for a long time already; whoever must go on, such as a restore, calls again. */
const LATE_TRIES = 2;
/** The second is signed with credentials that were asked for anew. */
const EXPIRED_TRIES = 2;

/**
 * Tries again what is safe to try again.
 *
 * A write is repeated when AWS said "not now", or answered 5xx: it is no longer on its way, and every write sets a
 * value. One without any answer is not, nor one that somebody else answered, such as a proxy that did not wait: it may
 * still land, after what is written later, and what that means is for the engine to decide.
 */
export function withRetries(aws: Aws, clock: Clock): Aws {
  return {
    async call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
      if (signal?.aborted) throw aborted(action);
      let pause = FIRST_PAUSE_MS;
      let doubtful = false;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await aws.call(action, input, signal);
        } catch (error) {
          const last = doubtful ? asDoubtful(error) : error;
          if (signal?.aborted || attempt >= triesFor(action, error)) throw last;
          doubtful ||= error instanceof AwsError && error.outcome === "unknown";
          const late = await overslept(clock, pause, signal);
          if (signal?.aborted) throw doubtful ? asDoubtful(error) : error;
          if (late && actionFacts[action].write) throw doubtful ? asDoubtful(error) : suspended(action);
        }
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    },
  };
}

/** A certain "no" to the repetition says nothing of the attempt before it, which may have been done. */
function asDoubtful(error: unknown): unknown {
  if (!(error instanceof AwsError) || error.outcome === "unknown") return error;
  const { action, code, status, message } = error;
  return new AwsError(action, { code, status, message, outcome: "unknown" }, error);
}

function triesFor(action: Action, error: unknown): number {
  if (isThrottled(error)) {
    const { brief }: ActionFacts = actionFacts[action];
    return brief === true ? BRIEF_TRIES : THROTTLED_TRIES;
  }
  if (!(error instanceof AwsError) || !isPassing(error)) return 1;
  if (isExpired(error) && error.status !== null) return EXPIRED_TRIES;
  const answered = error.status !== null && error.status >= 500;
  if (actionFacts[action].write) return answered && !isUnreadable(error) ? READ_TRIES : 1;
  if (error.code === "TimeoutError" && error.status === null) return LATE_TRIES;
  // An endpoint that refuses the connection is told to the user at once, not after a while.
  return answered || error.outcome === "unknown" ? READ_TRIES : 1;
}
