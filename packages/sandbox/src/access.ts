import { ApiError } from "./api-error.ts";
import { functionArn, mappingArn, parseFunctionReference, queueArn } from "./arns.ts";
import type { CallContext } from "./caller.ts";
import type { Input } from "./input.ts";

const iamNames: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "sqs:SendMessageBatch": "sqs:SendMessage",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
};

/** The name of an action in IAM policies. */
export function iamAction(action: string): string {
  return iamNames[action] ?? action;
}

function resourceOf(input: Input, context: CallContext): string {
  const { UUID: uuid, Resource: resource, FunctionName: name, QueueUrl: url, QueueName: queue } = input;
  if (typeof uuid === "string") return mappingArn(context, uuid);
  if (typeof resource === "string") return resource;
  if (typeof url === "string") return queueArn(context, url.split("/").at(-1) ?? "");
  if (typeof queue === "string") return queueArn(context, queue);
  if (typeof name !== "string") return "*";
  try {
    return functionArn(context, parseFunctionReference(name, context).name);
  } catch {
    return name;
  }
}

/** AWS's words for an action that no policy allows. Source: IAM user guide, "Troubleshoot access denied error messages". */
export function accessDenied(action: string, input: Input, context: CallContext): ApiError {
  const iam = iamAction(action);
  return new ApiError(
    403,
    "AccessDeniedException",
    `User: ${context.identityArn} is not authorized to perform: ${iam} on resource: ${resourceOf(input, context)} because no identity-based policy allows the ${iam} action`,
    { type: null },
  );
}
