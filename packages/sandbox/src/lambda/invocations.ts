import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { blob, type Input, isRecord, text } from "../input.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { FunctionImage, Invoke, InvokeAnswer, InvokeRequest } from "../runtime-port.ts";
import { enumFailures } from "./constraints.ts";
import { type EventParts, runEvent } from "./event-invocations.ts";
import { namedFunction } from "./function-reference.ts";
import type { FunctionStore } from "./function-store.ts";
import { jsonComplaint } from "./json-complaint.ts";

export interface InvocationParts extends EventParts {
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
  const complaint = jsonComplaint(payload);
  if (complaint === null) return payload;
  throw new ApiError(
    400,
    "InvalidRequestContentException",
    `Could not parse request body into json: Could not parse payload into json: ${complaint}`,
  );
}

/** The JSON inside; throws 400 when it is not the base64 of a JSON object. */
function clientContextOf(input: Input): string | undefined {
  const given = text(input, "ClientContext");
  if (given === undefined) return undefined;
  const json = Buffer.from(given, "base64").toString("utf8");
  try {
    if (isRecord(JSON.parse(json))) return json;
  } catch {
    // Said below.
  }
  throw new ApiError(
    400,
    "InvalidRequestContentException",
    "Client context must be a valid Base64-encoded JSON object.",
  );
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
  const { name, qualifier } = namedFunction(input, context, "wide", [
    ...enumFailures(input, "InvocationType", ["Event", "RequestResponse", "DryRun"]),
    ...enumFailures(input, "LogType", ["None", "Tail"]),
  ]);
  const type = text(input, "InvocationType") ?? "RequestResponse";
  const clientContext = clientContextOf(input);
  const image = parts.functions.resolve(context.region, name, qualifier, context.account);
  if (type === "DryRun") return { StatusCode: 204 };
  const request: InvokeRequest = {
    image,
    payload: payloadOf(input, type === "Event" ? "Event" : "RequestResponse"),
    logTail: type === "RequestResponse" && text(input, "LogType") === "Tail",
    requestId: context.requestId,
    ...(clientContext === undefined ? {} : { clientContext }),
    source: "api",
  };
  if (type === "Event") {
    const { payload } = request;
    runEvent(parts, { name, qualifier, payload, clientContext, context }, (each) => run(parts, each));
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
