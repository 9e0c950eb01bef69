import { createHash } from "node:crypto";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { blob, type Input, needText, record, records, text, textMap } from "../input.ts";
import {
  type Bucket,
  type BucketStore,
  dropVersion,
  type ObjectVersion,
  putVersion,
} from "./bucket-store.ts";
import { badArgument, badRange, deletedVersion, noKey, noVersion } from "./s3-errors.ts";

export interface ObjectParts {
  readonly buckets: BucketStore;
  readonly ids: Ids;
}

/** The entity tag of bytes that came in one piece. */
export function etagOf(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

function versionIdOf(bucket: Bucket, ids: Ids): string {
  return bucket.versioning === "Enabled" ? ids.uuid().replaceAll("-", "") : "null";
}

/** Where an object is put, and what it is. */
export interface NewObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Stores an object and gives what an answer says of it. */
export function putObject(
  { ids }: ObjectParts,
  bucket: Bucket,
  made: NewObject,
  { now }: Pick<CallContext, "now">,
): Record<string, unknown> {
  const versionId = versionIdOf(bucket, ids);
  putVersion(bucket, { ...made, versionId, modifiedMs: now });
  return { ETag: made.etag, ...shownVersion(bucket, versionId) };
}

function shownVersion({ versioning }: Bucket, VersionId: string): Record<string, unknown> {
  return versioning === null ? {} : { VersionId };
}

/**
 * The version of an object that is asked for; null: the newest. Throws S3's 404 for what is not there or deleted, 405 for
 * the mark of a deletion, 400 for what cannot be the id of a version.
 */
export function objectVersion(
  bucket: Bucket,
  key: string,
  versionId: string | null,
): ObjectVersion & { body: Buffer } {
  const versions = bucket.objects.get(key) ?? [];
  if (versionId !== null && versionId !== "null" && !/^[\w.-]{1,1024}$/.test(versionId)) {
    throw badArgument("Invalid version id specified");
  }
  const found = versionId === null ? versions[0] : versions.find((one) => one.versionId === versionId);
  if (found === undefined) throw versionId === null ? noKey(key) : noVersion(key, versionId);
  const { body } = found;
  if (body === null) throw versionId === null ? noKey(key) : deletedVersion(key);
  return { ...found, body };
}

/** Start and end (exclusive) of a `bytes=` range; undefined when it is none that can be read. */
function rangeOf(range: string | undefined, size: number): readonly [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
  if (match === null) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  if (from === "") return [Math.max(0, size - Number(to)), size];
  if (Number(from) >= size) throw badRange();
  return [Number(from), to === "" ? size : Math.min(size, Number(to) + 1)];
}

function headView(bucket: Bucket, found: ObjectVersion & { body: Buffer }): Record<string, unknown> {
  return {
    AcceptRanges: "bytes",
    LastModified: found.modifiedMs / 1000,
    ContentLength: found.body.length,
    ETag: found.etag,
    ...shownVersion(bucket, found.versionId),
    ContentType: found.contentType,
    ServerSideEncryption: "AES256",
    Metadata: { ...found.metadata },
  };
}

function getObject(bucket: Bucket, input: Input): unknown {
  const found = objectVersion(bucket, needText(input, "Key"), text(input, "VersionId") ?? null);
  const range = rangeOf(text(input, "Range"), found.body.length);
  const head = headView(bucket, found);
  if (range === undefined) return { ...head, Body: found.body };
  const Body = found.body.subarray(range[0], range[1]);
  return {
    ...head,
    ContentLength: Body.length,
    ContentRange: `bytes ${range[0]}-${range[1] - 1}/${found.body.length}`,
    Body,
  };
}

/** Deletes a version, or puts the mark of a deletion where the bucket keeps versions. What is not there is deleted, too. */
function deleteObject(
  { ids }: ObjectParts,
  bucket: Bucket,
  input: Input,
  { now }: CallContext,
): Record<string, unknown> {
  const key = needText(input, "Key");
  const wanted = text(input, "VersionId");
  if (wanted !== undefined) {
    const found = (bucket.objects.get(key) ?? []).find((one) => one.versionId === wanted);
    if (found !== undefined) dropVersion(bucket, found);
    return { VersionId: wanted, ...(found?.body === null ? { DeleteMarker: true } : {}) };
  }
  if (bucket.versioning === null) {
    bucket.objects.delete(key);
    return {};
  }
  const versionId = versionIdOf(bucket, ids);
  putVersion(bucket, {
    key,
    versionId,
    body: null,
    etag: "",
    contentType: "",
    metadata: {},
    modifiedMs: now,
  });
  return { DeleteMarker: true, VersionId: versionId };
}

function deleteObjects(parts: ObjectParts, bucket: Bucket, input: Input, context: CallContext): unknown {
  const wanted = record(input, "Delete") ?? {};
  const deleted = (records(wanted, "Objects") ?? []).map((one) => {
    const { VersionId: id, DeleteMarker: marker } = deleteObject(parts, bucket, one, context);
    const asked = text(one, "VersionId");
    return {
      Key: needText(one, "Key"),
      ...(asked === undefined ? {} : { VersionId: asked }),
      ...(marker === true ? { DeleteMarker: true, DeleteMarkerVersionId: id } : {}),
    };
  });
  return wanted["Quiet"] === true ? {} : { Deleted: deleted };
}

/** S3's operations on single objects. */
export function objectHandlers(parts: ObjectParts): Handlers {
  const named = (input: Input, context: CallContext): Bucket =>
    parts.buckets.get(needText(input, "Bucket"), context);
  return {
    PutObject: (input, context) => {
      const bucket = named(input, context);
      const body = blob(input, "Body") ?? Buffer.alloc(0);
      const made = {
        key: needText(input, "Key"),
        body,
        etag: etagOf(body),
        contentType: text(input, "ContentType") ?? "binary/octet-stream",
        metadata: textMap(input, "Metadata") ?? {},
      };
      return { ...putObject(parts, bucket, made, context), ServerSideEncryption: "AES256" };
    },
    GetObject: (input, context) => getObject(named(input, context), input),
    HeadObject: (input, context) => {
      const bucket = named(input, context);
      return headView(
        bucket,
        objectVersion(bucket, needText(input, "Key"), text(input, "VersionId") ?? null),
      );
    },
    DeleteObject: (input, context) => deleteObject(parts, named(input, context), input, context),
    DeleteObjects: (input, context) => deleteObjects(parts, named(input, context), input, context),
  };
}
