import { ApiError } from "../api-error.ts";
import type { CallContext } from "../caller.ts";
import type { Need } from "./decide.ts";

/** Which policy was against it: none allowed it, or one denies it. */
export type DenialReason = "identity" | "session" | "explicit" | "explicitSession";

/** Their errors have status 400. Source: the services' lists of common errors. */
const json = /^(kinesis|dynamodb|logs|ecr):/;

function words(reason: DenialReason, action: string): string {
  switch (reason) {
    case "explicit":
      return "with an explicit deny in an identity-based policy";
    case "explicitSession":
      return "with an explicit deny in a session policy";
    case "identity":
      return `because no identity-based policy allows the ${action} action`;
    case "session":
      return `because no session policy allows the ${action} action`;
  }
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
