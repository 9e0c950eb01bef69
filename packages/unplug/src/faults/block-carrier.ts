import * as z from "zod";
import { type CodeFor, isOsOnly, withInterceptor } from "../carriers/code-part.ts";
import { codeTraits, downloadCode, isImage } from "../carriers/function-code.ts";
import type { GoProgram, Way } from "../carriers/interceptor.ts";
import { interceptorLayer, sha256Of } from "../carriers/interceptor-layer.ts";
import { MOST_ZIP_BYTES } from "../carriers/staging.ts";
import { partitionOf } from "../contract/arns.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import type { Json } from "../contract/json.ts";
import { Refusal } from "../contract/refusal.ts";
import { unpackedLength } from "../zip/index.ts";
import { type Bootstrap, reachedBootstrap, reachedLayerBootstrap } from "./block-bootstrap.ts";
import { chooseImage, type ImageCarrier } from "./block-image.ts";
import { mayNotUpdateCode, whyNoOption } from "./block-option.ts";
import { whyNoBucket } from "./block-staging.ts";
import type { TargetFunction } from "./target-function.ts";

export const methods = ["auto", "layer", "code", "image", "env"] as const;
type Method = (typeof methods)[number];

const staged = z.object({ bucket: z.string(), beforeBytes: z.number(), afterBytes: z.number() });

type Staged = Readonly<z.infer<typeof staged>>;

/** How the interceptor enters: plain data, journalled with the target. */
export type Carrier =
  | {
      readonly kind: "layer";
      readonly layerId: string;
      readonly codeSha256: string;
      /** Of a version that is there already; null: it is published first. */
      readonly versionArn: string | null;
    }
  | {
      readonly kind: "code";
      readonly before: string;
      readonly after: string;
      /** Through which bucket it goes, and how long both zips are; null: in the call itself. */
      readonly staged: Staged | null;
      /** What is patched in it, and its name in the zip; null: nothing is. */
      readonly go: GoProgram | null;
      readonly patch: string | null;
    }
  | ImageCarrier
  | { readonly kind: "env" };

export interface Choice {
  readonly carrier: Carrier;
  /** The ARN, without a version, of the layer that brings the interceptor, whether or not it is the carrier. */
  readonly layerId: string;
  /** Why the others were not taken; clauses to be read after "Not". */
  readonly reasons: readonly string[];
  /** What else is to be said of it; sentences. */
  readonly notes?: readonly string[];
  /** What an OS-only runtime starts; null for other runtimes, and images. */
  readonly bootstrap: Bootstrap | null;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_LAYERS = 5;
const MOST_UNPACKED_BYTES = 262_144_000;

/** The first carrier that fits, or the one that is asked for. Reads only; refuses when none does. */
export async function chooseCarrier(
  found: TargetFunction,
  wanted: { readonly method: Method; readonly layerArn: string; readonly stagingBucket: string },
  io: Io,
): Promise<Choice> {
  refuseOtherPackage(found, wanted.method);
  if (isImage(found.answer)) return { ...(await chooseImage(found, io)), layerId: "", bootstrap: null };
  const traits = codeTraits(found.answer);
  const { architecture, runtime, handler } = traits;
  const zip = isOsOnly(runtime) ? await codeOf(found, io) : null;
  const own = zip === null ? null : await reachedBootstrap(found.name, { zip, handler }, architecture);
  const bootstrap = own === "unseen" ? await reachedLayerBootstrap(found.name, found.answer, io) : own;
  const reasons: string[] = [];
  const { name, codeSha256, zip: ours } = await interceptorLayer(architecture);
  const { account, region } = io.place;
  const layerId = `arn:${partitionOf(region)}:lambda:${region}:${account}:layer:${name}`;
  const isWanted = (method: Method): boolean => wanted.method === "auto" || wanted.method === method;
  if (isWanted("layer")) {
    const layer =
      bootstrap === "patched"
        ? "what the bootstrap comes to is a Go program, which makes its system calls by itself; it is patched in the code"
        : await asLayer(found, { layerId, name, codeSha256, given: wanted.layerArn }, io);
    if (typeof layer !== "string") return { carrier: layer, layerId, reasons, bootstrap };
    reasons.push(`layer: ${layer}`);
  }
  if (isWanted("code")) {
    const bucket = wanted.stagingBucket === "" ? null : wanted.stagingBucket;
    const obstacle = bucket === null ? null : await whyNoBucket(bucket, io);
    const code = obstacle ?? (await asCode(zip ?? (await codeOf(found, io)), found, { ...traits, bucket }));
    // A permission that is missing is a reason only where a variable would do, too.
    const hasOther = wanted.method === "auto" && (await whyNoOption(found, io)) === null;
    const mayNot = typeof code !== "string" && hasOther && (await mayNotUpdateCode(found, ours, io));
    if (typeof code !== "string" && !mayNot) return { carrier: code, layerId, reasons, bootstrap };
    reasons.push(`code: ${typeof code === "string" ? code : "lambda:UpdateFunctionCode is not permitted"}`);
  }
  if (isWanted("env")) {
    const obstacle = await whyNoOption(found, io);
    if (obstacle === null) return { carrier: { kind: "env" }, layerId, reasons, bootstrap };
    reasons.push(`env: ${obstacle}`);
  }
  throw new Refusal(
    `The interceptor cannot be brought into function ${found.name}; nothing was changed.`,
    reasons,
    wanted.method === "auto" ? "Remove one of these obstacles." : "Try INJECTION_METHOD=auto.",
  );
}

/** Container images take no layers and no zips, and zips no image. */
function refuseOtherPackage({ name, answer }: TargetFunction, method: Method): void {
  const isFor = isImage(answer) ? "image" : "zip";
  if (method === "auto" || (method === "image") === (isFor === "image")) return;
  const is = isFor === "image" ? "a container image" : "a zip";
  throw new Refusal(
    `INJECTION_METHOD=${method} does not fit function ${name}, whose code is ${is}; nothing was changed.`,
    [],
    isFor === "image" ? "INJECTION_METHOD=image, or auto, does." : "Try INJECTION_METHOD=auto.",
  );
}

/** The carrier, or why it does not fit. */
async function asLayer(
  { answer }: TargetFunction,
  { layerId, name, codeSha256, given }: { layerId: string; name: string; codeSha256: string; given: string },
  io: Io,
): Promise<Carrier | string> {
  const layers = (answer.Configuration?.Layers ?? []).flatMap(({ Arn = "" }) => Arn);
  const unpublished = { kind: "layer", layerId, codeSha256, versionArn: null } as const;
  if (given !== "") refuseOther(given, name, io);
  // It may be there on somebody's own wish: then it is used, and stays.
  const attached = layers.find((arn) => arn.split(":")[6] === name);
  if (attached !== undefined) return { ...unpublished, versionArn: attached };
  if (layers.length >= MOST_LAYERS)
    return `the function has ${layers.length} layers, and no more are possible`;
  if (given !== "") return { ...unpublished, layerId: given.replace(/:\d+$/, ""), versionArn: given };
  try {
    const { LayerVersions: [version] = [] } = await io.aws.call(
      "lambda:ListLayerVersions",
      { LayerName: layerId, MaxItems: 1 },
      io.signal,
    );
    if (version?.Version === undefined) return unpublished;
    const input = { LayerName: layerId, VersionNumber: version.Version };
    const { Content, LayerVersionArn } = await io.aws.call("lambda:GetLayerVersion", input, io.signal);
    // Somebody else's content under our name is left alone, and not loaded.
    if (Content?.CodeSha256 !== codeSha256 || LayerVersionArn === undefined)
      return `${layerId} holds other code than this version of Unplug brings`;
    return { ...unpublished, versionArn: LayerVersionArn };
  } catch (error) {
    if (isMissing(error)) return unpublished;
    if (isDenied(error)) return "lambda:ListLayerVersions or lambda:GetLayerVersion is not permitted";
    throw error;
  }
}

/** A layer's name tells what is in it: another one brings another interceptor, or none. */
function refuseOther(given: string, name: string, { place }: Io): void {
  const [, , , region, , , is] = given.split(":");
  if (is === name && region === place.region) return;
  throw new Refusal(
    `LAYER_ARN names the layer ${is} in ${region}, which does not hold the interceptor of this version for this function.`,
    [],
    `Expected is a version of a layer ${name} in ${place.region}: with lambda:PublishLayerVersion, a run publishes it.`,
  );
}

/** What UpdateFunctionCode would not put back, although the hash is the same. */
function storedOtherwise({ Code = {}, Configuration = {} }: TargetFunction["answer"]): string | null {
  if (Code.ResolvedS3Object !== undefined) return "the function's code is a reference to an object in S3";
  if (Code.SourceKMSKeyArn !== undefined) return "the function's code is encrypted with a key of its own";
  return Configuration.SigningJobArn === undefined ? null : "the function's code is signed";
}

async function asCode(zip: Uint8Array, { answer }: TargetFunction, how: CodeFor): Promise<Carrier | string> {
  const { bucket } = how;
  const otherwise = storedOtherwise(answer);
  if (otherwise !== null) return `${otherwise}, which an update would not put back`;
  const made = await withInterceptor(zip, how);
  if ("problem" in made) return made.problem;
  if (bucket === null && made.zip.length > MOST_ZIP_BYTES)
    return `the zip would have ${made.zip.length} bytes, and AWS takes no more than ${MOST_ZIP_BYTES} in a call; more than that goes through a STAGING_BUCKET`;
  const unpacked = unpackedLength(made.zip) ?? 0;
  const layers = layersLength(answer);
  if (unpacked + layers > MOST_UNPACKED_BYTES) {
    const beside = layers === 0 ? "" : ` beside layers of ${layers} bytes (packed)`;
    return `the code would have ${unpacked} bytes unpacked${beside}, and AWS takes no more than ${MOST_UNPACKED_BYTES} together`;
  }
  const staged = bucket === null ? null : { bucket, beforeBytes: zip.length, afterBytes: made.zip.length };
  return {
    kind: "code",
    before: sha256Of(zip),
    after: sha256Of(made.zip),
    staged,
    go: made.go,
    patch: made.patch,
  };
}

/** Packed, which is all that AWS tells: unpacked they have more. What this lets through AWS refuses, and nothing is changed. */
function layersLength({ Configuration }: TargetFunction["answer"]): number {
  return (Configuration?.Layers ?? []).reduce((sum, { CodeSize = 0 }) => sum + CodeSize, 0);
}

async function codeOf({ answer }: TargetFunction, io: Io): Promise<Uint8Array> {
  const found = await downloadCode(answer, io);
  if ("zip" in found) return found.zip;
  throw new Refusal(
    found.problem,
    [],
    "Something between here and AWS changes what is downloaded; nothing was changed.",
  );
}

const goProgram = z.object({ version: z.string(), preloads: z.boolean(), asksLibc: z.boolean() });

const carrier = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("layer"),
    layerId: z.string(),
    codeSha256: z.string(),
    versionArn: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("code"),
    before: z.string(),
    after: z.string(),
    staged: staged.nullable(),
    go: goProgram.nullable(),
    patch: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("image"),
    repositoryUri: z.string(),
    from: z.string(),
    uri: z.string(),
    origin: z.string(),
    digest: z.string(),
    patch: z.string().nullable(),
    go: goProgram.nullable(),
    inherited: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal("env") }),
]);

/** As `chooseCarrier` has written it down. */
export function carrierOf(about: Readonly<Record<string, Json>>): Carrier {
  return carrier.parse(about["carrier"]);
}

/** How the carrier brings the interceptor into the function's programs. */
export function wayOf(carrier: Carrier): Way {
  if (carrier.kind === "image") return carrier;
  return { kind: carrier.kind, go: carrier.kind === "code" ? carrier.go : null };
}

/** CodeSha256 with the interceptor in; null: it stays as it is. Of an image it is its digest, in hexadecimal. */
export function codeHash(carrier: Carrier): string | null {
  if (carrier.kind === "image") return carrier.digest.replace(/^sha256:/, "");
  return carrier.kind === "code" ? carrier.after : null;
}
