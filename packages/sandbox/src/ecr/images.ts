import type { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, isRecord, records, text, texts } from "../input.ts";
import { invalid, noImage } from "./ecr-errors.ts";
import { type EcrParts, refreshed, repositoryOf } from "./ecr-parts.ts";
import { blobsOf, readManifest } from "./manifest.ts";
import { putImage } from "./put-image.ts";
import { ecrPage } from "./repositories.ts";
import { imageNamed, type Repository, type StoredImage, tagsOf } from "./repository-store.ts";

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

function idsFrom(input: Input): readonly ImageId[] | undefined {
  return records(input, "imageIds")?.map((one) => {
    const [digest, tag] = [text(one, "imageDigest"), text(one, "imageTag")];
    return {
      ...(digest === undefined ? {} : { imageDigest: digest }),
      ...(tag === undefined ? {} : { imageTag: tag }),
    };
  });
}

function failure(imageId: ImageId, failureCode: string, failureReason: string): object {
  return { imageId, failureCode, failureReason };
}

/** What is wrong with an id by itself; null when nothing is. */
function failureOf(id: ImageId): object | null {
  const { imageDigest, imageTag } = id;
  if (imageDigest === undefined && imageTag === undefined) {
    return failure(
      id,
      "MissingDigestAndTag",
      "Invalid request parameters: both tag and digest cannot be null",
    );
  }
  if (imageDigest === undefined || /^sha256:[0-9a-f]{64}$/.test(imageDigest)) return null;
  const words =
    "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'";
  return failure(id, "InvalidImageDigest", words);
}

function notFound(id: ImageId): object {
  return failure(id, "ImageNotFound", "Requested image not found");
}

function imageView(
  { place, name }: Repository,
  { digest, mediaType, manifest }: StoredImage,
  tag?: string,
): object {
  return {
    registryId: place.account,
    repositoryName: name,
    imageId: { imageDigest: digest, ...(tag === undefined ? {} : { imageTag: tag }) },
    imageManifest: manifest.toString("utf8"),
    imageManifestMediaType: mediaType,
  };
}

/** Also what is in somebody else's registry without a tag. */
async function found(
  parts: EcrParts,
  repository: Repository,
  { imageDigest, imageTag }: ImageId,
): Promise<StoredImage | undefined> {
  const here = imageNamed(repository, imageDigest, imageTag);
  if (here !== undefined || imageDigest === undefined || parts.foreign === null) return here;
  await refreshed(parts, repository.place, repository.name, imageDigest);
  return imageNamed(repository, imageDigest, imageTag);
}

async function batchGet(parts: EcrParts, input: Input, context: CallContext): Promise<unknown> {
  const repository = await repositoryOf(parts, "BatchGetImage", input, context);
  const accepted = texts(input, "acceptedMediaTypes") ?? [];
  const images: object[] = [];
  const failures: object[] = [];
  for (const id of idsFrom(input) ?? []) {
    const wrong = failureOf(id);
    const image = wrong === null ? await found(parts, repository, id) : undefined;
    if (wrong !== null) failures.push(wrong);
    else if (image === undefined) failures.push(notFound(id));
    else if (accepted.length > 0 && !accepted.includes(image.mediaType)) {
      const words = `The image has the media type ${image.mediaType}, which is none of those accepted`;
      failures.push(failure(id, "ImageNotFound", words));
    } else images.push(imageView(repository, image, id.imageTag));
  }
  return { images, failures };
}

/** Takes a tag away, and with the last one its image; by digest, the image with all of its tags. */
async function batchDelete(parts: EcrParts, input: Input, context: CallContext): Promise<unknown> {
  const repository = await repositoryOf(parts, "BatchDeleteImage", input, context);
  const imageIds: object[] = [];
  const failures: object[] = [];
  for (const id of idsFrom(input) ?? []) {
    const wrong = failureOf(id);
    const image = wrong === null ? await found(parts, repository, id) : undefined;
    if (wrong !== null) failures.push(wrong);
    else if (image === undefined) failures.push(notFound(id));
    else if (isPartOfAnother(repository, image.digest)) {
      failures.push(
        failure(id, "ImageReferencedByManifestList", "Requested image referenced by manifest list"),
      );
    } else imageIds.push(...(await removed(parts, repository, image.digest, id)));
  }
  return { imageIds, failures };
}

function isPartOfAnother({ images }: Repository, digest: string): boolean {
  return [...images.values()].some(({ manifest }) => readManifest(manifest).manifests.includes(digest));
}

async function removed(
  { foreign }: EcrParts,
  repository: Repository,
  digest: string,
  { imageDigest, imageTag }: ImageId,
): Promise<readonly object[]> {
  const tags = tagsOf(repository, digest);
  const gone = imageDigest === undefined ? tags.filter((tag) => tag === imageTag) : tags;
  const left = tags.filter((tag) => !gone.includes(tag));
  await foreign?.remove(repository, digest, left);
  for (const tag of gone) repository.tags.delete(tag);
  if (left.length === 0) dropImage(repository, digest);
  if (gone.length === 0) return [{ imageDigest: digest }];
  return gone.map((tag) => ({ imageDigest: digest, imageTag: tag }));
}

/** With it goes what no other image of the repository has: its config, and layers of its own. */
function dropImage({ images, blobs }: Repository, digest: string): void {
  const image = images.get(digest);
  images.delete(digest);
  if (image === undefined) return;
  const used = new Set([...images.values()].flatMap(({ manifest }) => blobsOf(manifest)));
  for (const blob of blobsOf(image.manifest)) if (!used.has(blob)) blobs.delete(blob);
}

function detailOf(repository: Repository, { digest, mediaType, manifest, pushedMs }: StoredImage): object {
  const imageTags = tagsOf(repository, digest);
  const { config, layers } = readManifest(manifest);
  const size = [...layers, ...(config === null ? [] : [config])].reduce((sum, one) => sum + one.size, 0);
  return {
    registryId: repository.place.account,
    repositoryName: repository.name,
    imageDigest: digest,
    ...(imageTags.length === 0 ? {} : { imageTags }),
    imageSizeInBytes: size === 0 ? manifest.length : size,
    imagePushedAt: pushedMs / 1000,
    imageManifestMediaType: mediaType,
    ...(config === null ? {} : { artifactMediaType: config.mediaType }),
  };
}

/** Whether a filter of tags lets an image through. */
function tagFilter(input: Input): (tags: readonly string[]) => boolean {
  const { filter } = input;
  const status = isRecord(filter) ? filter["tagStatus"] : undefined;
  if (status === "TAGGED") return (tags) => tags.length > 0;
  if (status === "UNTAGGED") return (tags) => tags.length === 0;
  return () => true;
}

async function describe(parts: EcrParts, input: Input, context: CallContext): Promise<unknown> {
  const repository = await repositoryOf(parts, "DescribeImages", input, context);
  const ids = idsFrom(input);
  if (ids === undefined) {
    const passes = tagFilter(input);
    const all = [...repository.images.values()].filter(({ digest }) => passes(tagsOf(repository, digest)));
    const { items, nextToken } = ecrPage(all, input);
    return { imageDetails: items.map((image) => detailOf(repository, image)), ...nextToken };
  }
  const images = new Map<string, StoredImage>();
  for (const id of ids) {
    if (failureOf(id) !== null) throw invalidId(id);
    const image = await found(parts, repository, id);
    if (image === undefined) throw noImage(repository.place, repository.name, id.imageDigest, id.imageTag);
    images.set(image.digest, image);
  }
  return { imageDetails: [...images.values()].map((image) => detailOf(repository, image)) };
}

function invalidId({ imageDigest }: ImageId): ApiError {
  if (imageDigest === undefined) return invalid("imageIds", "a tag or a digest must be given");
  return invalid("imageIds.imageDigest", "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'");
}

async function list(parts: EcrParts, input: Input, context: CallContext): Promise<unknown> {
  const repository = await repositoryOf(parts, "ListImages", input, context);
  const passes = tagFilter(input);
  const all = [...repository.images.keys()].flatMap((imageDigest): ImageId[] => {
    const tags = tagsOf(repository, imageDigest);
    if (!passes(tags)) return [];
    return tags.length === 0 ? [{ imageDigest }] : tags.map((imageTag) => ({ imageDigest, imageTag }));
  });
  const { items, nextToken } = ecrPage(all, input);
  return { imageIds: items, ...nextToken };
}

/** Images. Source: API reference of Amazon ECR. */
export function imageHandlers(parts: EcrParts): Handlers {
  return {
    BatchGetImage: (input, context) => batchGet(parts, input, context),
    BatchDeleteImage: (input, context) => batchDelete(parts, input, context),
    DescribeImages: (input, context) => describe(parts, input, context),
    ListImages: (input, context) => list(parts, input, context),
    PutImage: async (input, context) => {
      const { repository, image, tag } = await putImage(parts, input, context);
      return { image: imageView(repository, image, tag) };
    },
  };
}
