import type { Caller, Cloud } from "../cloud.ts";
import { isRecord } from "../input.ts";
import type { HttpAnswer, HttpRequest } from "./http-answer.ts";

const hostPattern = /^([a-z0-9]{32}\.lambda-url\.([a-z0-9-]+))\.[a-z0-9.-]+?(?::\d+)?$/;

/** The region and domain of the function URL that a request is for; undefined: it is for the API. */
export function urlHostOf({
  headers,
}: HttpRequest): { readonly region: string; readonly domain: string } | undefined {
  const match = hostPattern.exec(headers["host"] ?? "");
  const [, start, region] = match ?? [];
  if (start === undefined || region === undefined) return undefined;
  return { region, domain: `${start}.on.aws` };
}

/** Hands a request to the function whose URL its Host names. */
export async function urlHostAnswer(
  cloud: Cloud,
  request: HttpRequest,
  { region, domain }: { readonly region: string; readonly domain: string },
  caller: Caller,
): Promise<HttpAnswer> {
  const input = {
    Domain: domain,
    Method: request.method,
    Target: request.target,
    Headers: request.headers,
    Body: request.body,
    SourceIp: request.remoteAddress,
  };
  const given = await cloud.call("lambda:InvokeFunctionUrl", input, { ...caller, region });
  const output = isRecord(given) ? given : {};
  const { status, headers, cookies, body } = output;
  return {
    status: Number(status),
    headers: Object.fromEntries(
      Object.entries(isRecord(headers) ? headers : {}).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    ...(Array.isArray(cookies) && cookies.length > 0 ? { cookies: cookies.map(String) } : {}),
  };
}
