import type { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { element, type MemberRule, xmlMembers } from "./xml.ts";

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Root elements of the answers that are documents. Source: the service model of S3. */
const roots: Readonly<Record<string, string>> = {
  ListBuckets: "ListAllMyBucketsResult",
  GetBucketLocation: "LocationConstraint",
  GetBucketVersioning: "VersioningConfiguration",
  ListObjects: "ListBucketResult",
  ListObjectsV2: "ListBucketResult",
  ListObjectVersions: "ListVersionsResult",
  DeleteObjects: "DeleteResult",
  CreateMultipartUpload: "InitiateMultipartUploadResult",
  CompleteMultipartUpload: "CompleteMultipartUploadResult",
};

const lists: Readonly<Record<string, string>> = {
  Versions: "Version",
  DeleteMarkers: "DeleteMarker",
  Contents: "Contents",
  CommonPrefixes: "CommonPrefixes",
  Deleted: "Deleted",
};

const rule: MemberRule = (name, value) => {
  if ((name === "LastModified" || name === "CreationDate") && typeof value === "number") {
    return element(name, new Date(value * 1000).toISOString());
  }
  if (!Array.isArray(value)) return null;
  const item = lists[name];
  const written = value.map((one: unknown) =>
    element(item ?? "Bucket", isRecord(one) ? xmlMembers(one, rule) : ""),
  );
  return item === undefined ? element(name, written.join("")) : written.join("");
};

function headersOf(output: Record<string, unknown>): Record<string, string> {
  const headers: Record<string, string> = {};
  const put = (name: string, value: unknown): void => {
    if (typeof value === "string" || typeof value === "boolean") headers[name] = String(value);
  };
  put("etag", output["ETag"]);
  put("x-amz-version-id", output["VersionId"]);
  put("x-amz-delete-marker", output["DeleteMarker"]);
  put("x-amz-bucket-region", output["BucketRegion"]);
  put("x-amz-server-side-encryption", output["ServerSideEncryption"]);
  put("location", output["Location"]);
  put("accept-ranges", output["AcceptRanges"]);
  put("content-range", output["ContentRange"]);
  put("content-type", output["ContentType"]);
  const modified = output["LastModified"];
  if (typeof modified === "number") headers["last-modified"] = new Date(modified * 1000).toUTCString();
  const { Metadata: metadata } = output;
  if (isRecord(metadata)) {
    for (const [name, value] of Object.entries(metadata)) put(`x-amz-meta-${name}`, value);
  }
  return headers;
}

function xml(status: number, text: string): HttpAnswer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return { status, headers: { "content-type": "application/xml" }, body };
}

const statuses: Readonly<Record<string, number>> = {
  DeleteBucket: 204,
  DeleteObject: 204,
  AbortMultipartUpload: 204,
};

/** Writes the output of an operation of S3. */
export function s3Answer(operation: string, output: unknown): HttpAnswer {
  const members = isRecord(output) ? output : {};
  const root = roots[operation];
  if (operation === "GetBucketLocation") {
    const { LocationConstraint: location = "" } = members;
    return xml(200, `<LocationConstraint xmlns="${namespace}">${String(location)}</LocationConstraint>`);
  }
  if (root !== undefined) {
    return xml(200, `<${root} xmlns="${namespace}">${xmlMembers(members, rule)}</${root}>`);
  }
  const { Body: body, ContentLength: length } = members;
  const headers = headersOf(members);
  if (operation === "HeadObject") headers["content-length"] = String(length);
  return {
    status: statuses[operation] ?? (headers["content-range"] === undefined ? 200 : 206),
    headers,
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
  };
}

/** What S3 says of credentials, in codes and words of its own. Source: S3 API reference, "Error responses". */
const aboutCredentials: Readonly<Record<string, readonly [status: number, code: string, words: string]>> = {
  ExpiredTokenException: [400, "ExpiredToken", "The provided token has expired."],
  InvalidSignatureException: [
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  ],
  UnrecognizedClientException: [
    403,
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
  ],
};

/** Writes an error of S3; the answer to HEAD has no document. */
export function s3Error(error: ApiError, method: string, requestId: string): HttpAnswer {
  const { Region: region, ...members } = error.body;
  const usual = error.code === "AccessDeniedException" ? "AccessDenied" : error.code;
  const [status, code, message] = aboutCredentials[error.code] ?? [error.status, usual, error.message];
  const inner = xmlMembers(
    { Code: code, Message: message, ...members, RequestId: requestId, HostId: requestId },
    rule,
  );
  const answer = xml(status, element("Error", inner));
  const headers = {
    ...answer.headers,
    ...(typeof region === "string" ? { "x-amz-bucket-region": region } : {}),
  };
  return method === "HEAD" ? { ...answer, headers, body: Buffer.alloc(0) } : { ...answer, headers };
}
