import { isDenied } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import type { AliasChoice } from "./block-alias.ts";
import type { Choice } from "./block-carrier.ts";
import type { TargetFunction } from "./target-function.ts";

interface Question extends Choice {
  readonly alias: AliasChoice | null;
  readonly tunables: {
    readonly targetHostnames: readonly string[];
    readonly blockBehavior: string;
    readonly blockTimeoutMs: number;
    readonly trafficPercentage: number;
    readonly allowProvisioned: boolean;
    readonly proof: string;
  };
  readonly holdMs: number;
}

/** What the user should know before anything is changed; what cannot be read is said, too. */
export async function blockWarnings(
  found: TargetFunction,
  { carrier, bootstrap, alias, reasons, notes = [], tunables, holdMs }: Question,
  io: Io,
): Promise<readonly string[]> {
  const { name, answer } = found;
  const { Environment, VpcConfig, Timeout = 3, Runtime = "" } = answer.Configuration ?? {};
  const timeoutMs = Timeout * 1000;
  return [
    tunables.targetHostnames.length > 0
      ? null
      : "TARGET_HOSTNAMES is empty: ALL outbound TCP is blocked, AWS's own endpoints included, save loopback and the Runtime API.",
    ...reasons.map((reason) => `Not ${reason}.`),
    ...notes,
    carrier.kind === "layer" && carrier.versionArn === null
      ? `The layer ${carrier.layerId} is published and stays, since it is the same for every run and inert by itself.`
      : null,
    carrier.kind === "code"
      ? "The interceptor enters with the function's code: CodeSha256 changes for the time of the fault, and is the same again after it."
      : null,
    carrier.kind === "image"
      ? `The interceptor enters with one layer more on the function's image, pushed to ${carrier.repositoryUri}; the function is put back to the very digest that it has, ${carrier.from}. A new image takes AWS longer than other updates.`
      : null,
    carrier.kind === "env"
      ? "The interceptor enters by NODE_OPTIONS: what Node.js itself connects is blocked, and not addons with sockets of their own, nor other programs. An extension or a program that brings a Node.js before 18.18 of its own does not start with it."
      : null,
    carrier.kind === "env" && Environment?.Variables?.["AWS_LAMBDA_EXEC_WRAPPER"] !== undefined
      ? "Where its wrapper (AWS_LAMBDA_EXEC_WRAPPER) sets NODE_OPTIONS anew, the interceptor does not start."
      : null,
    "AWS replaces the function's environments when the fault goes in and when it goes out: expect cold starts at both.",
    (VpcConfig?.VpcId ?? "") === ""
      ? null
      : `Function ${name} is in a VPC: an update of it may take minutes, on top of the ${holdMs / 1000} s.`,
    tunables.blockBehavior === "timeout" && tunables.blockTimeoutMs >= timeoutMs
      ? `BLOCK_TIMEOUT_MS is ${tunables.blockTimeoutMs} and the function's timeout ${timeoutMs} ms: it ends before a blocked connection does, as with hang.`
      : null,
    tunables.proof === "invoke"
      ? `PROOF=invoke: the run itself invokes ${name} once with PROOF_PAYLOAD when the fault is in, and what that does is done.`
      : null,
    // Of a program that is patched, what is said of its reach says it.
    Runtime.startsWith("provided") && bootstrap !== "patched"
      ? "What its bootstrap starts by itself is reached only where a dynamic linker loads it."
      : null,
    ...(alias === null ? [] : aliasWarnings(name, alias, tunables)),
    ...(await unseen(found, alias?.name ?? null, io)),
  ].filter((line) => line !== null);
}

function aliasWarnings(
  name: string,
  alias: AliasChoice,
  { trafficPercentage: share, allowProvisioned }: Question["tunables"],
): readonly string[] {
  const who =
    share === 100
      ? `Every call of ${name}:${alias.name} sees the fault, and no other`
      : `About ${share} % of the calls of ${name}:${alias.name} see the fault, and no other`;
  return [
    `${who}: a version with the interceptor is published and stands beside or before version ${alias.version}; in $LATEST the interceptor does nothing.`,
    "The published version is deleted afterwards where lambda:DeleteFunction is permitted on versions, else it stays, inert; its number is not used again.",
    ...(allowProvisioned
      ? [
          "If the alias has provisioned concurrency, AWS allocates it anew when it is moved, and again when it is put back.",
        ]
      : []),
  ];
}

/** Callers that will not see it: of versions and aliases, when `$LATEST` is faulted; of all others, when one alias is. */
async function unseen(
  { name, arn }: TargetFunction,
  faulted: string | null,
  io: Io,
): Promise<readonly string[]> {
  const why = faulted === null ? "only $LATEST is changed" : `only ${name}:${faulted} is moved`;
  const parts = await Promise.all([
    asked("lambda:ListAliases", async () => {
      const { Aliases = [] } = await io.aws.call("lambda:ListAliases", { FunctionName: arn }, io.signal);
      const fixed = Aliases.filter(({ Name, FunctionVersion }) =>
        faulted === null ? FunctionVersion !== "$LATEST" : Name !== faulted,
      );
      return fixed.map(
        ({ Name, FunctionVersion }) =>
          `Callers of ${name}:${Name} (version ${FunctionVersion}) do not see the fault: ${why}.`,
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
        const isLatest = qualifier === undefined || qualifier === "$LATEST";
        if (faulted === null ? isLatest : qualifier === faulted) return [];
        return [`Mapping ${UUID} invokes ${name}:${qualifier ?? "$LATEST"}, which does not see the fault.`];
      });
    }),
    asked("lambda:ListProvisionedConcurrencyConfigs", async () => {
      const { ProvisionedConcurrencyConfigs: found = [] } = await io.aws.call(
        "lambda:ListProvisionedConcurrencyConfigs",
        { FunctionName: arn },
        io.signal,
      );
      return found
        .filter(({ FunctionArn }) => FunctionArn !== `${arn}:${faulted}`)
        .map(
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
