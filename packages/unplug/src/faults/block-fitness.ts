import { TOLD_VARIABLE } from "../carriers/interceptor.ts";
import { readTold } from "../carriers/our-names.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { Refusal } from "../contract/refusal.ts";
import { findFunction, refuseUnsettled, type TargetFunction } from "./target-function.ts";

/** An update that somebody else began is waited for so long. */
const PATIENCE_MS = 180_000;
const PAUSE_MS = 2_000;

/** The function once nobody is changing it; refuses one whose last update failed. */
export async function findSettled(given: string, io: Io): Promise<TargetFunction> {
  const deadline = io.clock.now() + PATIENCE_MS;
  for (;;) {
    const found = await findFunction(given, io);
    const { LastUpdateStatus: status } = found.answer.Configuration ?? {};
    if (status !== "InProgress" || io.clock.now() >= deadline || io.signal.aborted) {
      refuseUnsettled(found);
      return found;
    }
    await io.clock.sleep(PAUSE_MS, io.signal);
  }
}

/** Refuses a function into which the interceptor cannot be brought, or out of which it could not be taken again. */
export function refuseUnfit({ name, qualifier, answer }: TargetFunction): void {
  const obstacle = qualified(name, qualifier) ?? kindOf(name, answer) ?? hidden(name, answer);
  if (obstacle !== null) throw new Refusal(obstacle.what, [], obstacle.remedy);
}

interface Obstacle {
  readonly what: string;
  readonly remedy: string;
}

function qualified(name: string, qualifier: string | null): Obstacle | null {
  if (qualifier === null || qualifier === "$LATEST") return null;
  return {
    what: `FUNCTION_NAME names ${name}:${qualifier}: a published version cannot be changed.`,
    remedy: `Give FUNCTION_NAME=${name}; only $LATEST is faulted.`,
  };
}

function kindOf(name: string, { Configuration: found = {} }: FunctionAnswer): Obstacle | null {
  if (found.MasterArn !== undefined) {
    return {
      what: `Function ${name} is a replica of Lambda@Edge: its effect cannot be reached.`,
      remedy: "Fault a function of your own region.",
    };
  }
  if (found.SnapStart?.ApplyOn !== undefined && found.SnapStart.ApplyOn !== "None") {
    return {
      what: `Function ${name} uses SnapStart (ApplyOn ${found.SnapStart.ApplyOn}): its programs start from a snapshot, without the interceptor.`,
      remedy: "Turn SnapStart off for the time of the experiment.",
    };
  }
  if (found.CapacityProviderConfig !== undefined || found.DurableConfig !== undefined) {
    const what = found.DurableConfig === undefined ? "runs on managed instances" : "is a durable function";
    return {
      what: `Function ${name} ${what}: what a change to it does there is not known.`,
      remedy: "Fault a plain function.",
    };
  }
  return null;
}

/** All variables are written or none, so they must be known; and one run at a time. */
function hidden(name: string, { Configuration: found = {} }: FunctionAnswer): Obstacle | null {
  const { Variables = {}, Error: failure } = found.Environment ?? {};
  if (failure !== undefined) {
    return {
      what: `The variables of function ${name} cannot be read (${failure.ErrorCode ?? "KMS"}: ${failure.Message ?? "no reason given"}), so they could not be put back.`,
      remedy: "Allow kms:Decrypt on its key.",
    };
  }
  const told = Variables[TOLD_VARIABLE];
  if (told === undefined) return null;
  const run = readTold(told).run ?? "of an unknown name";
  return {
    what: `Function ${name} carries the marker of run ${run}: another run has it, or left it.`,
    remedy: `If that run is dead: unplug restore --function ${name}`,
  };
}
