import { type Action, AwsError } from "../contract/aws.ts";

/** The run is ending and the call was not made. */
export function aborted(action: Action): AwsError {
  return new AwsError(action, {
    code: "Aborted",
    status: null,
    outcome: "unsent",
    message: "not sent, the run is ending",
  });
}
