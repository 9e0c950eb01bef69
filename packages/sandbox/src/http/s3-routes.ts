import { ApiError } from "../api-error.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import type { HttpRequest } from "./http-answer.ts";

/** A request to S3, read. */
export interface S3Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

interface Address {
  readonly bucket: string;
  readonly key: string;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, "InvalidURI", "Couldn't parse the specified URI.", { type: null });
  }
}

/** The bucket may be the first part of the path or of the host: `NAME.localhost`, `NAME.s3.…`. */
function addressOf(request: HttpRequest): Address {
  const path = request.target.split("?", 1)[0] ?? "/";
  const host = (request.headers["host"] ?? "").replace(/:\d+$/, "");
  const hosted = /^(.+?)\.(?:s3[.-].+|localhost)$/.exec(host)?.[1];
  if (hosted !== undefined && hosted !== "s3") return { bucket: hosted, key: decoded(path.slice(1)) };
  const slash = path.indexOf("/", 1);
  if (slash < 0) return { bucket: decoded(path.slice(1)), key: "" };
  return { bucket: decoded(path.slice(1, slash)), key: decoded(path.slice(slash + 1)) };
}

/** Operations by method, what is addressed, and the first of these names that the query has. */
const operations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "GET service": { "": "ListBuckets" },
  "HEAD bucket": { "": "HeadBucket" },
  "PUT bucket": { versioning: "PutBucketVersioning", "": "CreateBucket" },
  "DELETE bucket": { "": "DeleteBucket" },
  "POST bucket": { delete: "DeleteObjects" },
  "GET bucket": {
    location: "GetBucketLocation",
    versioning: "GetBucketVersioning",
    versions: "ListObjectVersions",
    "list-type": "ListObjectsV2",
    "": "ListObjects",
  },
  "PUT object": { uploadId: "UploadPart", "": "PutObject" },
  "GET object": { "": "GetObject" },
  "HEAD object": { "": "HeadObject" },
  "DELETE object": { uploadId: "AbortMultipartUpload", "": "DeleteObject" },
  "POST object": { uploads: "CreateMultipartUpload", uploadId: "CompleteMultipartUpload" },
};

/** Other resources of buckets and objects, which this cloud does not have. */
const foreign =
  /^(acl|tagging|policy|cors|lifecycle|website|logging|notification|encryption|replication|attributes|restore|torrent|retention|legal-hold|object-lock|publicAccessBlock|ownershipControls|accelerate|requestPayment|inventory|metrics|analytics|intelligent-tiering|uploads|policyStatus|select)$/;

function operationOf(request: HttpRequest, { bucket, key }: Address, query: URLSearchParams): string {
  const what = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const known = operations[`${request.method} ${what}`] ?? {};
  const copied = request.headers["x-amz-copy-source"] !== undefined;
  const named = Object.keys(known).find((name) => name !== "" && query.has(name));
  const alien = named === undefined && [...query.keys()].some((name) => foreign.test(name));
  const operation = known[named ?? ""];
  if (operation !== undefined && !alien && !copied) return operation;
  throw new ApiError(
    501,
    "NotImplemented",
    `${request.method} ${request.target} is nothing that the S3 of this cloud has: buckets, objects, their lists, versions and uploads in parts.`,
    { type: null },
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&#13;", "\r")
    .replaceAll("&#10;", "\n")
    .replaceAll("&amp;", "&");
}

/** The contents of all elements of one name. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, inner = ""]) => inner,
  );
}

function members(xml: string, names: readonly string[]): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const [inner] = elements(xml, name);
    if (inner !== undefined) read[name] = unescaped(inner);
  }
  return read;
}

/** What the XML in the body of an operation says. */
function documentOf(operation: string, body: Buffer): Record<string, unknown> {
  const xml = body.toString("utf8");
  switch (operation) {
    case "CreateBucket":
      return xml === "" ? {} : { CreateBucketConfiguration: members(xml, ["LocationConstraint"]) };
    case "PutBucketVersioning":
      return { VersioningConfiguration: members(xml, ["Status"]) };
    case "DeleteObjects": {
      const Objects = elements(xml, "Object").map((one) => members(one, ["Key", "VersionId"]));
      return { Delete: { Objects, Quiet: elements(xml, "Quiet")[0] === "true" } };
    }
    case "CompleteMultipartUpload": {
      const Parts = elements(xml, "Part").map((one) => members(one, ["PartNumber", "ETag"]));
      return { MultipartUpload: { Parts } };
    }
    default:
      return {};
  }
}

const queryMembers: Readonly<Record<string, string>> = {
  versionId: "VersionId",
  uploadId: "UploadId",
  partNumber: "PartNumber",
  prefix: "Prefix",
  delimiter: "Delimiter",
  "max-keys": "MaxKeys",
  marker: "Marker",
  "continuation-token": "ContinuationToken",
  "start-after": "StartAfter",
  "encoding-type": "EncodingType",
};

function headerMembers(request: HttpRequest): Record<string, unknown> {
  const type = request.headers["content-type"];
  const range = request.headers["range"];
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith("x-amz-meta-") && value !== undefined) metadata[name.slice(11)] = value;
  }
  return {
    ...(type === undefined ? {} : { ContentType: type }),
    ...(range === undefined ? {} : { Range: range }),
    Metadata: metadata,
  };
}

function isChunked({ headers }: HttpRequest): boolean {
  return (
    headers["content-encoding"]?.includes("aws-chunked") === true ||
    headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true
  );
}

/** Reads a request to S3; throws 501 for what this cloud has not. */
export function readS3Call(request: HttpRequest): S3Call {
  const at = request.target.indexOf("?");
  const query = new URLSearchParams(at < 0 ? "" : request.target.slice(at + 1));
  const address = addressOf(request);
  const operation = operationOf(request, address, query);
  const input: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(queryMembers)) {
    const value = query.get(name);
    if (value !== null) input[member] = value;
  }
  if (address.bucket !== "") input["Bucket"] = address.bucket;
  if (address.key !== "") Object.assign(input, { Key: address.key, ...headerMembers(request) });
  const body = isChunked(request) ? decodeAwsChunked(request.body) : request.body;
  if (operation === "PutObject" || operation === "UploadPart")
    return { operation, input: { ...input, Body: body } };
  return { operation, input: { ...input, ...documentOf(operation, body) } };
}
