import { ApiError } from "../api-error.ts";

function broken(): ApiError {
  return new ApiError(400, "IncompleteBody", "The request body terminated unexpectedly", { type: null });
}

/**
 * The bytes of a body in chunks with sizes (and signatures, which are not verified) between them. Throws 400 for one that
 * ends too early. Source: S3, signature calculations for streaming uploads.
 */
export function decodeAwsChunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    // A sign would lead back, to the same chunk again and again.
    const digits = /^([0-9a-f]{1,8})(?:;|$)/i.exec(
      end < 0 ? "" : body.toString("latin1", at, Math.min(end, at + 1024)),
    )?.[1];
    if (digits === undefined) throw broken();
    const size = Number.parseInt(digits, 16);
    if (size === 0) return Buffer.concat(chunks);
    const start = end + 2;
    if (start + size > body.length) throw broken();
    chunks.push(body.subarray(start, start + size));
    at = start + size + 2;
  }
}
