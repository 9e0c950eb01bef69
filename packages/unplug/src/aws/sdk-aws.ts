import { type ActionFacts, actionFacts } from "../contract/actions.ts";
import {
  type Action,
  type Aws,
  AwsError,
  type InputOf,
  isExpired,
  isUnknownKey,
  type OutputOf,
} from "../contract/aws.ts";
import { asAwsError } from "./as-aws-error.ts";
import type { Session, SessionConfig } from "./session.ts";
import { Sessions } from "./sessions.ts";
import { aborted } from "./unsent.ts";
import { within } from "./within.ts";

/** Nothing of Unplug's waits longer than this for one answer: it could delay a restore. */
const ANSWER_MS = 20_000;
/** 50 MB over 2 Mbit/s. */
const LARGE_MS = 240_000;

/**
 * AWS by its own SDK, one attempt a call: who may try again is decided outside. Only keys that AWS does not know are read anew, and
 * where there are others by now, the call is made with those, once.
 *
 * `answerMs` limits the wait for credentials and then the wait for AWS, each.
 */
export function sdkAws(config: SessionConfig, answerMs = ANSWER_MS): Aws {
  const sessions = new Sessions(config);
  const attempt = async <A extends Action>(
    used: Session,
    action: A,
    { input, signal }: Asked<A>,
  ): Promise<OutputOf<A>> => {
    const facts: ActionFacts = actionFacts[action];
    const operation = await used.operation(action);
    try {
      if (!used.isReady) await within(answerMs, signal, "credentials", () => used.credentials());
    } catch (error) {
      if (signal?.aborted) throw aborted(action);
      // A provider that hangs or has failed may go on so for ever; a new one need not.
      sessions.renew(used);
      throw asAwsError(action, error, "unsent");
    }
    if (signal?.aborted) throw aborted(action);
    try {
      // A write that has left is given up only when its answer is too late, whatever the run is told meanwhile.
      const ending = facts.write ? undefined : signal;
      // The contract's shapes are those of the SDK, of which it names a part.
      const answer = await within(
        facts.large === true ? LARGE_MS : answerMs,
        ending,
        "answer",
        (abortSignal) => operation(input as never, { abortSignal }),
      );
      refuseCircle(action, input, answer);
      return answer as OutputOf<A>;
    } catch (error) {
      if (error instanceof AwsError) throw error;
      if (signal?.aborted && !facts.write) throw aborted(action);
      const failure = asAwsError(action, error);
      if (isExpired(failure)) sessions.renew(used);
      throw failure;
    }
  };
  return {
    async call(action, input, signal) {
      const used = sessions.current;
      try {
        return await attempt(used, action, { input, signal });
      } catch (error) {
        if (!isUnknownKey(error)) throw error;
        const next = await sessions.withOtherKeys(used, answerMs, signal).catch((other: unknown) => {
          throw asAwsError(action, other, "unsent");
        });
        if (next === null) throw error;
        return await attempt(next, action, { input, signal });
      }
    },
  };
}

interface Asked<A extends Action> {
  readonly input: InputOf<A>;
  readonly signal: AbortSignal | undefined;
}

/** Throws for a page of a list that names itself as the next one: whoever asks for all pages would ask for ever. */
function refuseCircle(action: Action, input: unknown, answer: unknown): void {
  const asked = pageIn(input, ["Marker", "nextToken", "NextToken"]);
  // A log may give the same token until there is more; all who read one count their pages.
  if (asked === null || action.startsWith("logs:")) return;
  if (pageIn(answer, ["NextMarker", "Marker", "nextToken", "NextToken"]) !== asked) return;
  throw new AwsError(action, {
    code: "UnreadableAnswer",
    status: 200,
    outcome: "unknown",
    message: "the endpoint answered a page that is said to come after itself, so that its list has no end",
  });
}

function pageIn(from: unknown, names: readonly string[]): string | null {
  if (typeof from !== "object" || from === null) return null;
  const found: unknown = names.map((name) => Reflect.get(from, name)).find((one) => typeof one === "string");
  return typeof found === "string" && found !== "" ? found : null;
}
