import { isDenied } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import type { Choice } from "./block-carrier.ts";
import type { TargetFunction } from "./target-function.ts";

interface Question extends Choice {
  readonly tunables: { readonly blockBehavior: string; readonly blockTimeoutMs: number };
  readonly holdMs: number;
}

/** What the user should know before anything is changed; what cannot be read is said, too. */
export async function blockWarnings(
  found: TargetFunction,
  { carrier, reasons, tunables, holdMs }: Question,
  io: Io,
): Promise<readonly string[]> {
  const { name, answer } = found;
  const { VpcConfig, Timeout = 3, Runtime = "" } = answer.Configuration ?? {};
  const timeoutMs = Timeout * 1000;
  return [
    ...reasons.map((reason) => `Not ${reason}.`),
    carrier.kind === "layer" && carrier.versionArn === null
      ? `The layer ${carrier.layerId} is published and stays, since it is the same for every run and inert by itself.`
      : null,
    carrier.kind === "code"
      ? "The interceptor enters with the function's code: CodeSha256 changes for the time of the fault, and is the same again after it."
      : null,
    "AWS replaces the function's environments when the fault goes in and when it goes out: expect cold starts at both.",
    (VpcConfig?.VpcId ?? "") === ""
      ? null
      : `Function ${name} is in a VPC: an update of it may take minutes, on top of the ${holdMs / 1000} s.`,
    tunables.blockBehavior === "timeout" && tunables.blockTimeoutMs >= timeoutMs
      ? `BLOCK_TIMEOUT_MS is ${tunables.blockTimeoutMs} and the function's timeout ${timeoutMs} ms: it ends before a blocked connection does, as with hang.`
      : null,
    Runtime.startsWith("provided")
      ? "What its bootstrap starts by itself is reached only where a dynamic linker loads it."
      : null,
    ...(await unseen(found, io)),
  ].filter((line) => line !== null);
}

/** Callers that will not see a change to $LATEST. */
async function unseen({ name, arn }: TargetFunction, io: Io): Promise<readonly string[]> {
  const parts = await Promise.all([
    asked("lambda:ListAliases", async () => {
      const { Aliases = [] } = await io.aws.call("lambda:ListAliases", { FunctionName: arn }, io.signal);
      const fixed = Aliases.filter(({ FunctionVersion }) => FunctionVersion !== "$LATEST");
      return fixed.map(
        ({ Name, FunctionVersion }) =>
          `Callers of ${name}:${Name} (version ${FunctionVersion}) do not see the fault: only $LATEST is changed.`,
      );
    }),
    asked("lambda:ListEventSourceMappings", async () => {
      const input = { FunctionName: arn };
      const { EventSourceMappings = [] } = await io.aws.call(
        "lambda:ListEventSourceMappings",
        input,
        io.signal,
      );
      return EventSourceMappings.flatMap(({ FunctionArn = "", UUID }) => {
        const qualifier = FunctionArn.split(":")[7];
        if (qualifier === undefined || qualifier === "$LATEST") return [];
        return [`Mapping ${UUID} invokes ${name}:${qualifier}, which does not see the fault.`];
      });
    }),
    asked("lambda:ListProvisionedConcurrencyConfigs", async () => {
      const { ProvisionedConcurrencyConfigs: found = [] } = await io.aws.call(
        "lambda:ListProvisionedConcurrencyConfigs",
        { FunctionName: arn },
        io.signal,
      );
      return found.map(
        ({ FunctionArn = "" }) =>
          `${FunctionArn.split(":").slice(6).join(":")} has provisioned concurrency: its environments do not see the fault.`,
      );
    }),
  ]);
  const denied = parts.flatMap(({ denied: action }) => (action === null ? [] : [action]));
  return [
    ...parts.flatMap(({ lines }) => lines),
    ...(denied.length === 0
      ? []
      : [`Whether somebody calls a version of ${name} is not known: ${denied.join(", ")} not permitted.`]),
  ];
}

async function asked(
  action: string,
  ask: () => Promise<readonly string[]>,
): Promise<{ readonly lines: readonly string[]; readonly denied: string | null }> {
  try {
    return { lines: await ask(), denied: null };
  } catch (error) {
    if (isDenied(error)) return { lines: [], denied: action };
    throw error;
  }
}
