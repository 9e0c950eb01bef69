import { request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type ZlibOptions,
} from "node:zlib";

const MIB = 1024 * 1024;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly statusText: string;
  /** By names in lower case; several of a name stand with commas between. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked, as UTF-8, as much of it as was asked for. */
  readonly body: string;
  readonly isWhole: boolean;
}

export interface HttpRequest extends RequestOptions {
  readonly body?: string | undefined;
  /** More bytes of a body than these are not looked at; a MiB when left out. */
  readonly most?: number;
}

/** One request and its whole answer. Redirects are not followed. Rejects when there is no connection or no whole answer. */
export function exchange(url: string, { body, most = MIB, ...options }: HttpRequest): Promise<HttpAnswer> {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let answered = false;
    // A connection of its own: one that was open before the fault would hide it.
    const sent = request(url, { ...options, agent: false }, (answer) => {
      answered = true;
      const head = {
        statusCode: answer.statusCode ?? 0,
        statusText: answer.statusMessage ?? "",
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
        ),
      };
      readBody(answer, answer.headers["content-encoding"], most).then(
        (read) => resolve({ ...head, ...read }),
        reject,
      );
    });
    sent.on("error", reject);
    // An answer that would change the protocol ends the request, and is no error of it.
    sent.on("close", () => {
      if (!answered) reject(new Error("no answer of HTTP came"));
    });
    sent.end(body);
  });
}

/** Why there was no answer, in a clause; a name with several addresses fails once for each. */
export function exchangeProblem(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(exchangeProblem))].join(", ");
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return code === "" || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}

async function readBody(
  answer: Readable,
  encoding: string | undefined,
  most: number,
): Promise<Pick<HttpAnswer, "body" | "isWhole">> {
  const sent = await firstBytes(answer, most);
  const unpack = sent.bytes.length === 0 ? null : unpacker(encoding, sent);
  if (unpack === null) return { body: sent.bytes.toString("utf8"), isWhole: sent.isWhole };
  unpack.end(sent.bytes);
  const unpacked = await firstBytes(unpack, most, "stop");
  return { body: unpacked.bytes.toString("utf8"), isWhole: sent.isWhole && unpacked.isWhole };
}

interface FirstBytes {
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** What comes after them is thrown away as it comes, or not read at all. */
async function firstBytes(
  from: Readable,
  most: number,
  then: "drain" | "stop" = "drain",
): Promise<FirstBytes> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of from) {
    if (length <= most) chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > most && then === "stop") break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, most), isWhole: length <= most };
}

/** Null: it is not packed, or in a way that nobody knows. */
function unpacker(encoding: string | undefined, { bytes, isWhole }: FirstBytes) {
  // Where we have left off, the rest is not missing.
  const zlib: ZlibOptions = isWhole ? {} : { finishFlush: constants.Z_SYNC_FLUSH };
  switch (encoding?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip(zlib);
    case "deflate":
      // Some servers leave out the header that this encoding has by its standard.
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? createInflate(zlib) : createInflateRaw(zlib);
    case "br":
      return createBrotliDecompress(isWhole ? {} : { finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return null;
  }
}
