import { ApiError } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { BlobStore } from "./blob-store.ts";
import { refreshed } from "./ecr-parts.ts";
import type { ForeignRegistry } from "./foreign-registry.ts";
import { imageNamed, type RepositoryStore, type StoredImage } from "./repository-store.ts";

/** Takes images out of the registry for Lambda. */
export interface ImagePuller {
  /** The image of a tag or a digest; undefined when it is not there. */
  image(place: Place, repository: string, reference: ImageReferenceParts): Promise<StoredImage | undefined>;
  /** The store of blobs, with this one in it. Throws when the registry does not have it. */
  pulled(repository: string, digest: string): Promise<BlobStore>;
}

/** Either of them. */
export interface ImageReferenceParts {
  readonly digest?: string | undefined;
  readonly tag?: string | undefined;
}

interface PullerParts {
  readonly repositories: RepositoryStore;
  readonly blobs: BlobStore;
  readonly foreign: ForeignRegistry | null;
}

export function createImagePuller(parts: PullerParts): ImagePuller {
  const { blobs, foreign } = parts;
  return {
    image: async (place, name, { digest, tag }) => {
      const repository = await refreshed(parts, place, name, digest ?? null);
      return repository === undefined ? undefined : imageNamed(repository, digest, tag);
    },
    pulled: async (repository, digest) => {
      if (blobs.sizeOf(digest) === undefined && foreign !== null) {
        await pull(foreign, blobs, { repository, digest });
      }
      if (blobs.sizeOf(digest) === undefined) throw notPulled(digest, "it is not in the registry");
      return blobs;
    },
  };
}

async function pull(
  foreign: ForeignRegistry,
  blobs: BlobStore,
  { repository, digest }: { readonly repository: string; readonly digest: string },
): Promise<void> {
  const upload = await blobs.begin();
  try {
    for await (const part of await foreign.blob(repository, digest)) {
      await upload.append(Buffer.isBuffer(part) ? part : Buffer.from(part));
    }
    if (upload.digest() !== digest) throw notPulled(digest, `what came has the digest ${upload.digest()}`);
    await upload.finish();
  } catch (error) {
    await upload.drop();
    throw error;
  }
}

function notPulled(digest: string, why: string): ApiError {
  return new ApiError(500, "ServiceException", `The layer ${digest} cannot be pulled: ${why}.`);
}
