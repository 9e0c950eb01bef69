import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, numeric, text } from "../input.ts";
import type { Bucket, BucketStore, ObjectVersion } from "./bucket-store.ts";

interface Parts {
  readonly buckets: BucketStore;
}

const largestPage = 1000;

function sizeOfPage(input: Input): number {
  return Math.min(largestPage, numeric(input, "MaxKeys") ?? largestPage);
}

function described(version: ObjectVersion): Record<string, unknown> {
  return {
    Key: version.key,
    LastModified: version.modifiedMs / 1000,
    ETag: version.etag,
    Size: version.body?.length ?? 0,
    StorageClass: "STANDARD",
  };
}

interface Page {
  readonly versions: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  /** The last key or prefix of the page when there are more; null: it is the last page. */
  readonly more: string | null;
}

/** The newest versions whose keys come after `after`; keys that have a delimiter after the prefix are gathered. */
function pageOf(bucket: Bucket, input: Input, after: string): Page {
  const prefix = text(input, "Prefix") ?? "";
  const delimiter = text(input, "Delimiter") ?? "";
  const versions: ObjectVersion[] = [];
  const prefixes: string[] = [];
  const size = sizeOfPage(input);
  let last = after;
  for (const key of [...bucket.objects.keys()].sort()) {
    const newest = bucket.objects.get(key)?.[0];
    if (newest === undefined || newest.body === null || !key.startsWith(prefix)) continue;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const shown = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    if (shown <= last && last !== "") continue;
    if (versions.length + prefixes.length >= size) return { versions, prefixes, more: last };
    last = shown;
    if (cut < 0) versions.push(newest);
    else prefixes.push(shown);
  }
  return { versions, prefixes, more: null };
}

function common(bucket: Bucket, input: Input, page: Page): Record<string, unknown> {
  const delimiter = text(input, "Delimiter");
  return {
    Name: bucket.name,
    Prefix: text(input, "Prefix") ?? "",
    ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
    MaxKeys: sizeOfPage(input),
    IsTruncated: page.more !== null,
    Contents: page.versions.map(described),
    CommonPrefixes: page.prefixes.map((Prefix) => ({ Prefix })),
  };
}

function listV2(bucket: Bucket, input: Input): unknown {
  const token = text(input, "ContinuationToken");
  const page = pageOf(
    bucket,
    input,
    token === undefined ? (text(input, "StartAfter") ?? "") : Buffer.from(token, "base64").toString(),
  );
  return {
    ...common(bucket, input, page),
    KeyCount: page.versions.length + page.prefixes.length,
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(page.more === null ? {} : { NextContinuationToken: Buffer.from(page.more).toString("base64") }),
  };
}

function listV1(bucket: Bucket, input: Input): unknown {
  const marker = text(input, "Marker") ?? "";
  const page = pageOf(bucket, input, marker);
  return {
    ...common(bucket, input, page),
    Marker: marker,
    ...(page.more === null ? {} : { NextMarker: page.more }),
  };
}

/** All versions, without pages: the buckets of a sandbox are small. */
function listVersions(bucket: Bucket, input: Input): unknown {
  const prefix = text(input, "Prefix") ?? "";
  const all = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort()
    .flatMap((key) => (bucket.objects.get(key) ?? []).map((version, index) => ({ version, index })));
  const view = ({ version, index }: (typeof all)[number]): Record<string, unknown> => ({
    ...described(version),
    VersionId: version.versionId,
    IsLatest: index === 0,
  });
  return {
    Name: bucket.name,
    Prefix: prefix,
    MaxKeys: sizeOfPage(input),
    IsTruncated: false,
    Versions: all.filter(({ version }) => version.body !== null).map(view),
    DeleteMarkers: all
      .filter(({ version }) => version.body === null)
      .map((one) => {
        const { Key, LastModified, VersionId, IsLatest } = view(one);
        return { Key, LastModified, VersionId, IsLatest };
      }),
  };
}

/** S3's lists of the objects of a bucket. */
export function objectListHandlers(parts: Parts): Handlers {
  const named = (input: Input, context: CallContext): Bucket =>
    parts.buckets.get(needText(input, "Bucket"), context);
  return {
    ListObjects: (input, context) => listV1(named(input, context), input),
    ListObjectsV2: (input, context) => listV2(named(input, context), input),
    ListObjectVersions: (input, context) => listVersions(named(input, context), input),
  };
}
