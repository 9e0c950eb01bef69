import { createHash } from "node:crypto";
import type { CallContext, Handlers } from "../caller.ts";
import { blob, type Input, needText, numeric, record, records, text, textMap } from "../input.ts";
import type { Bucket, PartedUpload } from "./bucket-store.ts";
import { etagOf, type ObjectParts, putObject } from "./objects.ts";
import { badArgument, badPart, noUpload } from "./s3-errors.ts";

const mostParts = 10_000;

interface Found {
  readonly bucket: Bucket;
  readonly id: string;
  readonly upload: PartedUpload;
}

function found({ buckets }: ObjectParts, input: Input, context: CallContext): Found {
  const bucket = buckets.get(needText(input, "Bucket"), context);
  const id = needText(input, "UploadId");
  const upload = bucket.uploads.get(id);
  if (upload === undefined || upload.key !== needText(input, "Key")) throw noUpload(id);
  return { bucket, id, upload };
}

function addPart({ upload }: Found, input: Input): unknown {
  const number = numeric(input, "PartNumber") ?? 0;
  if (!Number.isInteger(number) || number < 1 || number > mostParts) {
    throw badArgument(`Part number must be an integer between 1 and ${mostParts}, inclusive`);
  }
  const body = blob(input, "Body") ?? Buffer.alloc(0);
  const etag = etagOf(body);
  upload.parts.set(number, { body, etag });
  return { ETag: etag };
}

/** The entity tag of an object in parts: the digest of the digests, and the number of parts. */
function partedEtag(etags: readonly string[]): string {
  const digests = Buffer.concat(etags.map((etag) => Buffer.from(etag.replaceAll('"', ""), "hex")));
  return `"${createHash("md5").update(digests).digest("hex")}-${etags.length}"`;
}

function complete(
  parts: ObjectParts,
  { bucket, id, upload }: Found,
  input: Input,
  context: CallContext,
): unknown {
  const wanted = records(record(input, "MultipartUpload") ?? {}, "Parts") ?? [];
  const chosen = wanted.map((one) => {
    const part = upload.parts.get(numeric(one, "PartNumber") ?? 0);
    const etag = text(one, "ETag")?.replaceAll('"', "");
    if (part === undefined || part.etag !== `"${etag}"`) throw badPart();
    return part;
  });
  if (chosen.length === 0) throw badPart();
  const made = {
    key: upload.key,
    body: Buffer.concat(chosen.map(({ body }) => body)),
    etag: partedEtag(chosen.map(({ etag }) => etag)),
    contentType: upload.contentType,
    metadata: upload.metadata,
  };
  bucket.uploads.delete(id);
  return {
    Location: `/${bucket.name}/${upload.key}`,
    Bucket: bucket.name,
    Key: upload.key,
    ...putObject(parts, bucket, made, context),
  };
}

/** S3's uploads in parts, as clients make them of large files. */
export function uploadHandlers(parts: ObjectParts): Handlers {
  return {
    CreateMultipartUpload: (input, context) => {
      const bucket = parts.buckets.get(needText(input, "Bucket"), context);
      const key = needText(input, "Key");
      const id = parts.ids.uuid().replaceAll("-", "");
      bucket.uploads.set(id, {
        key,
        contentType: text(input, "ContentType") ?? "binary/octet-stream",
        metadata: textMap(input, "Metadata") ?? {},
        parts: new Map(),
      });
      return { Bucket: bucket.name, Key: key, UploadId: id };
    },
    UploadPart: (input, context) => addPart(found(parts, input, context), input),
    CompleteMultipartUpload: (input, context) =>
      complete(parts, found(parts, input, context), input, context),
    AbortMultipartUpload: (input, context) => {
      const { bucket, id } = found(parts, input, context);
      bucket.uploads.delete(id);
      return {};
    },
  };
}
