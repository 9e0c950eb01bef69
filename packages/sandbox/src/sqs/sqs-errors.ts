import { ApiError } from "../api-error.ts";

/** An error of SQS: the JSON code, the words, and the code that query clients know. Source: the service model of SQS. */
export function sqsError(code: string, message: string, queryCode: string = code, status = 400): ApiError {
  return new ApiError(status, code, message, { queryCode, type: null });
}

const space = "AWS.SimpleQueueService.";

/** An error whose query code is the JSON code with SQS's old prefix. */
export function prefixedError(code: string, message: string, status = 400): ApiError {
  return sqsError(code, message, `${space}${code}`, status);
}

export function noQueue(): ApiError {
  return sqsError("QueueDoesNotExist", "The specified queue does not exist.", `${space}NonExistentQueue`);
}

export function badReceipt(handle: string): ApiError {
  return sqsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

/** InvalidParameterValue in words of its own. */
export function badParameter(message: string): ApiError {
  return sqsError("InvalidParameterValueException", message, "InvalidParameterValue");
}

export function badValue(value: unknown, name: string, why: string): ApiError {
  return badParameter(`Value ${String(value)} for parameter ${name} is invalid. Reason: ${why}`);
}

export function missing(name: string): ApiError {
  return sqsError(
    "MissingRequiredParameterException",
    `The request must contain the parameter ${name}.`,
    "MissingParameter",
  );
}
