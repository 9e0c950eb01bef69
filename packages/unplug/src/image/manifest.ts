import { ImageProblem } from "./image-problem.ts";
import {
  appended,
  type Change,
  jsonText,
  membersOf,
  type Span,
  withChanges,
  withoutLast,
} from "./json-spans.ts";
import { listIn, memberOf, sizeIn, textIn } from "./read-json.ts";

/** A blob as a manifest names it. */
export interface BlobInfo {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface ImageManifest {
  readonly config: BlobInfo;
  /** The lowest one first. */
  readonly layers: readonly BlobInfo[];
}

/** By the type of the manifest: that of a layer that is packed by gzip. */
const layerTypes: Readonly<Record<string, string>> = {
  "application/vnd.oci.image.manifest.v1+json": "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.docker.distribution.manifest.v2+json": "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

const WHAT = "The image's manifest";

/** Each may have to be asked for. */
const MOST_LAYERS = 500;

/** Reads the manifest of one image. Throws ImageProblem for anything else, such as an index of several. */
export function readManifest(bytes: Uint8Array, mediaType: string): ImageManifest {
  if (!Object.hasOwn(layerTypes, mediaType)) {
    const several = /index|list/.test(mediaType) ? ", which names images for several machines" : "";
    throw new ImageProblem(
      `${WHAT} is of the type ${mediaType}${several}; one image was expected (OCI, or Docker's schema 2).`,
    );
  }
  jsonText(bytes, WHAT);
  const manifest: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  const layers = listIn(manifest, "layers", WHAT);
  if (layers.length > MOST_LAYERS) {
    throw new ImageProblem(
      `${WHAT} names ${layers.length} layers; no more than ${MOST_LAYERS} are read, and Docker makes 127.`,
    );
  }
  return { config: blobOf(memberOf(manifest, "config")), layers: layers.map(blobOf) };
}

function blobOf(value: unknown): BlobInfo {
  return {
    mediaType: textIn(value, "mediaType", WHAT),
    digest: textIn(value, "digest", WHAT),
    size: sizeIn(value, "size", WHAT),
  };
}

interface NewBlob {
  readonly digest: string;
  readonly size: number;
}

/** The same manifest with another config and one layer more, on top; every byte else stays. */
export function manifestWith(
  bytes: Uint8Array,
  mediaType: string,
  { config, layer }: { readonly config: NewBlob; readonly layer: NewBlob },
): Buffer {
  const added = JSON.stringify({ mediaType: layerTypes[mediaType], size: layer.size, digest: layer.digest });
  return changed(bytes, mediaType, config, (text, layers) => appended(text, layers, added));
}

/** What `manifestWith` was given, whose config was this one. Only a digest tells whether it is. Throws ImageProblem. */
export function manifestWithout(bytes: Uint8Array, mediaType: string, config: NewBlob): Buffer {
  return changed(bytes, mediaType, config, (text, layers) => withoutLast(text, layers, WHAT));
}

function changed(
  bytes: Uint8Array,
  mediaType: string,
  config: NewBlob,
  change: (text: string, layers: Span) => Change,
): Buffer {
  readManifest(bytes, mediaType);
  const text = jsonText(bytes, WHAT);
  const members = membersOf(text, 0);
  const [configAt, layersAt] = [members.get("config"), members.get("layers")];
  const old = configAt === undefined ? undefined : membersOf(text, configAt.start);
  const [digestAt, sizeAt] = [old?.get("digest"), old?.get("size")];
  if (layersAt === undefined || digestAt === undefined || sizeAt === undefined) {
    throw new ImageProblem(`${WHAT} has no config or no layers.`);
  }
  return withChanges(text, [
    { ...digestAt, text: JSON.stringify(config.digest) },
    { ...sizeAt, text: String(config.size) },
    change(text, layersAt),
  ]);
}
