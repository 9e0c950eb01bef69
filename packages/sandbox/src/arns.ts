import { ApiError, validationError } from "./api-error.ts";

/** A function as callers name it. */
export interface FunctionReference {
  readonly name: string;
  /** Version number, alias or $LATEST; null when none was given. */
  readonly qualifier: string | null;
}

/** Where a call goes. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

const referencePattern =
  /^(?:arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/**
 * Reads a name, a partial ARN or an ARN, each with or without a qualifier. Throws 400 for what is none of them,
 * 404 for another region and 403 for another account. Source: recorded answers of Lambda.
 */
export function parseFunctionReference(value: string, place: Place): FunctionReference {
  const match = referencePattern.exec(value);
  if (match === null) {
    throw validationError(
      value,
      "functionName",
      "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
    );
  }
  const [, region, account, name, qualifier] = match;
  if (region !== undefined && region !== place.region) {
    throw new ApiError(
      404,
      "ResourceNotFoundException",
      `Functions from '${region}' are not reachable in this region ('${place.region}')`,
    );
  }
  if (account !== undefined && account !== place.account) {
    throw new ApiError(
      403,
      "AccessDeniedException",
      `User is not authorized to access function ${value} of account ${account}: this caller belongs to ${place.account}`,
      { type: null },
    );
  }
  return { name: name ?? value, qualifier: qualifier ?? null };
}

/** The qualifier that counts; refuses two that differ. */
export function oneQualifier(reference: FunctionReference, given: string | undefined): string | null {
  if (given === undefined || given === "") return reference.qualifier;
  if (reference.qualifier !== null && reference.qualifier !== given) {
    throw new ApiError(
      400,
      "InvalidParameterValueException",
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  }
  return given;
}

export function functionArn(place: Place, name: string): string {
  return `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;
}

export function mappingArn(place: Place, uuid: string): string {
  return `arn:aws:lambda:${place.region}:${place.account}:event-source-mapping:${uuid}`;
}

export function queueArn(place: Place, name: string): string {
  return `arn:aws:sqs:${place.region}:${place.account}:${name}`;
}
