import { ApiError, validationError } from "../api-error.ts";
import { oneQualifier, parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { blob, type Input, needText, text } from "../input.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { FunctionImage, Invoke, InvokeAnswer, InvokeRequest } from "../runtime-port.ts";
import type { FunctionStore } from "./function-store.ts";

export interface InvocationParts {
  readonly functions: FunctionStore;
  readonly metrics: MetricStore;
  /** Undefined: this cloud runs no functions. */
  readonly invoke: Invoke | undefined;
}

const largestPayload = { RequestResponse: 6_291_456, Event: 1_048_576 };

function refuseReservedZero(parts: InvocationParts, image: FunctionImage, now: number): void {
  if (image.reservedConcurrency !== 0) return;
  const { region, functionName: FunctionName } = image;
  const series = { region, namespace: "AWS/Lambda", name: "Throttles", dimensions: { FunctionName } };
  parts.metrics.add(series, 1, now);
  throw new ApiError(429, "TooManyRequestsException", "Rate Exceeded.", {
    body: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" },
  });
}

/** Throws the 413 and 400 of a payload that Lambda does not take; an absent payload is `{}`. */
function payloadOf(input: Input, type: keyof typeof largestPayload): Buffer {
  const largest = largestPayload[type];
  const payload = blob(input, "Payload") ?? Buffer.alloc(0);
  if (payload.length === 0) return Buffer.from("{}");
  if (payload.length > largest) {
    throw new ApiError(
      413,
      "RequestTooLargeException",
      `${payload.length} byte payload is too large for the ${type} invocation type (limit ${largest} bytes)`,
    );
  }
  try {
    JSON.parse(payload.toString("utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(
      400,
      "InvalidRequestContentException",
      `Could not parse request body into json: ${why}`,
    );
  }
  return payload;
}

async function run(parts: InvocationParts, request: InvokeRequest): Promise<InvokeAnswer> {
  if (parts.invoke === undefined) {
    throw new ApiError(
      500,
      "ServiceException",
      `This cloud was made without a runtime, so ${request.image.functionName} cannot run: give createCloud an "invoke".`,
    );
  }
  return parts.invoke(request);
}

async function invoke(parts: InvocationParts, input: Input, context: CallContext): Promise<unknown> {
  const given = needText(input, "FunctionName");
  const reference = parseFunctionReference(given, context);
  const qualifier = oneQualifier(reference, text(input, "Qualifier"));
  const image = parts.functions.resolve(context.region, reference.name, qualifier, context.account);
  const type = text(input, "InvocationType") ?? "RequestResponse";
  if (!["RequestResponse", "Event", "DryRun"].includes(type)) {
    throw validationError(
      type,
      "invocationType",
      "Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
    );
  }
  if (type === "DryRun") return { StatusCode: 204 };
  const request: InvokeRequest = {
    image,
    payload: payloadOf(input, type === "Event" ? "Event" : "RequestResponse"),
    logTail: type === "RequestResponse" && text(input, "LogType") === "Tail",
    requestId: context.requestId,
    source: "api",
  };
  if (type === "Event") {
    // An accepted event has no one left to hear how it went; the function's metrics and log say it.
    run(parts, request).catch(() => undefined);
    return { StatusCode: 202, Payload: Buffer.alloc(0) };
  }
  refuseReservedZero(parts, image, context.now);
  const answer = await run(parts, request);
  return {
    StatusCode: 200,
    ...(answer.functionError === null ? {} : { FunctionError: answer.functionError }),
    ...(answer.logTail === null ? {} : { LogResult: answer.logTail }),
    Payload: answer.payload,
    ExecutedVersion: answer.executedVersion,
  };
}

export function invocationHandlers(parts: InvocationParts): Handlers {
  return { Invoke: (input, context) => invoke(parts, input, context) };
}
