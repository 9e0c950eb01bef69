import { createHash } from "node:crypto";
import { ApiError, invalidParameter } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { ImagePuller } from "../ecr/image-puller.ts";
import { blob, type Input, text } from "../input.ts";
import type { BucketStore } from "../s3/bucket-store.ts";
import { objectVersion } from "../s3/objects.ts";
import { type ImageReference, imageFrom } from "./image-reference.ts";
import { checkZip, checkZipSize } from "./zip-check.ts";

export interface FunctionCode {
  /** Empty for an image. */
  readonly zip: Buffer;
  /** Base64 of the SHA-256 of the zip; of an image its digest in hex. */
  readonly sha256: string;
  /** Null: the code is a zip. */
  readonly image: ImageReference | null;
}

/** Where code can come from beside the input itself. */
export interface CodeSources {
  readonly buckets: BucketStore;
  readonly images: ImagePuller;
}

function codeOf(zip: Buffer): FunctionCode {
  checkZip(zip);
  return { zip, sha256: createHash("sha256").update(zip).digest("base64"), image: null };
}

/** What S3 says to Lambda, as Lambda says it. Source: recorded answers of Lambda; its words for another region are public. */
function refusedByS3(error: ApiError): ApiError {
  const region = error.body["Region"];
  const words =
    typeof region === "string"
      ? `The bucket is in this region: ${region}. Please use this region to retry the request`
      : error.message;
  return invalidParameter(
    `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${words}`,
  );
}

function fromBucket(
  { buckets }: Pick<CodeSources, "buckets">,
  name: string,
  input: Input,
  place: Place,
): Buffer {
  try {
    const version = text(input, "S3ObjectVersion") ?? null;
    return objectVersion(buckets.get(name, place), text(input, "S3Key") ?? "", version).body;
  } catch (error) {
    throw error instanceof ApiError ? refusedByS3(error) : error;
  }
}

/**
 * The zip that an input gives, in itself or in S3. Throws 413 and 400 for one that Lambda does not take, 400 for none and
 * for what S3 refuses. Source: recorded answers of Lambda.
 */
export function zipFrom(sources: Pick<CodeSources, "buckets">, input: Input, place: Place): FunctionCode {
  const zip = blob(input, "ZipFile");
  if (zip !== undefined) {
    checkZipSize(zip);
    return codeOf(zip);
  }
  const bucket = text(input, "S3Bucket");
  if (bucket !== undefined) return codeOf(fromBucket(sources, bucket, input, place));
  throw invalidParameter("Please provide a source for function code.");
}

/**
 * The code of a function that an input gives: an image for those of PackageType Image, a zip for all others. `what` is
 * what is done to the function: AWS names it when the kind of code is the wrong one.
 */
export async function codeFrom(
  sources: CodeSources,
  input: Input,
  place: Place,
  { isImage, what }: { readonly isImage: boolean; readonly what: "creating" | "updating" },
): Promise<FunctionCode> {
  const uri = text(input, "ImageUri");
  if (!isImage) {
    if (uri === undefined) return zipFrom(sources, input, place);
    throw invalidParameter(`Please don't provide ImageUri when ${what} a function with packageType Zip.`);
  }
  if (uri === undefined) {
    throw invalidParameter(`Please provide ImageUri when ${what} a function with packageType Image.`);
  }
  const image = await imageFrom(sources.images, uri, place);
  return { zip: Buffer.alloc(0), sha256: image.digest, image };
}
