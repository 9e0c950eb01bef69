import { ApiError } from "../api-error.ts";
import type { Place } from "../arns.ts";

/** All errors of ECR have status 400, in its API. Source: API reference of Amazon ECR. */
function ecrError(code: string, message: string): ApiError {
  return new ApiError(400, code, message, { type: null });
}

function where(place: Place, name: string): string {
  return `the repository with name '${name}' in the registry with id '${place.account}'`;
}

export function noRepository(place: Place, name: string): ApiError {
  return ecrError(
    "RepositoryNotFoundException",
    `The repository with name '${name}' does not exist in the registry with id '${place.account}'`,
  );
}

export function repositoryExists(place: Place, name: string): ApiError {
  return ecrError(
    "RepositoryAlreadyExistsException",
    `The repository with name '${name}' already exists in the registry with id '${place.account}'`,
  );
}

export function repositoryNotEmpty(place: Place, name: string): ApiError {
  return ecrError(
    "RepositoryNotEmptyException",
    `The repository with name '${name}' in registry with id '${place.account}' cannot be deleted because it still contains images`,
  );
}

export function noLifecyclePolicy(place: Place, name: string): ApiError {
  return ecrError(
    "LifecyclePolicyNotFoundException",
    `Lifecycle policy does not exist for ${where(place, name)}`,
  );
}

export function noImage(place: Place, name: string, digest?: string, tag?: string): ApiError {
  const id = `{imageDigest:'${digest ?? "null"}', imageTag:'${tag ?? "null"}'}`;
  return ecrError(
    "ImageNotFoundException",
    `The image with imageId ${id} does not exist within the repository with name '${name}' in the registry with id '${place.account}'`,
  );
}

export function tagTaken(name: string, tag: string): ApiError {
  return ecrError(
    "ImageTagAlreadyExistsException",
    `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the repository is immutable.`,
  );
}

export function imageExists(place: Place, name: string, digest: string, tag: string | undefined): ApiError {
  const named = tag === undefined ? "" : ` and tag '${tag}'`;
  return ecrError(
    "ImageAlreadyExistsException",
    `Image with digest '${digest}'${named} already exists in ${where(place, name)}`,
  );
}

export function digestDiffers(given: string, computed: string): ApiError {
  return ecrError(
    "ImageDigestDoesNotMatchException",
    `The image digest '${given}' does not match the computed digest '${computed}'`,
  );
}

export function layersMissing(place: Place, name: string, digests: readonly string[]): ApiError {
  return ecrError(
    "LayersNotFoundException",
    `Layers with digests '[${digests.join(", ")}]' do not exist in ${where(place, name)}`,
  );
}

export function layerInaccessible(place: Place, name: string, digest: string): ApiError {
  return ecrError(
    "LayerInaccessibleException",
    `The layer with digest '${digest}' is not available in ${where(place, name)}`,
  );
}

export function noUpload(place: Place, name: string, uploadId: string): ApiError {
  return ecrError(
    "UploadNotFoundException",
    `The upload with id '${uploadId}' does not exist in ${where(place, name)}`,
  );
}

export function partNotConsecutive(first: number, received: number): ApiError {
  return new ApiError(
    400,
    "InvalidLayerPartException",
    `The layer part has first byte ${first}, but the last byte received was ${received - 1}`,
    { type: null, body: { lastValidByteReceived: received - 1 } },
  );
}

export function invalidLayer(given: string, computed: string): ApiError {
  return ecrError(
    "InvalidLayerException",
    `The layer digest '${given}' does not match the digest '${computed}' of what was uploaded`,
  );
}

export function emptyUpload(uploadId: string): ApiError {
  return ecrError("EmptyUploadException", `The upload with id '${uploadId}' has no layer parts`);
}

export function invalid(member: string, constraint: string): ApiError {
  return ecrError(
    "InvalidParameterException",
    `Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`,
  );
}
