import { isRecord } from "../input.ts";
import { invalid } from "./ecr-errors.ts";

/** A blob that a manifest names. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What a manifest says. */
export interface Manifest {
  /** Null: an index of other manifests. */
  readonly config: Descriptor | null;
  /** The lowest one first. */
  readonly layers: readonly Descriptor[];
  /** Digests of the manifests of an index. */
  readonly manifests: readonly string[];
}

export const mediaTypes = {
  docker: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  oci: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
} as const;

function descriptorOf(value: unknown): Descriptor {
  if (isRecord(value)) {
    const { mediaType = "", digest, size } = value;
    if (typeof mediaType === "string" && typeof digest === "string" && typeof size === "number") {
      return { mediaType, digest, size };
    }
  }
  throw invalid("imageManifest", "every descriptor must have a media type, a digest and a size");
}

/** Reads a manifest or an index. Throws InvalidParameterException for what is neither. */
export function readManifest(bytes: Buffer): Manifest {
  let read: unknown;
  try {
    read = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalid("imageManifest", "must be JSON");
  }
  if (!isRecord(read) || read["schemaVersion"] !== 2) {
    throw invalid("imageManifest", "must be a manifest of schema version 2");
  }
  const { config, layers, manifests } = read;
  if (Array.isArray(manifests)) {
    return { config: null, layers: [], manifests: manifests.map((one) => descriptorOf(one).digest) };
  }
  if (!Array.isArray(layers)) throw invalid("imageManifest", "must have layers");
  return { config: descriptorOf(config), layers: layers.map(descriptorOf), manifests: [] };
}

/** The digests of config and layers; none of an index. */
export function blobsOf(bytes: Buffer): readonly string[] {
  const { config, layers } = readManifest(bytes);
  return [...layers, ...(config === null ? [] : [config])].map(({ digest }) => digest);
}

/** The type that a manifest gives itself or, where it gives none, the one of its form. */
export function mediaTypeOf(bytes: Buffer, given: string | undefined): string {
  if (given !== undefined && given !== "") return given;
  const read: unknown = JSON.parse(bytes.toString("utf8"));
  const own = isRecord(read) ? read["mediaType"] : undefined;
  if (typeof own === "string") return own;
  return readManifest(bytes).config === null ? mediaTypes.ociIndex : mediaTypes.oci;
}
