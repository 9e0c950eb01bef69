import type { Readable } from "node:stream";
import type { Handlers } from "../caller.ts";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { type BlobStore, type ByteRange, memoryBlobs } from "./blob-store.ts";
import type { EcrParts } from "./ecr-parts.ts";
import { foreignRegistry } from "./foreign-registry.ts";
import { createImagePuller, type ImagePuller } from "./image-puller.ts";
import { imageHandlers } from "./images.ts";
import { createLayerLinks } from "./layer-links.ts";
import { layerHandlers } from "./layer-uploads.ts";
import { repositoryHandlers } from "./repositories.ts";
import { createRepositoryStore, type Repository } from "./repository-store.ts";
import { createRegistryTokens, type TokenHolder } from "./tokens.ts";

/** A layer or config of an image. */
export interface ImageBlob {
  readonly digest: string;
  readonly size: number;
  /** Default: all of it. */
  read(range?: ByteRange): Readable;
}

/** ECR of one cloud. */
export interface CloudRegistry {
  readonly handlers: Handlers;
  /** The layer behind a path of a download address of ECR; undefined when it is unknown or has expired. */
  layerAt(path: string): ImageBlob | undefined;
  /** Whom the password of an authorization token of ECR was given to. */
  tokenHolder(password: string): TokenHolder | undefined;
  /** The authorization tokens given out until now are answered as those of which the twelve hours are over. */
  endTokens(): void;
  /** Where container images are taken from to be run. */
  readonly images: ImagePuller;
}

export interface CloudRegistryOptions {
  /** By ARN. */
  readonly repositories: Map<string, Repository>;
  readonly blobs: BlobStore | undefined;
  /** URL of a registry that holds the images in place of this one. */
  readonly registry: string | undefined;
  readonly endpoint: () => string;
  readonly ids: Ids;
  readonly clock: Clock;
}

export function createCloudRegistry(options: CloudRegistryOptions): CloudRegistry {
  const { blobs = memoryBlobs(), registry, endpoint, ids, clock } = options;
  const links = createLayerLinks(endpoint, () => ids.letters(32));
  const parts: EcrParts = {
    repositories: createRepositoryStore(options.repositories),
    blobs,
    tokens: createRegistryTokens(),
    foreign: registry === undefined ? null : foreignRegistry(registry),
    ids,
    endpoint,
  };
  return {
    handlers: {
      ...repositoryHandlers(parts),
      ...imageHandlers(parts),
      ...layerHandlers({ ...parts, links }),
    },
    layerAt: (path) => {
      const digest = links.read(path, clock.now());
      const size = digest === undefined ? undefined : blobs.sizeOf(digest);
      if (digest === undefined || size === undefined) return undefined;
      return { digest, size, read: (range) => blobs.read(digest, range) };
    },
    tokenHolder: parts.tokens.holder,
    endTokens: () => parts.tokens.end(clock.now()),
    images: createImagePuller(parts),
  };
}
