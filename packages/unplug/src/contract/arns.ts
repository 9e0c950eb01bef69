import type { Place, Ref } from "./place.ts";

/** `aws`, `aws-cn` or `aws-us-gov`, by the region's name. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

export function mappingArn(uuid: string, place: Place): string {
  return `arn:${partitionOf(place.region)}:lambda:${place.region}:${place.account}:event-source-mapping:${uuid}`;
}

/** A function as users name it: name, partial or full ARN, with or without qualifier. */
export interface FunctionName {
  readonly name: string;
  /** Version or alias; null when none is given. */
  readonly qualifier: string | null;
  /** Null unless the ARN says. */
  readonly region: string | null;
  readonly account: string | null;
}

const FUNCTION =
  /^(?:arn:[\w-]+:lambda:([\w-]+):)?(?:(\d{12}):)?(?:function:)?([\w-]{1,140})(?::([\w$-]{1,128}))?$/;

/** Null when the text names no function. Source: the FunctionName parameter of GetFunction. */
export function parseFunctionName(text: string): FunctionName | null {
  const match = FUNCTION.exec(text);
  if (match === null) return null;
  const [, region, account, name = "", qualifier] = match;
  return { name, qualifier: qualifier ?? null, region: region ?? null, account: account ?? null };
}

/** A function's ARN less its version or alias. */
export function unqualified(functionArn: string): string {
  return functionArn.split(":").slice(0, 7).join(":");
}

/** The unqualified ARN of the function that a thing is, or belongs to; null when it belongs to none. */
export function functionArnOf(ref: Pick<Ref, "id" | "within">): string | null {
  const arn = unqualified(ref.within ?? ref.id);
  return /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+$/.test(arn) ? arn : null;
}
