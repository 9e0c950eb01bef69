import { type ActionFacts, actionFacts } from "../contract/actions.ts";
import { type Action, type Aws, AwsError, type InputOf, isExpired, type OutputOf } from "../contract/aws.ts";
import { asAwsError } from "./as-aws-error.ts";
import { Session, type SessionConfig } from "./session.ts";
import { aborted } from "./unsent.ts";
import { within } from "./within.ts";

/** Nothing of Unplug's waits longer than this for one answer: it could delay a restore. */
const ANSWER_MS = 20_000;
/** 50 MB over 2 Mbit/s. */
const LARGE_MS = 240_000;

/**
 * AWS by its own SDK, one attempt a call: who may try again is decided outside.
 *
 * `answerMs` limits the wait for credentials and then the wait for AWS, each.
 */
export function sdkAws(config: SessionConfig, answerMs = ANSWER_MS): Aws {
  let session = new Session(config);
  /** What many calls find out at the same time is mended once. Calls that are under way keep their clients. */
  const renew = (used: Session): void => {
    if (session === used) session = new Session(config);
  };
  return {
    async call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
      const facts: ActionFacts = actionFacts[action];
      const used = session;
      const operation = await used.operation(action);
      try {
        if (!used.isReady) await within(answerMs, signal, "credentials", () => used.credentials());
      } catch (error) {
        if (signal?.aborted) throw aborted(action);
        // A provider that hangs or has failed may go on so for ever; a new one need not.
        renew(used);
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
        if (isExpired(failure)) renew(used);
        throw failure;
      }
    },
  };
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
