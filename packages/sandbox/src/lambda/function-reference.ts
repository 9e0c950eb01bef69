import { ApiError, invalidParameter, type ModelFailure } from "../api-error.ts";
import {
  type FunctionNaming,
  functionArn,
  functionNameFailures,
  oneQualifier,
  type Place,
  parseFunctionReference,
} from "../arns.ts";
import { type Input, needText, text } from "../input.ts";
import { lengthFailures, patternFailures, refuseFailures } from "./constraints.ts";
import { type FunctionStore, notFound, type StoredFunction, versionNamed } from "./function-store.ts";
import type { FunctionVersion } from "./function-version.ts";

/** A function, or one version or alias of it, as an input names it; it need not exist. */
export interface NamedFunction {
  readonly name: string;
  /** Null: the function as a whole. */
  readonly qualifier: string | null;
  /** Of the function as a whole. */
  readonly arn: string;
  /** With the qualifier, if there is one. */
  readonly qualifiedArn: string;
}

const qualifierPattern = "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
const longestQualifier = 128;

/**
 * Reads FunctionName and Qualifier. Throws 400 for what the API's model forbids, all of it at once with the `others`,
 * and for two qualifiers that differ. Source: recorded answers of Lambda.
 */
export function namedFunction(
  input: Input,
  place: Place,
  naming: FunctionNaming = "wide",
  others: readonly ModelFailure[] = [],
): NamedFunction {
  const given = needText(input, "FunctionName");
  refuseFailures(
    functionNameFailures(given, naming),
    lengthFailures(input, "Qualifier", longestQualifier),
    naming === "wide" ? patternFailures(input, "Qualifier", qualifierPattern) : [],
    others,
  );
  const reference = parseFunctionReference(given, place, naming);
  const qualifier = oneQualifier(reference, text(input, "Qualifier"));
  const arn = functionArn(place, reference.name);
  const qualifiedArn = qualifier === null ? arn : `${arn}:${qualifier}`;
  return { name: reference.name, qualifier, arn, qualifiedArn };
}

/** Whether a qualifier can only be the name of an alias: no number, not $LATEST. */
export function isAliasName(qualifier: string | null): boolean {
  return qualifier !== null && /^(?!\d+$)[a-zA-Z0-9-_]+$/.test(qualifier);
}

/** 404 of the operations that tell aliases from versions. Source: recorded answers of Lambda. */
export function noSuchQualifier(named: NamedFunction, place: Place): ApiError {
  if (!isAliasName(named.qualifier)) return notFound(place, named.name, named.qualifier);
  return new ApiError(404, "ResourceNotFoundException", `Cannot find alias arn: ${named.qualifiedArn}`);
}

/** Throws 400 for a version or an alias. */
export function refuseQualifier(named: NamedFunction): void {
  if (named.qualifier === null) return;
  throw invalidParameter(
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
  );
}

interface Functions {
  readonly functions: FunctionStore;
}

/** The function that an input names as a whole; throws 400 for a qualifier and 404 when there is none. */
export function wholeFunction(
  parts: Functions,
  input: Input,
  place: Place,
  naming: FunctionNaming = "plain",
): StoredFunction {
  const named = namedFunction(input, place, naming);
  refuseQualifier(named);
  return parts.functions.get(place, named.name, null);
}

/** A function with the version that an input names. */
export interface FoundVersion {
  readonly stored: StoredFunction;
  readonly version: FunctionVersion;
  /** As it was given: an alias stays one. */
  readonly qualifier: string | null;
}

/** The version that an input names; throws 404 when there is none. */
export function foundVersion(parts: Functions, input: Input, place: Place): FoundVersion {
  const { name, qualifier } = namedFunction(input, place);
  const stored = parts.functions.get(place, name, qualifier);
  const version = versionNamed(stored, qualifier);
  if (version === undefined) throw notFound(place, name, qualifier);
  return { stored, version, qualifier };
}
