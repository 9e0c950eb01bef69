import { ApiError } from "../api-error.ts";

function iamError(status: number, code: string, message: string): ApiError {
  return new ApiError(status, code, message, { type: null });
}

export function noSuchEntity(message: string): ApiError {
  return iamError(404, "NoSuchEntity", message);
}

export function alreadyExists(message: string): ApiError {
  return iamError(409, "EntityAlreadyExists", message);
}

export function deleteConflict(message: string): ApiError {
  return iamError(409, "DeleteConflict", message);
}

export function limitExceeded(message: string): ApiError {
  return iamError(409, "LimitExceeded", message);
}

export function malformedPolicy(message: string): ApiError {
  return iamError(400, "MalformedPolicyDocument", message);
}

export function invalidInput(message: string): ApiError {
  return iamError(400, "ValidationError", message);
}
