import { parseFunctionName, unqualified } from "../contract/arns.ts";
import { isMissing } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { Refusal } from "../contract/refusal.ts";
import { text } from "../contract/tunables.ts";

/** The tunable that every fault of a function has. */
export const functionName = text(
  "Target function: name, partial or full ARN, with or without a version or alias",
).refine((value) => parseFunctionName(value) !== null, "must be a function's name or ARN");

export interface TargetFunction {
  readonly name: string;
  /** Unqualified. */
  readonly arn: string;
  /** Version or alias as given; null when none was. */
  readonly qualifier: string | null;
  /** Null: it has none. */
  readonly reservedConcurrency: number | null;
  readonly answer: FunctionAnswer;
}

/** The function as it is now; refuses one that is not there, elsewhere, or not ready to be faulted. */
export async function findFunction(given: string, io: Io): Promise<TargetFunction> {
  const named = parseFunctionName(given);
  if (named === null) throw new Refusal(`"${given}" names no function.`);
  if (named.region !== null && named.region !== io.place.region) {
    throw new Refusal(
      `FUNCTION_NAME is in ${named.region}, REGION is ${io.place.region}.`,
      [],
      "One step targets one region: make them the same.",
    );
  }
  if (named.account !== null && named.account !== io.place.account) {
    throw new Refusal(
      `FUNCTION_NAME is in account ${named.account}, the credentials are for ${io.place.account}.`,
      [],
      "Use credentials of that account, or ASSUME_ROLE_ARN.",
    );
  }
  const answer = await ask(named.name, named.qualifier, io);
  const found = answer.Configuration ?? {};
  if (found.State !== undefined && found.State !== "Active") {
    throw new Refusal(
      `Function ${named.name} is ${found.State}, not Active${because(found.StateReason)}.`,
      [],
      "Wait until it is Active (an Inactive one becomes so when it is invoked), then run again.",
    );
  }
  return {
    name: named.name,
    arn: unqualified(found.FunctionArn ?? ""),
    qualifier: named.qualifier,
    reservedConcurrency: answer.Concurrency?.ReservedConcurrentExecutions ?? null,
    answer,
  };
}

/** Refuses a function that is being updated: a fault on top would be lost with it, or lose it. */
export function refuseUnsettled({ name, answer }: TargetFunction): void {
  const { LastUpdateStatus: status, LastUpdateStatusReason: reason } = answer.Configuration ?? {};
  if (status === "InProgress")
    throw new Refusal(
      `Function ${name} is being updated.`,
      [],
      "Wait until LastUpdateStatus is Successful, then run again.",
    );
  if (status === "Failed")
    throw new Refusal(
      `The last update of function ${name} failed${because(reason)}.`,
      [],
      "Repair it first: its configuration is not what it runs with.",
    );
}

async function ask(name: string, qualifier: string | null, io: Io): Promise<FunctionAnswer> {
  try {
    const input = { FunctionName: name, ...(qualifier === null ? {} : { Qualifier: qualifier }) };
    return await io.aws.call("lambda:GetFunction", input, io.signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const what =
      qualifier === null ? `Function ${name}` : `Function ${name} with version or alias ${qualifier}`;
    throw new Refusal(
      `${what} does not exist in ${io.place.region} of account ${io.place.account}.`,
      [],
      `Enumerate them with: aws lambda list-functions --region ${io.place.region}`,
    );
  }
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === "" ? "" : ` (${reason})`;
}
