import { setImmediate as turn } from "node:timers/promises";
import type { FunctionImage } from "../runtime-port.ts";
import { runtimeVersionArn } from "../runtime-version.ts";
import {
  createFunctionLog,
  type FunctionLog,
  initStartLine,
  reportLine,
  writeOutput,
} from "./function-log.ts";
import { launchErrorLine } from "./image-launch.ts";
import { errorTypeOf, type InvocationFailure, runtimeEnded, timedOut } from "./invocation-failure.ts";
import { environmentVariables, type LaunchPlan } from "./launch-plan.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { type ProcessEnd, type ProcessGroup, startProcessGroup } from "./process-group.ts";
import { type RuntimeApi, type RuntimeSignal, startRuntimeApi } from "./runtime-api.ts";

type Signal = RuntimeSignal | { readonly kind: "ended"; readonly end: ProcessEnd };

/** What one environment needs; times in ms. */
export interface EnvironmentOptions {
  readonly image: FunctionImage;
  readonly plan: LaunchPlan;
  readonly endpoint: string | null;
  readonly logGroup: string;
  readonly logStream: string;
  /** Wall clock: the function compares the deadline with its own. */
  readonly now: () => number;
  /** A steady time in ms with fractions, for durations. */
  readonly elapsed: () => number;
  readonly traceId: () => string;
  readonly initLimitMs: number;
  readonly log: (text: string) => void;
  /** The process ended by itself while no invocation was there. */
  readonly onEndWhileIdle: () => void;
}

/** One call of the function; the ARN is the one it was called by. */
export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: Buffer;
  /** JSON; absent: none. */
  readonly clientContext?: string;
}

/** How an invocation went. */
export interface InvocationOutcome {
  readonly payload: Buffer;
  readonly failed: boolean;
  readonly durationMs: number;
  readonly logTail: string;
  /** Whether the environment may serve another one. */
  readonly reusable: boolean;
}

/** One execution environment: a process group and its Runtime API. It serves one invocation at a time. */
export interface Environment {
  invoke(invocation: Invocation): Promise<InvocationOutcome>;
  /** Kills the process group, and is done when no process is left. */
  end(): Promise<void>;
}

interface Parts {
  readonly options: EnvironmentOptions;
  readonly api: RuntimeApi;
  readonly signals: Mailbox<Signal>;
  readonly log: FunctionLog;
  process: ProcessGroup;
  busy: boolean;
  /** Null: not started yet; otherwise the time of the start-up in ms. */
  initMs: number | null;
  over: boolean;
}

/** Starts the process; the first invocation waits for its initialisation. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const signals = createMailbox<Signal>();
  const api = await startRuntimeApi((signal) => signals.put(signal));
  const log = createFunctionLog(options.log);
  const parts: Parts = {
    options,
    api,
    signals,
    log,
    busy: true,
    initMs: null,
    over: false,
    process: { pid: null, peakMemoryMb: async () => null, kill: async () => undefined },
  };
  const { image } = options;
  // Images have no versions of a runtime.
  if (image.container === null)
    log.aside(initStartLine(image.runtime, runtimeVersionArn(image, image.runtime)));
  launch(parts);
  return {
    invoke: async (invocation) => {
      parts.busy = true;
      const outcome = await invoke(parts, invocation);
      parts.busy = false;
      return outcome;
    },
    end: async () => {
      parts.over = true;
      await parts.process.kill();
      await api.close();
    },
  };
}

function launch(parts: Parts): void {
  const { options, api } = parts;
  const { obstacle } = options.plan;
  if (obstacle !== null) {
    const { container } = options.image;
    if (container !== null) parts.log.line(launchErrorLine(obstacle, container));
    parts.signals.put({ kind: "ended", end: { status: null, signal: null, failure: obstacle } });
    return;
  }
  const lines = createLineSplitter((text) => writeOutput(parts.log, text, options.plan.kind));
  const group: ProcessGroup = startProcessGroup({
    plan: options.plan,
    environment: environmentVariables(options.image, options.plan, {
      runtimeApi: api.address,
      endpoint: options.endpoint,
      logGroup: options.logGroup,
      logStream: options.logStream,
    }),
    output: (bytes) => lines.write(bytes),
    ended: (end) => {
      lines.flush();
      // After a second start the end of the first process concerns nobody.
      if (parts.process !== group) return;
      parts.signals.put({ kind: "ended", end });
      if (!parts.busy && !parts.over) options.onEndWhileIdle();
    },
  });
  parts.process = group;
}

/** Waits until the process asks for its first invocation; a start that takes too long is tried once more, as on AWS. */
async function initialise(parts: Parts, requestId: string): Promise<InvocationFailure | null> {
  const { options } = parts;
  const limits = [options.initLimitMs, options.image.timeoutSeconds * 1000];
  for (const [attempt, limit] of limits.entries()) {
    const begun = options.elapsed();
    const signal = await parts.signals.take(limit);
    const took = options.elapsed() - begun;
    parts.initMs = took;
    if (signal?.kind === "next") return null;
    const failure = failureOf(parts, signal, requestId);
    const phase = attempt === 0 ? "init" : "invoke";
    const typed = failure.status === "error" ? `\tError Type: ${failure.errorType}` : "";
    await turn();
    parts.log.line(
      `INIT_REPORT Init Duration: ${took.toFixed(2)} ms\tPhase: ${phase}\tStatus: ${failure.status}${typed}`,
    );
    if (signal !== null || attempt === 1) return failure;
    await parts.process.kill();
    // Ended meanwhile: nobody would kill a second process.
    if (parts.over) return failure;
    parts.signals.clear();
    parts.api.reset();
    launch(parts);
  }
  return null;
}

function failureOf(parts: Parts, signal: Signal | null, requestId: string): InvocationFailure {
  const { image, now } = parts.options;
  if (signal === null) return timedOut(requestId, now(), image.timeoutSeconds);
  if (signal.kind === "ended") return runtimeEnded(signal.end, requestId);
  if (signal.kind === "initError")
    return { body: signal.body, errorType: errorTypeOf(signal.body), status: "error", logged: null };
  throw new Error(`The process of ${image.functionName} sent "${signal.kind}" out of turn.`);
}

interface Served {
  readonly answer: Buffer | null;
  readonly failure: InvocationFailure | null;
  /** Of the runtime's own error answer; null when it answered well or not at all. */
  readonly errorType: string | null;
  readonly reusable: boolean;
}

/** Hands the invocation over and waits until the process asks for the next one, ends, or runs out of time. */
async function serve(parts: Parts, invocation: Invocation): Promise<Served> {
  const { options, signals, api } = parts;
  const limit = options.image.timeoutSeconds * 1000;
  const begun = options.elapsed();
  api.deliver({ ...invocation, traceId: options.traceId(), deadlineMs: Math.ceil(options.now() + limit) });
  let answer: Buffer | null = null;
  let errorType: string | null = null;
  for (;;) {
    const signal = await signals.take(Math.max(0, limit - (options.elapsed() - begun)));
    if (signal?.kind === "next") return { answer, failure: null, errorType, reusable: true };
    if (signal?.kind === "answer") {
      answer = signal.body;
      if (signal.failed) errorType = errorTypeOf(signal.body);
      continue;
    }
    // A process that ends after its answer has done its work; one that runs on past the limit has not.
    const failure =
      signal === null || answer === null ? failureOf(parts, signal, invocation.requestId) : null;
    return { answer, failure, errorType, reusable: false };
  }
}

async function invoke(parts: Parts, invocation: Invocation): Promise<InvocationOutcome> {
  const { options, log } = parts;
  const { image } = options;
  const { requestId } = invocation;
  const cold = parts.initMs === null;
  if (!cold) log.beginTail();
  const initFailure = cold ? await initialise(parts, requestId) : null;
  log.line(`START RequestId: ${requestId} Version: ${image.version}`);
  const begun = options.elapsed();
  const served: Served =
    initFailure === null
      ? await serve(parts, invocation)
      : { answer: null, failure: initFailure, errorType: null, reusable: false };
  const limit = image.timeoutSeconds * 1000;
  // A timer may fire a fraction early, and a start-up that takes all the time leaves none for the handler.
  const durationMs =
    served.failure?.status === "timeout" ? limit : Math.min(options.elapsed() - begun, limit);
  const peakMemoryMb = await parts.process.peakMemoryMb();
  if (!served.reusable) await parts.process.kill();
  // What was printed before the last request is in the pipe by now: the next turns of the loop read it.
  await turn();
  await turn();
  const { failure } = served;
  const errorType = failure?.errorType ?? served.errorType;
  if (failure !== null && failure.logged !== null) log.line(failure.logged);
  log.line(`END RequestId: ${requestId}`);
  // An error that the runtime has answered with is the function's own: the record does not tell of it.
  const status =
    failure === null
      ? null
      : { name: failure.status, errorType: failure.status === "timeout" ? null : failure.errorType };
  const initMs = cold ? parts.initMs : null;
  log.line(reportLine({ requestId, durationMs, initMs, memorySize: image.memorySize, peakMemoryMb, status }));
  const payload = failure?.body ?? served.answer ?? Buffer.from("null");
  return { payload, failed: errorType !== null, durationMs, logTail: log.tail(), reusable: served.reusable };
}
