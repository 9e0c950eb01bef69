import { parseFunctionReference } from "../arns.ts";
import type { CallContext } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, isRecord } from "../input.ts";
import type { InvokeAnswer } from "../runtime-port.ts";
import { type FunctionStore, versionNamed } from "./function-store.ts";

export interface DestinationParts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
  /** Puts a message (the members of SendMessage but the URL) into a queue; false when there is no such queue. */
  readonly sendTo: (queueArn: string, message: Input, context: CallContext) => Promise<boolean>;
}

/** An asynchronous invocation that was accepted. */
export interface EventInvocation {
  readonly name: string;
  readonly qualifier: string | null;
  readonly payload: Buffer;
  /** JSON; undefined: none was given. */
  readonly clientContext: string | undefined;
  readonly context: CallContext;
}

/** How an asynchronous invocation ended. */
export interface EventResult {
  readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";
  /** How often the function ran. */
  readonly attempts: number;
  /** Of the last run; null: it never ran. */
  readonly answer: InvokeAnswer | null;
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return payload.toString("utf8");
  }
}

/** What a destination is told. Source: recorded messages of Lambda. */
function recordOf(event: EventInvocation, arn: string, result: EventResult): string {
  const { answer } = result;
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date(event.context.now).toISOString(),
    requestContext: {
      requestId: event.context.requestId,
      functionArn: `${arn}:${event.qualifier ?? "$LATEST"}`,
      condition: result.condition,
      approximateInvokeCount: result.attempts,
    },
    requestPayload: parsed(event.payload),
    ...(answer === null
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: answer.executedVersion,
            ...(answer.functionError === null ? {} : { functionError: answer.functionError }),
          },
          responsePayload: parsed(answer.payload),
        }),
  });
}

/** Messages for destinations carry one of their own. Source: recorded messages of Lambda. */
function traceHeader(ids: Ids, now: number): string {
  const hex = `${ids.uuid()}${ids.uuid()}`.replaceAll("-", "");
  const seconds = Math.floor(now / 1000).toString(16);
  return `Root=1-${seconds}-${hex.slice(0, 24)};Parent=${hex.slice(24, 40)};Sampled=0`;
}

/** The message of a dead letter queue: the event itself. Source: recorded messages of Lambda. */
function deadLetter(event: EventInvocation, { answer }: EventResult): Input {
  const response = answer === null ? undefined : parsed(answer.payload);
  const words = isRecord(response) ? response["errorMessage"] : undefined;
  const said = [...(typeof words === "string" ? words : "")].slice(0, 1024).join("");
  const attribute = (DataType: string, StringValue: string): Input => ({ DataType, StringValue });
  return {
    MessageBody: event.payload.toString("utf8"),
    MessageAttributes: {
      RequestID: attribute("String", event.context.requestId),
      ErrorCode: attribute("Number", answer === null ? "429" : "200"),
      ...(said === "" ? {} : { ErrorMessage: attribute("String", said) }),
    },
  };
}

/**
 * Tells the destination of a result, at the time of the event's context, and the dead letter queue of a failed one. Queues and functions are told; topics,
 * buses and buckets are not part of this cloud.
 */
export async function tellResult(
  parts: DestinationParts,
  event: EventInvocation,
  result: EventResult,
  invoke: (next: EventInvocation) => void,
): Promise<void> {
  const { context } = event;
  const stored = parts.functions.find(context, event.name);
  if (stored === undefined) return;
  const config = stored.eventInvokeConfigs.get(event.qualifier ?? "$LATEST");
  const succeeded = result.condition === "Success";
  const letters = versionNamed(stored, event.qualifier)?.effective?.settings.deadLetterTarget ?? "";
  if (!succeeded && letters.includes(":sqs:")) {
    await parts.sendTo(letters, deadLetter(event, result), context);
  }
  const arn = (succeeded ? config?.onSuccess : config?.onFailure) ?? "";
  const body = recordOf(event, stored.arn, result);
  if (arn.includes(":sqs:")) {
    const AWSTraceHeader = { DataType: "String", StringValue: traceHeader(parts.ids, context.now) };
    const message = { MessageBody: body, MessageSystemAttributes: { AWSTraceHeader } };
    await parts.sendTo(arn, message, context);
  }
  if (!arn.includes(":lambda:")) return;
  const { name, qualifier } = parseFunctionReference(arn, context);
  const called = { ...context, requestId: parts.ids.uuid() };
  invoke({ name, qualifier, payload: Buffer.from(body), clientContext: undefined, context: called });
}
