import type { Action, InputOf, OutputOf } from "../contract/aws.ts";
import type { Connect } from "../contract/connection.ts";

/** So many calls make a run of many targets, and have loaded what calls need: V8 keeps what it compiled apart by its flags. */
const MANY_CALLS = 100;

/**
 * Calls AWS as `connect` does; once there are many, this process's young generation grows no more.
 *
 * Each call leaves some 200 KB of garbage, and V8 doubles the space for it as long as anything lives on: a run of a thousand
 * targets would take 100 MB more than it ever uses. Only for a process that is ours.
 */
export function sparingMemory(connect: Connect, spare: () => void = keepYoungGenerationSmall): Connect {
  let left = MANY_CALLS;
  return async (access, run, signal) => {
    const connection = await connect(access, run, signal);
    const call = <A extends Action>(
      action: A,
      input: InputOf<A>,
      ending?: AbortSignal,
    ): Promise<OutputOf<A>> => {
      left -= 1;
      if (left === 0) spare();
      return connection.aws.call(action, input, ending);
    };
    return { ...connection, aws: { call } };
  };
}

/** Of Node.js 24. What another V8 makes of the flag is not known, and memory is not worth a surprise. */
const KNOWN_V8 = "13.";

/** By how much V8 multiplies the space each time. Source: SemiSpaceNewSpace::Grow, which reads the flag anew. */
const NO_GROWTH = "--semi-space-growth-factor=1";

export function keepYoungGenerationSmall(): void {
  if (!process.versions.v8.startsWith(KNOWN_V8)) return;
  // Not imported: few runs come to it.
  process.getBuiltinModule("node:v8").setFlagsFromString(NO_GROWTH);
}
