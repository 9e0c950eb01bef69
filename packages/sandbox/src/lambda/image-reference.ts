import { ApiError, invalidParameter } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { ImagePuller } from "../ecr/image-puller.ts";
import { type Descriptor, mediaTypes, readManifest } from "../ecr/manifest.ts";
import { isRecord } from "../input.ts";

/** A container image in a registry, as a function has it. */
export interface ImageReference {
  /** As it was given: with a tag or a digest. */
  readonly uri: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** The image by its digest. */
  readonly resolvedUri: string;
  readonly repository: string;
  /** Digests of its layers, the lowest one first. */
  readonly layers: readonly string[];
  readonly config: ImageDefaults;
}

/** What the config of an image says of how it is run. */
export interface ImageDefaults {
  /** `NAME=value` */
  readonly environment: readonly string[];
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly workingDirectory: string;
}

const uriPattern =
  /^((\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9][a-z0-9._/-]*))(?::([\w][\w.-]{0,127})|@(sha256:[0-9a-f]{64}))$/;

const layerTypes: Readonly<Record<string, readonly [config: string, layer: RegExp]>> = {
  [mediaTypes.docker]: [
    "application/vnd.docker.container.image.v1+json",
    /^application\/vnd\.docker\.image\.rootfs\.diff\.tar\.gzip$/,
  ],
  [mediaTypes.oci]: [
    "application/vnd.oci.image.config.v1+json",
    /^application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip$/,
  ],
};

function invalidUri(uri: string): ApiError {
  return invalidParameter(`Source image ${uri} is not valid. Provide a valid source image.`);
}

/**
 * The image that a URI names, as it is now. Throws Lambda's errors: 400 for what is no image in ECR of this region, is not there, or
 * is of a media type that Lambda does not take; 403 for another account, whose repositories have no policy here.
 * Source: Lambda's own words, in public reports.
 */
export async function imageFrom(images: ImagePuller, uri: string, place: Place): Promise<ImageReference> {
  const match = uriPattern.exec(uri);
  if (match === null) throw invalidUri(uri);
  const [, named = "", account, region, repository = "", tag, digest] = match;
  if (region !== place.region) throw invalidUri(uri);
  if (account !== place.account) {
    throw new ApiError(
      403,
      "AccessDeniedException",
      "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
      { type: null },
    );
  }
  const image = await images.image(place, repository, { tag, digest });
  if (image === undefined) {
    throw invalidParameter(`Source image ${uri} does not exist. Provide a valid source image.`);
  }
  const { config, layers } = readManifest(image.manifest);
  const [configType, layerType] = layerTypes[image.mediaType] ?? [];
  const fits =
    layerType !== undefined &&
    config?.mediaType === configType &&
    layers.every(({ mediaType }) => layerType.test(mediaType));
  if (!fits || config === null) {
    throw invalidParameter(
      `The image manifest, config or layer media type for the source image ${uri} is not supported.`,
    );
  }
  return {
    uri,
    digest: image.digest.replace("sha256:", ""),
    resolvedUri: `${named}@${image.digest}`,
    repository,
    layers: layers.map((layer) => layer.digest),
    config: await defaultsOf(images, repository, config),
  };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

async function defaultsOf(
  images: ImagePuller,
  repository: string,
  { digest }: Descriptor,
): Promise<ImageDefaults> {
  const bytes = await (await images.pulled(repository, digest)).bytes(digest);
  let read: unknown;
  try {
    read = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalidParameter(
      `The config ${digest} of the source image is not JSON. Provide a valid source image.`,
    );
  }
  const given = isRecord(read) ? read["config"] : undefined;
  const { Env, Entrypoint, Cmd, WorkingDir } = isRecord(given) ? given : {};
  return {
    environment: strings(Env),
    entryPoint: strings(Entrypoint),
    command: strings(Cmd),
    workingDirectory: typeof WorkingDir === "string" ? WorkingDir : "",
  };
}
