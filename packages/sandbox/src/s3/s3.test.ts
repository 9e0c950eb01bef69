import { expect, it } from "vitest";
import { smallestZip, type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";

const Bucket = "deployments";

async function withBucket(): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await virtual.call("s3:CreateBucket", { Bucket });
  return virtual;
}

it("gives back what was put, with its digest and its metadata", async () => {
  const virtual = await withBucket();
  const Metadata = { origin: "build-7" };
  await virtual.call("s3:PutObject", { Bucket, Key: "a/b.txt", Body: Buffer.from("hello"), Metadata });
  const { Body, ...head } = await virtual.call("s3:GetObject", { Bucket, Key: "a/b.txt" });
  expect(String(Body)).toBe("hello");
  expect(head).toMatchObject({ ETag: '"5d41402abc4b2a76b9719d911017c592"', ContentLength: 5, Metadata });
  expect(await virtual.call("s3:HeadObject", { Bucket, Key: "a/b.txt" })).toEqual(head);
  expect(await virtual.call("s3:GetObject", { Bucket, Key: "a/b.txt", Range: "bytes=1-2" })).toMatchObject({
    Body: Buffer.from("el"),
    ContentRange: "bytes 1-2/5",
  });
});

it("keeps versions only while it is told to, and marks what is deleted", async () => {
  const virtual = await withBucket();
  const put = async (text: string): Promise<unknown> =>
    (await virtual.call("s3:PutObject", { Bucket, Key: "k", Body: Buffer.from(text) }))["VersionId"];
  expect(await put("zero")).toBeUndefined();
  const VersioningConfiguration = { Status: "Enabled" };
  await virtual.call("s3:PutBucketVersioning", { Bucket, VersioningConfiguration });
  const VersionId = await put("one");
  await put("two");
  await virtual.call("s3:DeleteObject", { Bucket, Key: "k" });
  await expect(virtual.call("s3:GetObject", { Bucket, Key: "k" })).rejects.toMatchObject({
    code: "NoSuchKey",
  });
  expect(await virtual.call("s3:GetObject", { Bucket, Key: "k", VersionId })).toMatchObject({
    Body: Buffer.from("one"),
  });
  const listed = await virtual.call("s3:ListObjectVersions", { Bucket });
  expect(listed).toMatchObject({
    Versions: [{}, {}, { VersionId: "null" }],
    DeleteMarkers: [{ IsLatest: true }],
  });
  await expect(virtual.call("s3:DeleteBucket", { Bucket })).rejects.toMatchObject({ code: "BucketNotEmpty" });
});

it("puts parts together in the order that is asked for", async () => {
  const virtual = await withBucket();
  const upload = { Bucket, Key: "large" };
  const { UploadId } = await virtual.call("s3:CreateMultipartUpload", upload);
  const part = async (PartNumber: number, text: string): Promise<Record<string, unknown>> => ({
    PartNumber,
    ...(await virtual.call("s3:UploadPart", { ...upload, UploadId, PartNumber, Body: Buffer.from(text) })),
  });
  const second = await part(2, "world");
  const first = await part(1, "hello ");
  const wrong = { Parts: [{ PartNumber: 1, ETag: second["ETag"] }] };
  await expect(
    virtual.call("s3:CompleteMultipartUpload", { ...upload, UploadId, MultipartUpload: wrong }),
  ).rejects.toMatchObject({ code: "InvalidPart" });
  const MultipartUpload = { Parts: [first, second] };
  await virtual.call("s3:CompleteMultipartUpload", { ...upload, UploadId, MultipartUpload });
  expect(await virtual.call("s3:GetObject", upload)).toMatchObject({ Body: Buffer.from("hello world") });
});

it("lists keys by prefix, folder and page", async () => {
  const virtual = await withBucket();
  for (const Key of ["a/1", "a/2", "b", "c"]) await virtual.call("s3:PutObject", { Bucket, Key });
  expect(await virtual.call("s3:ListObjectsV2", { Bucket, Delimiter: "/" })).toMatchObject({
    Contents: [{ Key: "b" }, { Key: "c" }],
    CommonPrefixes: [{ Prefix: "a/" }],
    KeyCount: 3,
  });
  const page = await virtual.call("s3:ListObjectsV2", { Bucket, MaxKeys: 3 });
  expect(page).toMatchObject({ IsTruncated: true, Contents: [{ Key: "a/1" }, { Key: "a/2" }, { Key: "b" }] });
  const { NextContinuationToken: ContinuationToken } = page;
  expect(await virtual.call("s3:ListObjectsV2", { Bucket, ContinuationToken })).toMatchObject({
    IsTruncated: false,
    Contents: [{ Key: "c" }],
  });
});

it("refuses buckets that are bad, taken or elsewhere", async () => {
  const virtual = await withBucket();
  const west = (action: string, input: object): Promise<unknown> =>
    virtual.cloud.call(action, { ...input }, { region: "us-west-2" });
  await expect(virtual.call("s3:CreateBucket", { Bucket: "No_Name" })).rejects.toMatchObject({
    code: "InvalidBucketName",
  });
  await expect(west("s3:CreateBucket", { Bucket: "other" })).rejects.toMatchObject({
    code: "IllegalLocationConstraintException",
  });
  await expect(west("s3:HeadBucket", { Bucket })).rejects.toMatchObject({
    status: 301,
    body: { Region: "us-east-1" },
  });
  await expect(virtual.call("s3:HeadBucket", { Bucket: "nowhere" })).rejects.toMatchObject({ status: 404 });
});

const Role = "arn:aws:iam::000000000000:role/r";
const zipped = { FunctionName: "from-bucket", Runtime: "nodejs22.x", Handler: "index.handler", Role };

it("makes functions and layers of code in buckets, also of an older version of it", async () => {
  const virtual = await withBucket();
  await virtual.call("s3:PutBucketVersioning", { Bucket, VersioningConfiguration: { Status: "Enabled" } });
  const old = smallestZip("index.js");
  const { VersionId } = await virtual.call("s3:PutObject", { Bucket, Key: "f.zip", Body: old });
  await virtual.call("s3:PutObject", { Bucket, Key: "f.zip", Body: smallestZip("longer-name.js") });
  const place = { S3Bucket: Bucket, S3Key: "f.zip" };
  const made = await virtual.call("lambda:CreateFunction", { ...zipped, Code: place });
  expect(made).toMatchObject({ CodeSize: smallestZip("longer-name.js").length, PackageType: "Zip" });
  virtual.pass(1000);
  const changed = { FunctionName: "from-bucket", ...place, S3ObjectVersion: VersionId };
  expect(await virtual.call("lambda:UpdateFunctionCode", changed)).toMatchObject({ CodeSize: old.length });
  const layer = { LayerName: "shared", Content: place };
  expect(await virtual.call("lambda:PublishLayerVersion", layer)).toMatchObject({ Version: 1 });
});

it("says what S3 said when code is not there", async () => {
  const virtual = await withBucket();
  const words = async (Code: object, region = "us-east-1"): Promise<unknown> =>
    virtual.cloud.call("lambda:CreateFunction", { ...zipped, Code }, { region }).then(
      () => "made",
      (error: unknown) => (error instanceof Error ? error.message : error),
    );
  const said = (code: string, text: string): string =>
    `Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${text}`;
  expect(await words({ S3Bucket: "nowhere", S3Key: "k" })).toBe(
    said("NoSuchBucket", "The specified bucket does not exist"),
  );
  expect(await words({ S3Bucket: Bucket, S3Key: "k" })).toBe(
    said("NoSuchKey", "The specified key does not exist."),
  );
  expect(await words({ S3Bucket: Bucket, S3Key: "k", S3ObjectVersion: "v1" })).toBe(
    said("NoSuchVersion", "The specified version does not exist."),
  );
  expect(await words({ S3Bucket: Bucket, S3Key: "k" }, "eu-west-1")).toBe(
    said(
      "PermanentRedirect",
      "The bucket is in this region: us-east-1. Please use this region to retry the request",
    ),
  );
});

it("takes no image for a function of a zip", async () => {
  const virtual = virtualCloud();
  await withFunction(virtual, "worker");
  const ImageUri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop:1";
  await expect(
    virtual.call("lambda:UpdateFunctionCode", { FunctionName: "worker", ImageUri }),
  ).rejects.toThrow("Please don't provide ImageUri when updating a function with packageType Zip.");
});
