import type { Place } from "../arns.ts";
import { noRepository, repositoryExists } from "./ecr-errors.ts";

/** An image of a repository: its manifest as it was pushed. */
export interface StoredImage {
  /** `sha256:` and hex, as all digests. */
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: Buffer;
  readonly pushedMs: number;
}

export interface Repository {
  readonly place: Place;
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  /** Whether a tag that is there can be given to another image. */
  mutable: boolean;
  /** As it was given; left out: there is none. It is kept, and nothing is deleted by it. */
  lifecyclePolicy?: string;
  /** By digest, oldest first. */
  readonly images: Map<string, StoredImage>;
  /** Tag -> digest. */
  readonly tags: Map<string, string>;
  /** Digests of layers and configs that were pushed to it, and their sizes. They stay until the last image that has them is deleted. */
  readonly blobs: Map<string, number>;
}

export interface RepositoryStore {
  find(place: Place, name: string): Repository | undefined;
  /** Throws RepositoryNotFoundException. */
  get(place: Place, name: string): Repository;
  /** Throws RepositoryAlreadyExistsException. */
  add(place: Place, name: string, mutable: boolean, now: number): Repository;
  remove(repository: Repository): void;
  /** All of a place, by name. */
  of(place: Place): readonly Repository[];
}

export function repositoryArn({ region, account }: Place, name: string): string {
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

/** How images of a repository are named, without tag and digest. */
export function repositoryUri({ place, name }: Pick<Repository, "place" | "name">): string {
  return `${place.account}.dkr.ecr.${place.region}.amazonaws.com/${name}`;
}

/** `all` is by ARN. */
export function createRepositoryStore(all: Map<string, Repository>): RepositoryStore {
  const find: RepositoryStore["find"] = (place, name) => all.get(repositoryArn(place, name));
  return {
    find,
    get: (place, name) => {
      const found = find(place, name);
      if (found === undefined) throw noRepository(place, name);
      return found;
    },
    add: ({ region, account }, name, mutable, createdMs) => {
      const place = { region, account };
      const arn = repositoryArn(place, name);
      if (all.has(arn)) throw repositoryExists(place, name);
      const blobs = new Map<string, number>();
      const made = { place, name, arn, createdMs, mutable, images: new Map(), tags: new Map(), blobs };
      all.set(arn, made);
      return made;
    },
    remove: ({ arn }) => {
      all.delete(arn);
    },
    of: ({ region, account }) =>
      [...all.values()]
        .filter(({ place }) => place.region === region && place.account === account)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** The tags of an image, in the order in which they were given. */
export function tagsOf({ tags }: Repository, digest: string): readonly string[] {
  return [...tags].filter(([, named]) => named === digest).map(([tag]) => tag);
}

/** The image of a digest or a tag; a digest that comes with a tag has to be that tag's. */
export function imageNamed(
  { images, tags }: Repository,
  digest: string | undefined,
  tag: string | undefined,
): StoredImage | undefined {
  const tagged = tag === undefined ? undefined : tags.get(tag);
  if (digest !== undefined && tag !== undefined && tagged !== digest) return undefined;
  return images.get(digest ?? tagged ?? "");
}
