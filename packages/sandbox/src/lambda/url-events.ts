import { isRecord } from "../input.ts";

/** A request to the URL of a function. */
export interface UrlRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

/** What the caller of a URL gets. */
export interface UrlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** As in the logs of web servers: 01/Mar/2026:12:00:00 +0000. */
function logTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  const month = months[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

function isText(type: string): boolean {
  return /^(text\/|application\/(json|xml|javascript|[\w.-]+\+(json|xml)))/i.test(type);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function queryOf(raw: string): Readonly<Record<string, string>> {
  const all = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(raw)) {
    const before = all.get(name);
    all.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(all);
}

/** What stands between the client and the function adds these; there is no TLS here, and functions expect its headers. */
function headersOf({ headers, sourceIp }: UrlRequest, traceId: string): Readonly<Record<string, string>> {
  const { connection: _connection, cookie: _cookie, ...sent } = headers;
  return {
    ...sent,
    "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
    "x-amzn-tls-version": "TLSv1.3",
    "x-amzn-trace-id": sent["x-amzn-trace-id"] ?? traceId,
    "x-forwarded-for": sourceIp,
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
  };
}

/** The event that a function is given. Source: Lambda, invoking function URLs, payload format 2.0; recorded events. */
export function urlEvent(
  request: UrlRequest,
  { domain, requestId, now }: { readonly domain: string; readonly requestId: string; readonly now: number },
): Record<string, unknown> {
  const at = request.target.indexOf("?");
  const path = decoded(at < 0 ? request.target : request.target.slice(0, at));
  const rawQueryString = at < 0 ? "" : request.target.slice(at + 1);
  const query = queryOf(rawQueryString);
  const cookies = request.headers["cookie"]?.split(/;\s*/);
  const hex = requestId.replaceAll("-", "");
  const trace = `Root=1-${Math.floor(now / 1000).toString(16)}-${hex.slice(0, 24)}`;
  const [prefix] = domain.split(".", 1);
  const plain = isText(request.headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString,
    ...(cookies === undefined ? {} : { cookies }),
    headers: { ...headersOf(request, trace), host: domain },
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: "anonymous",
      apiId: prefix,
      domainName: domain,
      domainPrefix: prefix,
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: logTime(now),
      timeEpoch: now,
    },
    ...(request.body.length === 0 ? {} : { body: request.body.toString(plain ? "utf8" : "base64") }),
    isBase64Encoded: request.body.length > 0 && !plain,
  };
}

const json = { "content-type": "application/json" };

function plainHeaders(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toLowerCase(), String(one)]));
}

/** JSON without spaces, a text as it is. */
function bodyOf(value: unknown): Buffer {
  return Buffer.from(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/** What a function's answer means: the format with a statusCode, or a body of JSON. Source: recorded answers. */
export function urlAnswer(payload: Buffer): UrlAnswer {
  const value: unknown = payload.length === 0 ? null : JSON.parse(payload.toString("utf8"));
  if (!isRecord(value) || value["statusCode"] === undefined) {
    return { status: 200, headers: json, cookies: [], body: bodyOf(value) };
  }
  const status = Number(value["statusCode"]);
  if (!Number.isInteger(status) || status < 100 || status > 599) return failedAnswer();
  const { body = "", cookies } = value;
  return {
    status,
    headers: { ...json, ...plainHeaders(value["headers"]) },
    cookies: Array.isArray(cookies) ? cookies.map(String) : [],
    body: value["isBase64Encoded"] === true ? Buffer.from(String(body), "base64") : bodyOf(body),
  };
}

/** The function failed, or answered what is no answer of HTTP. */
export function failedAnswer(): UrlAnswer {
  return { status: 502, headers: json, cookies: [], body: Buffer.from("Internal Server Error") };
}
