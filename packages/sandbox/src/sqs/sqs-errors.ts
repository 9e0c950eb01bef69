import { ApiError } from "../api-error.ts";

/** An error of SQS: the JSON code, the words, and the code that query clients know. Source: the service model of SQS. */
export function sqsError(code: string, message: string, queryCode: string = code, status = 400): ApiError {
  return new ApiError(status, code, message, { queryCode, type: null });
}

export function noQueue(): ApiError {
  return sqsError(
    "QueueDoesNotExist",
    "The specified queue does not exist.",
    "AWS.SimpleQueueService.NonExistentQueue",
  );
}

export function badReceipt(handle: string): ApiError {
  return sqsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

export function badValue(value: unknown, name: string, why: string): ApiError {
  return sqsError(
    "InvalidParameterValue",
    `Value ${String(value)} for parameter ${name} is invalid. Reason: ${why}`,
  );
}

export function missing(name: string): ApiError {
  return sqsError("MissingParameter", `The request must contain the parameter ${name}.`);
}
