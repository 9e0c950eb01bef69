import { ApiError } from "../api-error.ts";

/** Lambda takes requests up to this size; bytes. Source: recorded 413 answers of Lambda. */
const largestBody = 70_167_211;

/** The largest object that is put in one piece; bytes. AWS takes 5 GB; all is kept in memory here. */
const largestObject = 536_870_912;

/** What a body is for: an object of S3, or an operation of Lambda (null: none is known), which the error names. */
export type BodyPurpose = { readonly s3: true } | { readonly operation: string | null };

function tooLarge(purpose: BodyPurpose): ApiError {
  if ("s3" in purpose) {
    const words = "Your proposed upload exceeds the maximum allowed size";
    return new ApiError(400, "EntityTooLarge", words, { type: null });
  }
  const what = purpose.operation === null ? "" : ` for the ${purpose.operation} operation`;
  return new ApiError(
    413,
    "RequestEntityTooLargeException",
    `Request must be smaller than ${largestBody} bytes${what}`,
    { type: null },
  );
}

/** Reads the body of a request. Throws 413 (S3: 400) when it is larger than AWS takes; the rest is read and dropped. */
export async function readBody(request: AsyncIterable<unknown>, purpose: BodyPurpose): Promise<Buffer> {
  const largest = "s3" in purpose ? largestObject : largestBody;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    size += bytes.length;
    if (size <= largest) parts.push(bytes);
    else parts.length = 0;
  }
  if (size > largest) throw tooLarge(purpose);
  return Buffer.concat(parts);
}
