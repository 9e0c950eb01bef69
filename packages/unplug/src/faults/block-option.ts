import { isDenied } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import type { TargetFunction } from "./target-function.ts";

/**
 * Why an item of NODE_OPTIONS cannot bring the interceptor; null when it can. A Node.js that does not know it there does not
 * start.
 *
 * Source: https://nodejs.org/api/cli.html#--importmodule (added in 18.18.0 and 19.0.0; Lambda's nodejs20.x began with 20.9)
 */
export async function whyNoOption({ arn, answer }: TargetFunction, io: Io): Promise<string | null> {
  const { Runtime = "of its own" } = answer.Configuration ?? {};
  const [, major] = /^nodejs(\d+)\./.exec(Runtime) ?? [];
  if (major === undefined) return `only Node.js reads NODE_OPTIONS, and the runtime is ${Runtime}`;
  if (Number(major) < 18) return `only Node.js 18.18 and later take it, and the runtime is ${Runtime}`;
  if (Number(major) > 18) return null;
  const mode = await updateMode(arn, io);
  if (mode === "Auto" || mode === "FunctionUpdate") return null;
  return `only Node.js 18.18 and later take it, and which ${Runtime} is in use is not known (UpdateRuntimeOn ${mode})`;
}

/** Whether AWS says that the code may not be updated; it is asked without a change, and with a zip that is not used. */
export async function mayNotUpdateCode(
  { arn }: TargetFunction,
  ZipFile: Uint8Array,
  io: Io,
): Promise<boolean> {
  try {
    const input = { FunctionName: arn, ZipFile, DryRun: true } as const;
    await io.aws.call("lambda:TryUpdateFunctionCode", input, io.signal);
    return false;
  } catch (error) {
    // What else is wrong with it is said of permission to send it.
    return isDenied(error);
  }
}

async function updateMode(FunctionName: string, io: Io): Promise<string> {
  try {
    const input = { FunctionName };
    const answer = await io.aws.call("lambda:GetRuntimeManagementConfig", input, io.signal);
    return answer.UpdateRuntimeOn ?? "Auto";
  } catch (error) {
    if (isDenied(error)) return "may not be read: lambda:GetRuntimeManagementConfig";
    throw error;
  }
}
