import { createHash } from "node:crypto";
import { invalidParameter } from "../api-error.ts";
import { type Input, record, text, texts } from "../input.ts";

/** A container image in a registry. */
export interface ImageReference {
  /** As it was given: with a tag or a digest. */
  readonly uri: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** The image by its digest. */
  readonly resolvedUri: string;
}

const uriPattern =
  /^(\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/[a-z0-9][a-z0-9._/-]*)(?::([\w][\w.-]{0,127})|@sha256:([0-9a-f]{64}))$/;

/**
 * Reads the URI of an image in ECR; throws Lambda's 400 for another. There is no registry here: every well-formed image is
 * there, and the digest of one with a tag is made of its URI.
 */
export function imageFrom(uri: string): ImageReference {
  const match = uriPattern.exec(uri);
  if (match === null) {
    throw invalidParameter(`Source image ${uri} is not valid. Provide a valid source image.`);
  }
  const [, repository = "", , given] = match;
  const digest = given ?? createHash("sha256").update(uri).digest("hex");
  return { uri, digest, resolvedUri: `${repository}@sha256:${digest}` };
}

/** What a function changes of the settings of its image. */
export interface ImageConfig {
  readonly entryPoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly workingDirectory: string | null;
}

/** The ImageConfig of an input; null when it says nothing. */
export function imageConfigFrom(given: Input): ImageConfig | null {
  const config = {
    entryPoint: texts(given, "EntryPoint") ?? null,
    command: texts(given, "Command") ?? null,
    workingDirectory: text(given, "WorkingDirectory") ?? null,
  };
  return Object.values(config).every((value) => value === null) ? null : config;
}

export function imageConfigView(config: ImageConfig): Record<string, unknown> {
  return {
    ...(config.entryPoint === null ? {} : { EntryPoint: config.entryPoint }),
    ...(config.command === null ? {} : { Command: config.command }),
    ...(config.workingDirectory === null ? {} : { WorkingDirectory: config.workingDirectory }),
  };
}

/** Members that only functions of zips can have. Throws Lambda's 400 for a function of an image that is given one. */
export function refuseZipMembers(input: Input): void {
  const layers = texts(input, "Layers") ?? [];
  if (text(input, "Runtime") === undefined && text(input, "Handler") === undefined && layers.length === 0)
    return;
  throw invalidParameter(
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
  );
}

/** Throws 400 for an ImageConfig of a function that has no image. */
export function refuseImageConfig(input: Input): void {
  if (record(input, "ImageConfig") === undefined) return;
  throw invalidParameter("ImageConfig can only be given for functions of PackageType Image.");
}
