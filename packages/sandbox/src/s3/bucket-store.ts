import type { Place } from "../arns.ts";
import { deniedBucket, elsewhere, noBucket } from "./s3-errors.ts";

/** One version of an object, or the mark of its deletion. */
export interface ObjectVersion {
  readonly key: string;
  /** "null" as long as the bucket keeps no versions. */
  readonly versionId: string;
  /** Null: the mark of a deletion. */
  readonly body: Buffer | null;
  /** In quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modifiedMs: number;
}

/** An upload in parts that has not ended. */
export interface PartedUpload {
  readonly key: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

export interface Bucket {
  readonly name: string;
  readonly place: Place;
  readonly createdMs: number;
  /** Null: never switched on. */
  versioning: "Enabled" | "Suspended" | null;
  /** By key, newest version first; no list is empty. */
  readonly objects: Map<string, ObjectVersion[]>;
  readonly uploads: Map<string, PartedUpload>;
}

/** The buckets of a cloud: their names are unique in it. */
export interface BucketStore {
  find(name: string): Bucket | undefined;
  /** The bucket of this name; throws S3's 404, its 403 for another account and its 301 for another region. */
  get(name: string, place: Place): Bucket;
  add(bucket: Bucket): void;
  remove(bucket: Bucket): void;
  /** All of an account, by name. */
  of(account: string): readonly Bucket[];
}

/** `buckets` by name. */
export function createBucketStore(buckets: Map<string, Bucket>): BucketStore {
  return {
    find: (name) => buckets.get(name),
    get: (name, { region, account }) => {
      const bucket = buckets.get(name);
      if (bucket === undefined) throw noBucket(name);
      if (bucket.place.account !== account) throw deniedBucket();
      if (bucket.place.region !== region) throw elsewhere(name, bucket.place.region);
      return bucket;
    },
    add: (bucket) => {
      buckets.set(bucket.name, bucket);
    },
    remove: (bucket) => {
      buckets.delete(bucket.name);
    },
    of: (account) =>
      [...buckets.values()]
        .filter((bucket) => bucket.place.account === account)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Adds a version: it replaces the one without a version's id where the bucket keeps no versions. */
export function putVersion(bucket: Bucket, version: ObjectVersion): void {
  const before = bucket.objects.get(version.key) ?? [];
  bucket.objects.set(version.key, [version, ...before.filter((one) => one.versionId !== version.versionId)]);
}

/** Takes one version away. */
export function dropVersion(bucket: Bucket, { key, versionId }: ObjectVersion): void {
  const left = (bucket.objects.get(key) ?? []).filter((one) => one.versionId !== versionId);
  if (left.length === 0) bucket.objects.delete(key);
  else bucket.objects.set(key, left);
}
