import { type Input, isRecord } from "../input.ts";
import type { Need } from "./decide.ts";

/** Of operations that have another name in IAM; [without, with] a version. Source: Amazon S3 user guide, "Policy actions". */
const iamNames: Readonly<Record<string, readonly [string, string]>> = {
  ListBuckets: ["ListAllMyBuckets", "ListAllMyBuckets"],
  HeadBucket: ["ListBucket", "ListBucket"],
  ListObjects: ["ListBucket", "ListBucket"],
  ListObjectsV2: ["ListBucket", "ListBucket"],
  ListObjectVersions: ["ListBucketVersions", "ListBucketVersions"],
  GetBucketVersioning: ["GetBucketVersioning", "GetBucketVersioning"],
  GetObject: ["GetObject", "GetObjectVersion"],
  HeadObject: ["GetObject", "GetObjectVersion"],
  DeleteObject: ["DeleteObject", "DeleteObjectVersion"],
  CreateMultipartUpload: ["PutObject", "PutObject"],
  UploadPart: ["PutObject", "PutObject"],
  CompleteMultipartUpload: ["PutObject", "PutObject"],
  AbortMultipartUpload: ["AbortMultipartUpload", "AbortMultipartUpload"],
};

/** What a call of S3 needs. */
export function s3Needs(operation: string, input: Input): readonly Need[] {
  const { Bucket: bucket, Key: key, VersionId: version, Prefix: prefix, Delete: deleted } = input;
  if (typeof bucket !== "string") return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
  const place = `arn:aws:s3:::${bucket}`;
  if (operation === "DeleteObjects") {
    const objects: unknown = isRecord(deleted) ? deleted["Objects"] : input["Objects"];
    const all: unknown[] = Array.isArray(objects) ? objects : [];
    return all.filter(isRecord).map((one) => ({
      action: one["VersionId"] === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion",
      resource: `${place}/${String(one["Key"])}`,
    }));
  }
  const [plain, versioned] = iamNames[operation] ?? [operation, operation];
  return [
    {
      action: `s3:${typeof version === "string" ? versioned : plain}`,
      resource: typeof key === "string" ? `${place}/${key}` : place,
      ...(typeof prefix === "string" ? { keys: { "s3:prefix": prefix } } : {}),
    },
  ];
}
