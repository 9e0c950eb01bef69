import * as z from "zod";
import { commonSettings } from "../carriers/function-settings.ts";
import { describeVersion, versionId } from "../carriers/version-marker.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { AliasConfiguration, FunctionConfiguration } from "../contract/aws-calls.ts";
import type { Edit, Made } from "../contract/edit.ts";
import type { Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import { equalJson, isRecord, type Json } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { flag, optionalText, wholeNumber } from "../contract/tunables.ts";
import type { TargetFunction } from "./target-function.ts";

/** The tunables that fault the callers of an alias and nobody else. */
export const aliasTunables = {
  QUALIFIER: optionalText(
    "An alias: only its callers are faulted, by a version that is published for the time of the fault",
  ).refine(
    (value) => value === "" || (/^[\w-]{1,128}$/.test(value) && !/^\d+$/.test(value)),
    "must be the name of an alias: a version cannot be changed, and $LATEST is what is faulted without it",
  ),
  TRAFFIC_PERCENTAGE: wholeNumber(
    { min: 1, max: 100 },
    "Share of the alias's invocations that is faulted, with QUALIFIER",
  ).prefault(100),
  ALLOW_PROVISIONED: flag("Move an alias that has provisioned concurrency, which AWS then allocates anew"),
};

interface AliasWish {
  readonly qualifier: string;
  readonly trafficPercentage: number;
  readonly allowProvisioned: boolean;
}

const choiceSchema = z.object({
  name: z.string(),
  /** The version that it is at. */
  version: z.string(),
  codeSha256: z.string(),
  /** What the version has in common with `$LATEST`, as the state of a configuration says it. */
  latest: z.json(),
});

/** The alias whose callers are faulted: plain data, journalled with the target. */
export type AliasChoice = {
  readonly [Name in keyof z.infer<typeof choiceSchema>]: Name extends "latest" ? Json : string;
};

export function aliasOf(about: Target["about"]): AliasChoice | null {
  return choiceSchema.safeParse(about["alias"]).data ?? null;
}

/** The alias that is asked for; null when none is. Reads only; refuses one whose callers would get more than the fault. */
export async function chooseAlias(
  found: TargetFunction,
  { qualifier, trafficPercentage, allowProvisioned }: AliasWish,
  io: Io,
): Promise<AliasChoice | null> {
  if (qualifier === "") {
    if (trafficPercentage === 100) return null;
    throw new Refusal(
      "TRAFFIC_PERCENTAGE is a share of an alias's invocations, and QUALIFIER names none.",
      [],
      "Add QUALIFIER, or use BLOCK_PERCENTAGE, which is a share of the connection attempts.",
    );
  }
  const { FunctionVersion: version = "", RoutingConfig } = await findAlias(found, qualifier, io);
  const weights = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {});
  if (version === "$LATEST") {
    throw new Refusal(
      `Alias ${found.name}:${qualifier} is at $LATEST, which no version is needed for; nothing was changed.`,
      [],
      "Leave QUALIFIER out: its callers see what is done to $LATEST.",
    );
  }
  if (weights.length > 0) {
    throw new Refusal(
      `Alias ${found.name}:${qualifier} shares its invocations already; nothing was changed.`,
      weights.map(([number, weight]) => `version ${number} gets ${Math.round(weight * 100)} %`),
      "Wait until that deployment has ended.",
    );
  }
  await refuseOther(found, { qualifier, version }, io);
  if (!allowProvisioned) await refuseProvisioned(found, { qualifier, version }, io);
  const { Configuration: latest = {} } = found.answer;
  return {
    name: qualifier,
    version,
    codeSha256: latest.CodeSha256 ?? "",
    latest: { ...commonSettings(latest, io.salt) },
  };
}

/** The edits that bring a faulted `$LATEST` to the callers of the alias; the last one arms. */
export async function* throughAlias(
  ref: Ref,
  { name, version, codeSha256 }: AliasChoice,
  {
    run,
    untilMs,
    percentage,
    code,
  }: { run: string; untilMs: number; percentage: number; code: string | null },
): AsyncGenerator<Edit, void, Made | null> {
  const until = Math.ceil(untilMs / 1000);
  const description = describeVersion({ run, until, alias: name, was: version });
  const made = yield {
    ref: { kind: "version", id: versionId(ref.id, { run, until }), within: null, place: ref.place },
    before: null,
    after: { description, codeSha256: code ?? codeSha256 },
    mayStay: true,
  };
  if (made === null) throw new Refusal(`No version of ${ref.id} was published.`);
  const number = made.id.split(":").at(-1) ?? "";
  const weights = { [number]: percentage / 100 };
  yield {
    ref: { kind: "alias", id: `${ref.id}:${name}`, within: null, place: ref.place },
    before: { version, weights: {} },
    after: percentage === 100 ? { version: number, weights: {} } : { version, weights },
    arms: true,
  };
}

/** Refuses when what would be published is not what the alias is at, but for the fault. */
export function refuseMoved({ latest, name }: AliasChoice, state: Json | null): void {
  const { description: _, ...now } = isRecord(state) ? state : {};
  if (equalJson(now, latest)) return;
  throw new Refusal(
    `The configuration of $LATEST was changed since it was planned, and alias ${name} would get that change; nothing was changed.`,
    [],
    "Publish it and move the alias, then run again.",
  );
}

async function findAlias({ name, arn }: TargetFunction, alias: string, io: Io): Promise<AliasConfiguration> {
  try {
    return await io.aws.call("lambda:GetAlias", { FunctionName: arn, Name: alias }, io.signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Refusal(
      `Function ${name} has no alias ${alias}; nothing was changed.`,
      [],
      `Enumerate them with: aws lambda list-aliases --function-name ${name} --region ${io.place.region}`,
    );
  }
}

interface AtVersion {
  readonly qualifier: string;
  readonly version: string;
}

/** A version can be published of `$LATEST` only: whatever else is in that would reach the callers of the alias. */
async function refuseOther(
  { name, arn, answer }: TargetFunction,
  { qualifier, version }: AtVersion,
  io: Io,
): Promise<void> {
  const input = { FunctionName: arn, Version: version };
  const { Configuration: published = {} } = await io.aws.call("lambda:GetVersion", input, io.signal);
  const [theirs, latest] = [settingsOf(published), settingsOf(answer.Configuration ?? {})];
  const names = new Set([...Object.keys(theirs), ...Object.keys(latest)]);
  const others = [...names].filter((one) => !equalJson(theirs[one] ?? null, latest[one] ?? null));
  if (others.length === 0) return;
  throw new Refusal(
    `$LATEST of ${name} is not what alias ${qualifier} is at (version ${version}): its callers would get more than the fault. Nothing was changed.`,
    others.sort().map((one) => `${one} differs`),
    "Publish $LATEST and move the alias to it first, or fault $LATEST without QUALIFIER.",
  );
}

/** What two versions of the same code and configuration may differ in. */
const passing =
  /^(FunctionArn|Version|Description|LastModified|RevisionId|ConfigSha256|RuntimeVersionConfig|SnapStart|(State|LastUpdateStatus)(Reason|ReasonCode)?)$/;

/** An empty set of something is none: AWS shows either. */
function settingsOf(configuration: FunctionConfiguration): Readonly<Record<string, Json>> {
  const all: Json = JSON.parse(JSON.stringify(configuration));
  if (!isRecord(all)) return {};
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => {
      const told = passing.test(name) ? null : bare(value);
      return told === null ? [] : [[name, told]];
    }),
  );
}

function bare(value: Json): Json {
  if (value === "" || (Array.isArray(value) && value.length === 0)) return null;
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).flatMap(([name, one]) => {
    const left = bare(one);
    return left === null ? [] : [[name, left] as const];
  });
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

async function refuseProvisioned(
  { name, arn }: TargetFunction,
  { qualifier, version }: AtVersion,
  io: Io,
): Promise<void> {
  const why = await provisioned(arn, { qualifier, version }, io);
  if (why === null) return;
  throw new Refusal(
    `Alias ${name}:${qualifier} ${why}: when it is moved, AWS allocates environments anew, which takes minutes.`,
    [],
    "If that may be: ALLOW_PROVISIONED=true",
  );
}

async function provisioned(
  FunctionName: string,
  { qualifier, version }: AtVersion,
  io: Io,
): Promise<string | null> {
  try {
    let page: { readonly Marker?: string } = {};
    for (;;) {
      const { ProvisionedConcurrencyConfigs: configs = [], NextMarker } = await io.aws.call(
        "lambda:ListProvisionedConcurrencyConfigs",
        { FunctionName, ...page },
        io.signal,
      );
      const of = configs.map(({ FunctionArn = "" }) => FunctionArn.split(":")[7]);
      if (of.some((one) => one === qualifier || one === version)) return "has provisioned concurrency";
      if (NextMarker === undefined) return null;
      page = { Marker: NextMarker };
    }
  } catch (error) {
    if (isDenied(error))
      return "may have provisioned concurrency (lambda:ListProvisionedConcurrencyConfigs is not permitted)";
    throw error;
  }
}
