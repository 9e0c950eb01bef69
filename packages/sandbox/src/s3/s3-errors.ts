import { ApiError } from "../api-error.ts";

/** An error of S3; `body` holds the members beside code and words, such as `BucketName`. Source: S3, error responses. */
function s3Error(
  status: number,
  code: string,
  message: string,
  body: Record<string, unknown> = {},
): ApiError {
  return new ApiError(status, code, message, { type: null, body });
}

export function noBucket(BucketName: string): ApiError {
  return s3Error(404, "NoSuchBucket", "The specified bucket does not exist", { BucketName });
}

export function noKey(Key: string): ApiError {
  return s3Error(404, "NoSuchKey", "The specified key does not exist.", { Key });
}

export function noVersion(Key: string, VersionId: string): ApiError {
  return s3Error(404, "NoSuchVersion", "The specified version does not exist.", { Key, VersionId });
}

export function noUpload(UploadId: string): ApiError {
  return s3Error(
    404,
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId },
  );
}

export function deniedBucket(): ApiError {
  return s3Error(403, "AccessDenied", "Access Denied");
}

/** The bucket lies in another region; clients follow it there. */
export function elsewhere(Bucket: string, Region: string): ApiError {
  return s3Error(
    301,
    "PermanentRedirect",
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
    { Bucket, Region },
  );
}

export function badBucketName(BucketName: string): ApiError {
  return s3Error(400, "InvalidBucketName", "The specified bucket is not valid.", { BucketName });
}

export function takenBucket(BucketName: string, isOwn: boolean): ApiError {
  return isOwn
    ? s3Error(
        409,
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        { BucketName },
      )
    : s3Error(
        409,
        "BucketAlreadyExists",
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
        { BucketName },
      );
}

export function fullBucket(BucketName: string): ApiError {
  return s3Error(409, "BucketNotEmpty", "The bucket you tried to delete is not empty", { BucketName });
}

export function badLocation(constraint: string): ApiError {
  return s3Error(
    400,
    "IllegalLocationConstraintException",
    `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

export function badArgument(message: string): ApiError {
  return s3Error(400, "InvalidArgument", message);
}

export function badPart(): ApiError {
  return s3Error(
    400,
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  );
}

export function badRange(): ApiError {
  return s3Error(416, "InvalidRange", "The requested range is not satisfiable");
}

/** A version is asked for that is a delete marker; null: the newest one is, so that there seems to be no such key. */
export function deletedVersion(Key: string): ApiError {
  return s3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", {
    Key,
  });
}
