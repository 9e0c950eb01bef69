import { type Action, AwsError } from "../contract/aws.ts";
import { type Clock, OVERSLEPT_MS } from "../contract/clock.ts";

/** The run is ending and the call was not made. */
export function aborted(action: Action): AwsError {
  return new AwsError(action, {
    code: "Aborted",
    status: null,
    outcome: "unsent",
    message: "not sent, the run is ending",
  });
}

/** Waits, and tells whether the process was suspended meanwhile: what it was about to write may no longer be wanted. */
export async function overslept(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  const due = clock.now() + ms;
  await clock.sleep(ms, signal);
  return clock.now() - due > OVERSLEPT_MS;
}

/** A write that was not sent since its process was suspended while it waited; who restores tries again. */
export function suspended(action: Action): AwsError {
  const message = "not sent, since this process was suspended while the call waited";
  return new AwsError(action, { code: "Suspended", status: null, outcome: "unsent", message });
}
