import type { After, Clock } from "../clock.ts";
import type { FunctionImage, InvokeAnswer, InvokeRequest } from "../runtime-port.ts";
import type { Timing } from "../timing.ts";
import { unlessThrottled } from "../unless-throttled.ts";
import {
  type DestinationParts,
  type EventInvocation,
  type EventResult,
  tellResult,
} from "./event-destinations.ts";
import type { FunctionStore } from "./function-store.ts";

export interface EventParts extends DestinationParts {
  readonly functions: FunctionStore;
  readonly clock: Clock;
  readonly after: After;
  readonly timing: Timing;
  /** True once the cloud is closed. */
  readonly closed: () => boolean;
}

type Run = (request: InvokeRequest) => Promise<InvokeAnswer>;

const defaultRetries = 2;
const defaultAgeSeconds = 21_600;
/** Until the first retry on AWS; the second one waits twice as long. Source: Lambda, asynchronous invocation. */
const retryMs = 60_000;
const longestThrottleMs = 300_000;
const shortestPauseMs = 20;

/**
 * Runs an event to its end: throttled ones wait longer each time, failed ones are tried again under the same request id,
 * and the destinations hear of the result. Whoever sent it has had the answer, so nothing is thrown.
 */
export function runEvent(parts: EventParts, event: EventInvocation, run: Run): void {
  conclude(parts, event, run).catch(() => undefined);
}

async function conclude(parts: EventParts, event: EventInvocation, run: Run): Promise<void> {
  const result = await resultOf(parts, event, run);
  if (result === null || parts.closed()) return;
  const ended = { ...event, context: { ...event.context, now: parts.clock.now() } };
  await tellResult(parts, ended, result, (next) => runEvent(parts, next, run));
}

function configOf(parts: EventParts, event: EventInvocation): { retries: number; ageMs: number } {
  const stored = parts.functions.find(event.context, event.name);
  const config = stored?.eventInvokeConfigs.get(event.qualifier ?? "$LATEST");
  return {
    retries: config?.maximumRetryAttempts ?? defaultRetries,
    ageMs: (config?.maximumEventAgeInSeconds ?? defaultAgeSeconds) * 1000,
  };
}

/** Null when the cloud was closed meanwhile. Throws what `run` throws, throttles aside. */
async function resultOf(parts: EventParts, event: EventInvocation, run: Run): Promise<EventResult | null> {
  let attempts = 0;
  let throttles = 0;
  // As AWS would count it: waits are shorter here when the cloud is quicker.
  let ageMs = 0;
  let answer: InvokeAnswer | null = null;
  while (!parts.closed()) {
    const { name, qualifier, context } = event;
    const image = parts.functions.resolve(context.region, name, qualifier, context.account);
    if (image.reservedConcurrency === 0) return { condition: "ZeroReservedConcurrency", attempts, answer };
    const begun = parts.clock.now();
    const given = await unlessThrottled(run(requestOf(event, image)));
    ageMs += parts.clock.now() - begun;
    const config = configOf(parts, event);
    let waitMs: number;
    if (given === null) {
      waitMs = Math.min(1000 * 2 ** throttles, longestThrottleMs);
      throttles += 1;
    } else {
      answer = given;
      attempts += 1;
      throttles = 0;
      if (answer.functionError === null) return { condition: "Success", attempts, answer };
      if (attempts > config.retries) return { condition: "RetriesExhausted", attempts, answer };
      waitMs = retryMs * attempts;
    }
    ageMs += waitMs;
    if (ageMs > config.ageMs) return { condition: "EventAgeExceeded", attempts, answer };
    await pause(parts, waitMs);
  }
  return null;
}

function requestOf(event: EventInvocation, image: FunctionImage): InvokeRequest {
  return {
    image,
    payload: event.payload,
    logTail: false,
    requestId: event.context.requestId,
    ...(event.clientContext === undefined ? {} : { clientContext: event.clientContext }),
    source: "api",
  };
}

async function pause({ after, timing }: EventParts, awsMs: number): Promise<void> {
  const ms = Math.max(shortestPauseMs, (awsMs * timing.eventRetry) / retryMs);
  await new Promise<void>((resolve) => void after(ms, resolve));
}
