import * as z from "zod";
import { armedVariables, behavior, targetList, tell } from "../carriers/interceptor.ts";
import { defineFault, type Stamp } from "../contract/fault.ts";
import { isRecord, type Json } from "../contract/json.ts";
import { Refusal } from "../contract/refusal.ts";
import { flag, optionalText, seconds, wholeNumber } from "../contract/tunables.ts";
import { aliasOf, aliasTunables, chooseAlias, refuseMoved, throughAlias } from "./block-alias.ts";
import { blockAnswers } from "./block-answers.ts";
import { blockArns, logGroupOf } from "./block-arns.ts";
import { type Choice, carrierOf, chooseCarrier, codeHash, methods, wayOf } from "./block-carrier.ts";
import { findSettled, refuseUnfit } from "./block-fitness.ts";
import { refuseForbidden } from "./block-forbidden.ts";
import { imageEdits } from "./block-image.ts";
import { faultWindow, isServingAgain, judgeBlocking, readBlockLog, sampleBlocking } from "./block-log.ts";
import { invokeOnce, judgeInvocations, proofTunables } from "./block-proof.ts";
import { reachText } from "./block-reach.ts";
import { codeEdits, stagingTunables } from "./block-staging.ts";
import { blockWarnings } from "./block-warnings.ts";
import { readInvocationReports } from "./invocation-reports.ts";
import { functionName, type TargetFunction } from "./target-function.ts";

const SAMPLE_MS = 3_000;
/** The clocks of AWS and of this machine, and environments that start late. */
const GRACE_MS = 60_000;
/** Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, and what UpdateFunctionConfiguration measures. */
const MOST_ENVIRONMENT_BYTES = 4_096;
/** As long as a run's id can be. */
const SOME_RUN = "r-20260101-0000-xxxx";

/**
 * Makes outbound TCP connections of a function fail, from inside it: refused, timed out or hanging.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (LD_PRELOAD is not reserved)
 */
export const lambdaBlockTcpConnection = defineFault({
  id: "lambda-block-tcp-connection",
  summary: "Block a function's outbound TCP connections to chosen hosts, or to all",
  questions: [
    "Does the function return a clean error, or hang until its timeout, when a dependency cannot be reached?",
    "Does its timeout protect it, or does it make the outage dearer and slower for its callers?",
    "Do callers through API Gateway, EventBridge or Step Functions degrade gracefully?",
    "Do alarms on errors and duration fire in time?",
    "Does it recover by itself when the dependency is back?",
  ],
  tunables: {
    FUNCTION_NAME: functionName,
    TARGET_HOSTNAMES: targetList.describe(
      "What is blocked, comma-separated: names, `*.suffix`, addresses, ranges, each with an optional `:port`; empty for all outbound TCP",
    ),
    BLOCK_BEHAVIOR: behavior.default("refuse").describe("How a blocked connection fails"),
    BLOCK_TIMEOUT_MS: wholeNumber(
      { min: 1_000, max: 900_000 },
      "After how many milliseconds a connection fails with BLOCK_BEHAVIOR timeout",
    ).prefault(3_000),
    BLOCK_PERCENTAGE: wholeNumber(
      { min: 1, max: 100 },
      "Share of the connection attempts that is blocked",
    ).prefault(100),
    BLOCK_SEED: wholeNumber(
      { min: 0, max: Number.MAX_SAFE_INTEGER },
      "Makes the choice of BLOCK_PERCENTAGE repeatable",
    ).prefault(0),
    INJECTION_METHOD: z
      .enum(methods, `must be ${methods.join(", ")}`)
      .default("auto")
      .describe(
        "How the interceptor enters the function: as a layer, in its code, in its container image, in a variable (Node.js), or what fits first",
      ),
    LAYER_ARN: optionalText(
      "Version of a layer that holds the interceptor, published by somebody else",
    ).refine(
      (value) => value === "" || /^arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/.test(value),
      "must be the ARN of a layer version, like arn:aws:lambda:us-east-1:123456789012:layer:name:1",
    ),
    ...stagingTunables,
    ...aliasTunables,
    ...proofTunables,
    RECOVERY_TIMEOUT: seconds(
      { min: 0, max: 86_400 },
      "How long to watch the function serve again after the restore; one without traffic is not waited for",
    ).prefault(30),
    ALLOW_RUNTIME_UPDATE: flag(
      "Change a function whose runtime AWS updates with every change, and which nothing can put back",
    ),
  },
  example: { FUNCTION_NAME: "orders", TARGET_HOSTNAMES: "db.internal:5432" },
  actions: {
    required: ["lambda:GetFunction", "code:Download"],
    optional: [
      "lambda:ListLayerVersions",
      "lambda:GetLayerVersion",
      "lambda:ListVersionsByFunction",
      "lambda:ListAliases",
      "lambda:ListEventSourceMappings",
      "lambda:ListProvisionedConcurrencyConfigs",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetCodeSigningConfig",
      "lambda:GetRuntimeManagementConfig",
      "s3:ListObjectsV2",
      "lambda:TryUpdateFunctionCode",
      "registry:GetManifest",
      "registry:GetBlob",
      "registry:FindFiles",
      "ecr:GetAuthorizationToken",
      "ecr:GetLifecyclePolicy",
      "lambda:Invoke",
      "logs:FilterLogEvents",
    ],
  },
  documented: [
    "lambda:GetFunction",
    "lambda:GetFunctionConfiguration",
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:PublishVersion",
  ],
  kinds: ["layer", "staged-object", "code", "image", "function-image", "version", "alias", "configuration"],
  nets: ["fuse: the interceptor lets everything through by itself a minute after the run's latest end"],

  async targets(tunables, io, { holdMs }) {
    const found = await findSettled(tunables.functionName, io);
    refuseUnfit(found);
    const unknown = await refuseForbidden(found, tunables, io);
    const alias = await chooseAlias(found, tunables, io);
    const choice = await chooseCarrier(
      found,
      {
        method: tunables.injectionMethod,
        layerArn: tunables.layerArn,
        stagingBucket: tunables.stagingBucket,
      },
      io,
    );
    refuseTooLong(found, choice, tunables);
    const ref = { kind: "configuration", id: found.arn, within: null, place: io.place };
    const about = {
      functionName: found.name,
      logGroup: logGroupOf(found),
      carrier: { ...choice.carrier },
      called: alias === null ? found.arn : `${found.arn}:${alias.name}`,
      ...(alias === null ? {} : { alias }),
    };
    const arns = blockArns(found, choice, tunables, io);
    const reach = reachText(choice, found.answer.Configuration?.Runtime ?? "");
    return {
      targets: [{ ref, title: `function ${found.name}`, reach, arns, about }],
      warnings: [...unknown, ...(await blockWarnings(found, { ...choice, alias, tunables, holdMs }, io))],
    };
  },

  async *change({ ref, state, about, title }, tunables, stamp) {
    const carrier = carrierOf(about);
    const alias = aliasOf(about);
    if (alias !== null) refuseMoved(alias, state);
    const now = settingsOf(state, title);
    let layers = now.layers;
    if (carrier.kind === "layer") {
      let arn = carrier.versionArn;
      if (arn === null) {
        const layer = { ...ref, kind: "layer", id: carrier.layerId };
        const made = yield {
          ref: layer,
          before: null,
          after: { codeSha256: carrier.codeSha256 },
          stays: true,
        };
        if (made === null) throw new Refusal(`The layer for ${title} was not published.`);
        arn = made.id;
      }
      if (!layers.includes(arn)) layers = [...layers, arn];
    } else if (carrier.kind === "code") {
      yield* codeEdits(ref, carrier);
    } else if (carrier.kind === "image") {
      yield* imageEdits(ref, carrier, stamp.run);
    }
    const own = armedVariables(now.environment.own, wayOf(carrier), toldText(tunables, stamp));
    const environment = { ...now.environment, own };
    yield {
      ref,
      before: state,
      after: { ...(isRecord(state) ? state : {}), layers, environment },
      ...(alias === null ? { arms: true } : {}),
    };
    if (alias === null) return;
    const untilMs = stamp.until + GRACE_MS;
    const code = codeHash(carrier);
    yield* throughAlias(ref, alias, {
      run: stamp.run,
      untilMs,
      percentage: tunables.trafficPercentage,
      code,
    });
  },

  watch: {
    everyMs: SAMPLE_MS,
    sample: (targets, _tunables, io) => sampleBlocking(targets, SAMPLE_MS, io),
    calm: isServingAgain,
    afterMs: ({ recoveryTimeout }) => recoveryTimeout,
    once: invokeOnce,
  },

  async evidence({ targets, tunables, windows, samples }, io) {
    const logs = targets.map(async ({ about }) => {
      const log = await readBlockLog(textOf(about["logGroup"]), faultWindow(windows), io).catch(() => null);
      return judgeBlocking(textOf(about["functionName"]), log);
    });
    return [...(await Promise.all(logs)), ...judgeInvocations(targets, tunables, samples)];
  },

  async answers({ targets, windows }, io) {
    const all = await Promise.all(
      targets.map(async ({ about }) => {
        const of = { functionName: textOf(about["functionName"]), logGroup: textOf(about["logGroup"]) };
        const reports = await readInvocationReports(of.logGroup, windows, io).catch(() => null);
        return blockAnswers(of, reports, windows);
      }),
    );
    return all.flat();
  },
});

interface BlockTunables {
  readonly targetHostnames: readonly string[];
  readonly blockBehavior: "refuse" | "timeout" | "hang";
  readonly blockTimeoutMs: number;
  readonly blockPercentage: number;
  readonly blockSeed: number;
  /** Of an alias; empty: `$LATEST` itself is faulted. */
  readonly qualifier: string;
  readonly trafficPercentage: number;
}

function toldText(tunables: BlockTunables, { run, until }: Stamp): string {
  return tell({
    behavior: tunables.blockBehavior,
    timeoutMs: tunables.blockTimeoutMs,
    percentage: tunables.blockPercentage,
    seed: tunables.blockSeed,
    run,
    until: until + GRACE_MS,
    targets: tunables.targetHostnames,
    publishedOnly: tunables.qualifier !== "",
  });
}

/** AWS measures the JSON text of all variables. The values are measured here and go nowhere. */
function refuseTooLong(
  { name, answer }: TargetFunction,
  { carrier, reasons }: Choice,
  tunables: BlockTunables,
): void {
  const { Variables = {} } = answer.Configuration?.Environment ?? {};
  const told = toldText(tunables, { run: SOME_RUN, until: 4_000_000_000_000 });
  const merged = armedVariables(Variables, wayOf(carrier), told);
  const bytes = Buffer.byteLength(JSON.stringify(merged));
  if (bytes <= MOST_ENVIRONMENT_BYTES) return;
  const theirs = Buffer.byteLength(JSON.stringify(Variables));
  throw new Refusal(
    `The variables of function ${name} would take ${bytes} bytes, and AWS takes ${MOST_ENVIRONMENT_BYTES}; nothing was changed.`,
    [
      `its own take ${theirs}`,
      carrier.kind === "env"
        ? `the interceptor and what it is told take ${bytes - theirs}`
        : `what the interceptor is told takes ${bytes - theirs}`,
      ...reasons.map((reason) => `not ${reason}`),
    ],
    "Name fewer TARGET_HOSTNAMES, or a suffix or a range that covers them.",
  );
}

const settings = z.object({
  layers: z.array(z.string()),
  environment: z.object({ own: z.record(z.string(), z.string()), others: z.record(z.string(), z.string()) }),
});

function settingsOf(state: Json | null, title: string): z.infer<typeof settings> {
  const parsed = settings.safeParse(state);
  if (!parsed.success) throw new Refusal(`The variables of ${title} could not be read.`);
  return parsed.data;
}

/** To put a list of layers, one must be permitted to read each of them. Source: permissions-user-layer. */
function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
