import { isImage } from "../carriers/function-code.ts";
import type { Action } from "../contract/aws.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import { Refusal } from "../contract/refusal.ts";
import type { TargetFunction } from "./target-function.ts";

/**
 * Refuses a function that takes nothing of ours (enforced code signing), or that no restore could bring back (a runtime that
 * every change updates). Gives, for people, what may not be read.
 */
export async function refuseForbidden(
  found: TargetFunction,
  {
    allowRuntimeUpdate,
    injectionMethod,
  }: { readonly allowRuntimeUpdate: boolean; readonly injectionMethod: string },
  io: Io,
): Promise<readonly string[]> {
  // Neither is there for container images. Source: configuration-codesigning and runtimes-update.
  if (isImage(found.answer)) return [];
  const denied = await Promise.all([
    // Variables are not signed.
    injectionMethod === "env"
      ? null
      : unlessDenied("lambda:GetFunctionCodeSigningConfig", () => refuseSigned(found, io)),
    allowRuntimeUpdate
      ? null
      : unlessDenied("lambda:GetRuntimeManagementConfig", () => refuseMovingRuntime(found, io)),
  ]);
  const actions = denied.filter((action) => action !== null);
  if (actions.length === 0) return [];
  return [
    `Whether AWS takes only signed code for ${found.name}, or updates its runtime with every change, is not known: ${actions.join(", ")} not permitted.`,
  ];
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html (layers are checked as code is) */
async function refuseSigned({ name, arn }: TargetFunction, io: Io): Promise<void> {
  const { CodeSigningConfigArn } = await io.aws.call(
    "lambda:GetFunctionCodeSigningConfig",
    { FunctionName: arn },
    io.signal,
  );
  if (CodeSigningConfigArn === undefined || CodeSigningConfigArn === "") return;
  const policy = await policyOf(CodeSigningConfigArn, io);
  if (policy === "Warn") return;
  throw new Refusal(
    policy === null
      ? `Function ${name} may take only signed code and layers, and ours are not signed: what its configuration ${CodeSigningConfigArn} says may not be read (lambda:GetCodeSigningConfig); nothing was changed.`
      : `Function ${name} takes only signed code and layers (${CodeSigningConfigArn}), and ours are not signed; nothing was changed.`,
    [],
    "Use INJECTION_METHOD=env where Node.js runs it, or set UntrustedArtifactOnDeployment of that configuration to Warn for the time of the experiment.",
  );
}

/** Null: it may not be read. */
async function policyOf(CodeSigningConfigArn: string, io: Io): Promise<string | null> {
  try {
    const answer = await io.aws.call("lambda:GetCodeSigningConfig", { CodeSigningConfigArn }, io.signal);
    return answer.CodeSigningConfig?.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? "Enforce";
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html */
async function refuseMovingRuntime({ name, arn }: TargetFunction, io: Io): Promise<void> {
  const { UpdateRuntimeOn } = await io.aws.call(
    "lambda:GetRuntimeManagementConfig",
    { FunctionName: arn },
    io.signal,
  );
  if (UpdateRuntimeOn !== "FunctionUpdate") return;
  throw new Refusal(
    `Function ${name} gets the newest version of its runtime with every change (UpdateRuntimeOn FunctionUpdate), which no restore takes back; nothing was changed.`,
    [],
    "If that is acceptable: ALLOW_RUNTIME_UPDATE=true",
  );
}

/** The action that was denied; null when none was. */
async function unlessDenied(action: Action, ask: () => Promise<void>): Promise<Action | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    if (isDenied(error)) return action;
    // Who has never had any has none.
    if (isMissing(error)) return null;
    throw error;
  }
}
