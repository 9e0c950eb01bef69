import { createHash } from "node:crypto";
import { invalidParameter } from "../api-error.ts";
import { blob, type Input, text } from "../input.ts";
import { checkZip } from "./zip-check.ts";

export interface FunctionCode {
  readonly zip: Buffer;
  /** Base64 of the SHA-256 of the zip. */
  readonly sha256: string;
}

/** Throws Lambda's errors for a zip that it does not take. */
function codeOf(zip: Buffer): FunctionCode {
  checkZip(zip);
  return { zip, sha256: createHash("sha256").update(zip).digest("base64") };
}

/**
 * The code that an input gives. Throws 400 for none. This cloud has no buckets, so that code in S3 is answered as AWS
 * does for a bucket that does not exist. Source: recorded answers of Lambda.
 */
export function codeFrom(input: Input): FunctionCode {
  const zip = blob(input, "ZipFile");
  if (zip !== undefined) return codeOf(zip);
  if (text(input, "S3Bucket") !== undefined) {
    throw invalidParameter(
      "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
    );
  }
  if (text(input, "ImageUri") !== undefined) {
    throw invalidParameter(
      "Code can only be given as ZipFile here: this cloud has no container images. Give a zip.",
    );
  }
  throw invalidParameter("Please provide a source for function code.");
}
