import { ApiError } from "../api-error.ts";

/** Lambda takes requests up to this size; bytes. Source: recorded 413 answers of Lambda. */
const largestBody = 70_167_211;

/**
 * Reads the body of a request. Throws 413 when it is larger than Lambda takes; the rest is read and dropped. `operation` is
 * named by the error; null: none is known.
 */
export async function readBody(request: AsyncIterable<unknown>, operation: string | null): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    size += bytes.length;
    if (size <= largestBody) parts.push(bytes);
    else parts.length = 0;
  }
  if (size > largestBody) {
    const what = operation === null ? "" : ` for the ${operation} operation`;
    throw new ApiError(
      413,
      "RequestEntityTooLargeException",
      `Request must be smaller than ${largestBody} bytes${what}`,
      { type: null },
    );
  }
  return Buffer.concat(parts);
}
