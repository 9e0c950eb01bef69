import { createHash, createHmac } from "node:crypto";
import type { HttpRequest } from "./http-answer.ts";

/** What the signature of a request says about who sent it. */
export interface SignatureScope {
  readonly accessKey: string | null;
  readonly region: string;
  readonly service: string | null;
}

/** Reads the credential scope of a Signature Version 4, from the header or from a presigned query. */
export function signatureScope(request: Pick<HttpRequest, "headers" | "target">): SignatureScope {
  const header = request.headers["authorization"] ?? "";
  const inHeader = /Credential=([^,\s]+)/.exec(header)?.[1];
  const inQuery = /[?&]X-Amz-Credential=([^&]+)/.exec(request.target)?.[1];
  const parts = (inHeader ?? inQuery?.replaceAll("%2F", "/") ?? "").split("/");
  if (parts.length < 5) return { accessKey: null, region: "us-east-1", service: null };
  const [service, region] = [parts.at(-2), parts.at(-3)];
  return {
    accessKey: parts.slice(0, -4).join("/"),
    region: region === undefined || region === "" ? "us-east-1" : region,
    service: service ?? null,
  };
}

function rawQuery(target: string): readonly (readonly [string, string])[] {
  const at = target.indexOf("?");
  if (at < 0) return [];
  return target
    .slice(at + 1)
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The token of a session; null when there is none. */
export function sessionTokenOf({ headers, target }: Pick<HttpRequest, "headers" | "target">): string | null {
  const inQuery = rawQuery(target).find(([name]) => name === "X-Amz-Security-Token")?.[1];
  return headers["x-amz-security-token"] ?? (inQuery === undefined ? null : decoded(inQuery));
}

const hash = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");
const mac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** The parts of a signature; null where there is none. */
interface Signature {
  readonly scope: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly date: string;
  readonly presigned: boolean;
}

function signatureOf({ headers, target }: HttpRequest): Signature | null {
  const header = headers["authorization"];
  if (header !== undefined) {
    const [, credential = "", signedHeaders = "", signature = ""] =
      /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
        header,
      ) ?? [];
    const date = headers["x-amz-date"] ?? "";
    const scope = credential.split("/").slice(-4).join("/");
    return { scope, signedHeaders, signature, date, presigned: false };
  }
  const query = new Map(rawQuery(target).map(([name, value]) => [name, decoded(value)]));
  const credential = query.get("X-Amz-Credential");
  if (credential === undefined) return null;
  return {
    scope: credential.split("/").slice(-4).join("/"),
    signedHeaders: query.get("X-Amz-SignedHeaders") ?? "",
    signature: query.get("X-Amz-Signature") ?? "",
    date: query.get("X-Amz-Date") ?? "",
    presigned: true,
  };
}

function canonicalQuery(target: string): string {
  return rawQuery(target)
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encoded(decoded(name)), encoded(decoded(value))] as const)
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** S3 signs the path as it is sent, everybody else with escapes once more. Source: IAM user guide, "Signature Version 4". */
function canonicalPath(target: string, isS3: boolean): string {
  const path = target.split("?")[0] ?? "/";
  return isS3 ? path : path.split("/").map(encoded).join("/");
}

/** Whether a request is signed with a secret, by Signature Version 4, in its header or its query. */
export function isSignedBy(request: HttpRequest, secret: string): boolean {
  const given = signatureOf(request);
  if (given === null) return false;
  const [day = "", region = "", service = ""] = given.scope.split("/");
  const isS3 = service === "s3";
  const { headers, body, method, target } = request;
  const names = given.signedHeaders.split(";");
  const headerLines = names.map((name) => {
    const value = name === "host" ? (headers["host"] ?? headers[":authority"]) : headers[name];
    return `${name}:${(value ?? "").trim().replaceAll(/ +/g, " ")}\n`;
  });
  const payload =
    headers["x-amz-content-sha256"] ?? (given.presigned && isS3 ? "UNSIGNED-PAYLOAD" : hash(body));
  const canonical = [
    method,
    canonicalPath(target, isS3),
    canonicalQuery(target),
    headerLines.join(""),
    given.signedHeaders,
    payload,
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", given.date, given.scope, hash(canonical)].join("\n");
  const key = mac(mac(mac(mac(`AWS4${secret}`, day), region), service), "aws4_request");
  return mac(key, text).toString("hex") === given.signature;
}
