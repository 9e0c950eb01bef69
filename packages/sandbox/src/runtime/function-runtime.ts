import { ApiError } from "../api-error.ts";
import type { LogPlace } from "../logs/log-store.ts";
import type { FunctionImage, Invoke, InvokeAnswer, InvokeRequest } from "../runtime-port.ts";
import { type Environment, startEnvironment } from "./environment.ts";
import { createFleet, type Fleet, functionOf, type Member } from "./fleet.ts";
import type { FunctionFileStore } from "./function-files.ts";
import { logStreamName } from "./function-log.ts";
import { interpreterOf, launchPlan, type Machine } from "./launch-plan.ts";

/** What runs functions needs from around it; times in ms. */
export interface FunctionRuntimeOptions {
  readonly files: FunctionFileStore;
  readonly machine: Machine;
  /** Wall clock, since functions are real processes. */
  readonly now: () => number;
  /** A steady time in ms with fractions. */
  readonly elapsed: () => number;
  /** That many random hexadecimal digits. */
  readonly hex: (digits: number) => string;
  /** Where functions reach the other services; null: nowhere. */
  readonly endpoint: () => string | null;
  readonly log: (place: LogPlace, atMs: number, line: string) => void;
  /** A figure of AWS/Lambda with the dimension FunctionName. */
  readonly figure: (image: FunctionImage, name: string, value: number, atMs: number) => void;
  /** Invocations at a time over all functions; default 1000, as in a new AWS account. */
  readonly accountConcurrency?: number;
  /** Environments that exist at a time; default 50. */
  readonly maxEnvironments?: number;
  /** Idle environments end after this; default 5 minutes. */
  readonly idleMs?: number;
  /**
   * How long after a new revision was noticed (by its first invocation or by `refresh`) idle environments of the
   * former one live on and still serve, as has been seen on AWS; default 0: not at all.
   */
  readonly overlapMs?: () => number;
  /** Default 10 s. Source: Lambda execution environment, init phase. */
  readonly initLimitMs?: number;
}

/** Runs functions in real processes. */
export interface FunctionRuntime {
  /**
   * Runs one invocation to its end.
   * Throws ApiError TooManyRequestsException (429) when no further invocation may run at this time, and
   * InvalidParameterValueException for what cannot run here (see `interpreterOf`).
   */
  readonly invoke: Invoke;
  /** Ends idle environments that may not serve any more; null: the function is gone. To be called now and then. */
  refresh(revisionOf: (image: FunctionImage) => string | null): void;
  /** Environments that exist now, idle or not. */
  environments(): number;
  /** Ends all processes; afterwards no process is left and nothing can be invoked. */
  close(): Promise<void>;
}

interface Running {
  readonly options: FunctionRuntimeOptions;
  readonly fleet: Fleet;
  readonly counts: Map<string, number>;
  readonly invocations: Set<Promise<unknown>>;
  total: number;
  closed: boolean;
}

export function createFunctionRuntime(options: FunctionRuntimeOptions): FunctionRuntime {
  const fleet = createFleet({
    now: options.elapsed,
    idleMs: options.idleMs ?? 300_000,
    overlapMs: options.overlapMs ?? (() => 0),
  });
  const running: Running = {
    options,
    fleet,
    counts: new Map(),
    invocations: new Set(),
    total: 0,
    closed: false,
  };
  return {
    invoke: (request) => {
      const invocation = invoke(running, request);
      const settled = invocation.then(
        () => undefined,
        () => undefined,
      );
      running.invocations.add(settled);
      void settled.then(() => running.invocations.delete(settled));
      return invocation;
    },
    refresh: (revisionOf) => fleet.refresh(revisionOf),
    environments: () => fleet.size(),
    async close() {
      running.closed = true;
      // An invocation that was about to start an environment finds `closed` set; one that waits gets its end.
      while (fleet.size() > 0 || running.invocations.size > 0) {
        await fleet.endAll();
        await Promise.all(running.invocations);
      }
    },
  };
}

function throttled(reason: string): ApiError {
  return new ApiError(429, "TooManyRequestsException", "Rate Exceeded.", { body: { Reason: reason } });
}

function admit(running: Running, image: FunctionImage): void {
  const { options, counts } = running;
  const account = options.accountConcurrency ?? 1000;
  const active = counts.get(functionOf(image)) ?? 0;
  if (image.reservedConcurrency !== null && active >= image.reservedConcurrency) {
    throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
  }
  if (running.total >= account) throw throttled("ConcurrentInvocationLimitExceeded");
}

function closedError(): ApiError {
  return new ApiError(
    500,
    "ServiceException",
    "The sandbox is closed and runs no functions. Start a new one.",
  );
}

async function invoke(running: Running, request: InvokeRequest): Promise<InvokeAnswer> {
  if (running.closed) throw closedError();
  const { options, counts } = running;
  const { image } = request;
  // Refused before anything is counted, so that a function that cannot run has no metrics of one that ran.
  interpreterOf(image, options.machine, options.files.mounting);
  const name = functionOf(image);
  try {
    admit(running, image);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    running.total += 1;
    try {
      return await run(running, request);
    } finally {
      counts.set(name, (counts.get(name) ?? 1) - 1);
      running.total -= 1;
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 429)
      options.figure(image, "Throttles", 1, options.now());
    throw error;
  }
}

async function run(running: Running, request: InvokeRequest): Promise<InvokeAnswer> {
  const { options, fleet } = running;
  const { image } = request;
  const member = fleet.take(image) ?? (await start(running, image));
  const at = options.now();
  options.figure(image, "ConcurrentExecutions", running.counts.get(functionOf(image)) ?? 1, at);
  let reusable = false;
  try {
    const outcome = await member.environment.invoke({
      requestId: request.requestId,
      functionArn: image.functionArn,
      payload: request.payload,
      ...(request.clientContext === undefined ? {} : { clientContext: request.clientContext }),
    });
    reusable = outcome.reusable;
    options.figure(image, "Invocations", 1, at);
    options.figure(image, "Errors", outcome.failed ? 1 : 0, at);
    options.figure(image, "Duration", outcome.durationMs, at);
    return {
      payload: outcome.payload,
      functionError: outcome.failed ? "Unhandled" : null,
      logTail: request.logTail ? outcome.logTail : null,
      executedVersion: image.version,
    };
  } finally {
    if (reusable && !running.closed) fleet.giveBack(member);
    else await fleet.end(member);
  }
}

async function start(running: Running, image: FunctionImage): Promise<Member> {
  const { options, fleet } = running;
  const most = options.maxEnvironments ?? 50;
  if (fleet.size() + fleet.starting() >= most && !fleet.endOldestIdle()) {
    throw throttled("ConcurrentInvocationLimitExceeded");
  }
  const member = await fleet.add(image, async (onEndWhileIdle): Promise<Environment> => {
    const files = await options.files.of(image);
    if (running.closed) throw closedError();
    const { logGroup } = image;
    const logStream = logStreamName(options.now(), image.version, options.hex(32));
    const place: LogPlace = { region: image.region, group: logGroup, stream: logStream };
    return await startEnvironment({
      image,
      plan: launchPlan(image, options.machine, options.files.mounting, files),
      endpoint: options.endpoint(),
      logGroup,
      logStream,
      now: options.now,
      elapsed: options.elapsed,
      traceId: () =>
        `Root=1-${Math.floor(options.now() / 1000).toString(16)}-${options.hex(24)};Parent=${options.hex(16)};Sampled=0`,
      initLimitMs: options.initLimitMs ?? 10_000,
      log: (text) => options.log(place, options.now(), text),
      onEndWhileIdle,
    });
  });
  // `close` ends the environments that it finds; this one was not among them when it began.
  if (!running.closed) return member;
  await fleet.end(member);
  throw closedError();
}
