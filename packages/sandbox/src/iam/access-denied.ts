import { ApiError } from "../api-error.ts";
import type { CallContext } from "../caller.ts";
import type { Need } from "./decide.ts";

/** The policies that all have to allow something, in the order in which AWS asks them. */
export type PolicyType = "identity" | "boundary" | "session";

/** Which policies were against it. */
export interface DenialReason {
  readonly by: PolicyType;
  /** One of them denies it; else none allows it. */
  readonly isExplicit: boolean;
}

/** Their errors have status 400. Source: the services' lists of common errors. */
const json = /^(kinesis|dynamodb|logs|ecr):/;

const names = {
  identity: ["an", "identity-based policy"],
  boundary: ["a", "permissions boundary"],
  session: ["a", "session policy"],
} as const;

function words({ by, isExplicit }: DenialReason, action: string): string {
  const [article, name] = names[by];
  return isExplicit
    ? `with an explicit deny in ${article} ${name}`
    : `because no ${name} allows the ${action} action`;
}

function resourceText({ action, resource }: Need): string {
  // CloudWatch names no resource where there is none, S3 puts its own in quotes.
  if (action.startsWith("cloudwatch:") && resource === "*") return "";
  return ` on resource: ${action.startsWith("s3:") ? `"${resource}"` : resource}`;
}

/** Lambda's words for code that the caller may not read. Source: answers that users report. */
function deniedByS3({ resource }: Need): ApiError {
  const object = resource.split(":").slice(5).join(":");
  return new ApiError(
    403,
    "AccessDeniedException",
    `Your access has been denied by S3, please make sure your request credentials have permission to GetObject for ${object}. S3 Error Code: AccessDenied. S3 Error Message: Access Denied`,
    { type: null },
  );
}

/**
 * The answer to a call that is not permitted. Source: IAM user guide, "Troubleshoot access denied error messages"; SQS
 * writes the action in lower case.
 */
export function accessDenied(need: Need, { identityArn }: CallContext, reason: DenialReason): ApiError {
  if (need.via === "lambda") return deniedByS3(need);
  const action = need.action.startsWith("sqs:") ? need.action.toLowerCase() : need.action;
  return new ApiError(
    json.test(need.action) ? 400 : 403,
    "AccessDeniedException",
    `User: ${identityArn} is not authorized to perform: ${action}${resourceText(need)} ${words(reason, action)}`,
    { type: null, queryCode: "AccessDenied" },
  );
}
