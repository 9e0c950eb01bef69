import type { IncomingHttpHeaders } from "node:http";
import type { ApiError } from "../api-error.ts";
import { type HttpAnswer, jsonAnswer } from "./http-answer.ts";

/** A request of the distribution API, read. Source: OCI distribution specification. */
export interface RegistryRequest {
  readonly method: string;
  /** Of the repository; empty: the registry itself is asked. */
  readonly name: string;
  readonly kind: "base" | "manifests" | "blobs" | "uploads" | "tags";
  /** A tag, a digest or the id of an upload; empty: none. */
  readonly reference: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

const pathPattern = /^\/v2\/(.+)\/(?:(manifests|tags)\/([^/]+)|blobs\/(?:(uploads)\/?([^/]*)|([^/]+)))$/;

/** Whether a request is for the distribution API: nobody else has these paths, but buckets and functions may. */
export function isRegistryRequest(target: string, headers: IncomingHttpHeaders): boolean {
  return (
    /^\/v2(?:\/|\?|$)/.test(target) &&
    headers.authorization?.startsWith("AWS4-") !== true &&
    headers.host?.includes(".lambda-url.") !== true
  );
}

/** Undefined for a path that the API does not have. */
export function readRegistryRequest(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
): RegistryRequest | undefined {
  const { pathname, searchParams: query } = new URL(target, "http://localhost");
  const common = { method, query, headers };
  if (/^\/v2\/?$/.test(pathname)) return { ...common, name: "", kind: "base", reference: "" };
  const match = pathPattern.exec(pathname);
  if (match === null) return undefined;
  const [, name = "", kind, reference, uploads, upload, digest] = match;
  if (uploads !== undefined) return { ...common, name, kind: "uploads", reference: upload ?? "" };
  if (kind === "manifests") return { ...common, name, kind, reference: decodeURIComponent(reference ?? "") };
  if (kind === "tags") return { ...common, name, kind, reference: "" };
  return { ...common, name, kind: "blobs", reference: decodeURIComponent(digest ?? "") };
}

/** What the distribution API makes of ECR's errors. Source: OCI distribution specification; what docker prints of ECR. */
const codes: Readonly<Record<string, readonly [status: number, code: string]>> = {
  RepositoryNotFoundException: [404, "NAME_UNKNOWN"],
  ImageNotFoundException: [404, "MANIFEST_UNKNOWN"],
  LayersNotFoundException: [400, "MANIFEST_BLOB_UNKNOWN"],
  LayerInaccessibleException: [404, "BLOB_UNKNOWN"],
  ImageTagAlreadyExistsException: [400, "TAG_INVALID"],
  ImageDigestDoesNotMatchException: [400, "DIGEST_INVALID"],
  InvalidLayerException: [400, "DIGEST_INVALID"],
  InvalidLayerPartException: [416, "BLOB_UPLOAD_INVALID"],
  EmptyUploadException: [400, "BLOB_UPLOAD_INVALID"],
  UploadNotFoundException: [404, "BLOB_UPLOAD_UNKNOWN"],
  InvalidParameterException: [400, "MANIFEST_INVALID"],
  AccessDeniedException: [403, "DENIED"],
  AccessDenied: [403, "DENIED"],
  ExpiredTokenException: [403, "DENIED"],
  UnrecognizedClientException: [403, "DENIED"],
};

export function registryError(status: number, code: string, message: string): HttpAnswer {
  return jsonAnswer(status, { errors: [{ code, message }] });
}

export function registryAnswerTo(error: ApiError): HttpAnswer {
  const [status, code] = codes[error.code] ?? [
    error.status,
    error.status === 429 ? "TOOMANYREQUESTS" : "UNKNOWN",
  ];
  return registryError(status, code, error.message);
}
