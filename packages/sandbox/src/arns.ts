import { ApiError, type ModelFailure, validationErrors } from "./api-error.ts";

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

/** A pattern as the API's model has it, and its check of a whole value. */
export interface NamePattern {
  readonly text: string;
  readonly whole: RegExp;
}

function namePattern(text: string): NamePattern {
  return { text, whole: new RegExp(`^(?:${text})$`) };
}

const prefix =
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?";

/**
 * How operations let functions be named: "wide" in most reads, "plain" where something is made or changed, "bare" without
 * a qualifier. Source: recorded answers of Lambda.
 */
export const functionNames = {
  wide: namePattern(`${prefix}([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`),
  plain: namePattern(`${prefix}([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`),
  bare: namePattern(`${prefix}([a-zA-Z0-9-_]+)`),
};

export type FunctionNaming = keyof typeof functionNames;

const longestName = { wide: 256, plain: 140, bare: 140 };

/** What is wrong with a FunctionName by the API's model; empty when nothing is. */
export function functionNameFailures(value: string, naming: FunctionNaming): readonly ModelFailure[] {
  const failures: ModelFailure[] = [];
  const { text, whole } = functionNames[naming];
  if (value.length > longestName[naming]) {
    const constraint = `Member must have length less than or equal to ${longestName[naming]}`;
    failures.push({ value, member: "functionName", constraint });
  }
  if (!whole.test(value)) {
    const constraint = `Member must satisfy regular expression pattern: ${text}`;
    failures.push({ value, member: "functionName", constraint });
  }
  return failures;
}

const referencePattern =
  /^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:([a-z]+-[a-z-]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$/;

/**
 * Reads a name, a partial ARN or an ARN, each with or without a qualifier. Throws 400 for what is none of them,
 * 404 for another region and 403 for another account. Source: recorded answers of Lambda.
 */
export function parseFunctionReference(
  value: string,
  place: Place,
  naming: FunctionNaming = "wide",
): FunctionReference {
  const failures = functionNameFailures(value, naming);
  const match = referencePattern.exec(value);
  if (failures.length > 0 || match === null) throw validationErrors(failures);
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
