import type { CallContext } from "../caller.ts";
import { type Input, needText, text } from "../input.ts";
import { digestOf } from "./blob-store.ts";
import { digestDiffers, imageExists, invalid, layersMissing, tagTaken } from "./ecr-errors.ts";
import { type EcrParts, repositoryOf } from "./ecr-parts.ts";
import { blobsOf, mediaTypeOf, readManifest } from "./manifest.ts";
import type { Repository, StoredImage } from "./repository-store.ts";

/** Source: OCI distribution specification: what may stand as a tag; Amazon ECR quotas: 4 MB. */
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const largestManifest = 4_194_304;

interface PutImage {
  readonly repository: Repository;
  readonly image: StoredImage;
  readonly tag: string | undefined;
}

/** What a manifest names and the repository does not have. */
function missing(repository: Repository, bytes: Buffer): readonly string[] {
  const { manifests } = readManifest(bytes);
  return [
    ...blobsOf(bytes).filter((digest) => !repository.blobs.has(digest)),
    ...manifests.filter((digest) => !repository.images.has(digest)),
  ];
}

/** PutImage: keeps a manifest and gives it a tag, if there is one. `imageManifest` may be bytes, to be kept as they are. */
export async function putImage(parts: EcrParts, input: Input, context: CallContext): Promise<PutImage> {
  const repository = await repositoryOf(parts, "PutImage", input, context);
  const { place, name } = repository;
  if (parts.foreign !== null)
    throw invalid("imageManifest", `images are pushed to ${parts.foreign.url} here`);
  const { imageManifest: given } = input;
  const manifest = Buffer.isBuffer(given) ? given : Buffer.from(needText(input, "imageManifest"));
  if (manifest.length > largestManifest) throw invalid("imageManifest", "must be of 4194304 bytes at most");
  const lacking = missing(repository, manifest);
  if (lacking.length > 0) throw layersMissing(place, name, lacking);
  const tag = text(input, "imageTag");
  if (tag !== undefined && !tagPattern.test(tag)) {
    throw invalid("imageTag", `must satisfy regular expression '${tagPattern.source.slice(1, -1)}'`);
  }
  const digest = digestOf(manifest);
  const wanted = text(input, "imageDigest");
  if (wanted !== undefined && wanted !== digest) throw digestDiffers(wanted, digest);
  const mediaType = mediaTypeOf(manifest, text(input, "imageManifestMediaType"));
  return { repository, image: keep({ repository, digest, tag, mediaType, manifest }, context.now), tag };
}

interface Push extends Omit<StoredImage, "pushedMs"> {
  readonly repository: Repository;
  readonly tag: string | undefined;
}

function keep({ repository, digest, tag, mediaType, manifest }: Push, pushedMs: number): StoredImage {
  const { place, name, images, tags, mutable } = repository;
  const known = images.get(digest);
  const tagged = tag === undefined ? undefined : tags.get(tag);
  if (known !== undefined && (tag === undefined || tagged === digest)) {
    throw imageExists(place, name, digest, tag);
  }
  if (tag !== undefined && tagged !== undefined && !mutable) throw tagTaken(name, tag);
  const image = known ?? { digest, mediaType, manifest, pushedMs };
  images.set(digest, image);
  if (tag !== undefined) tags.set(tag, digest);
  return image;
}
