import { ApiError } from "../api-error.ts";

/** A session that has ended. Each protocol has a code of its own for these three: http/auth-errors.ts. */
export function expiredToken(): ApiError {
  const words = "The security token included in the request is expired";
  return new ApiError(403, "ExpiredTokenException", words, { type: null });
}

/** A key that was deleted or is not active, a token that is not its own, a principal that is gone. */
export function unknownToken(): ApiError {
  const words = "The security token included in the request is invalid.";
  return new ApiError(403, "UnrecognizedClientException", words, { type: null });
}

/** A secret that is not the key's. */
export function wrongSignature(): ApiError {
  return new ApiError(
    403,
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    { type: null },
  );
}
