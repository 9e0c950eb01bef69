import { type ActionFacts, actionFacts } from "../contract/actions.ts";
import {
  type Action,
  type Aws,
  AwsError,
  type CallOutcome,
  type InputOf,
  type OutputOf,
} from "../contract/aws.ts";
import { aborted } from "./aborted.ts";
import type { ClientConfig, Service } from "./services/service.ts";

/** One file per service, each with its own client: what a run does not ask is never loaded. */
const loaders: Readonly<Record<string, () => Promise<{ openService(config: ClientConfig): Service }>>> = {
  kinesis: () => import("./services/kinesis.ts"),
  lambda: () => import("./services/lambda.ts"),
  logs: () => import("./services/logs.ts"),
  sqs: () => import("./services/sqs.ts"),
  sts: () => import("./services/sts.ts"),
};

/** Nothing of Unplug's waits longer than this for one answer: it could delay a restore. */
const ANSWER_MS = 20_000;

/** AWS by its own SDK, one attempt a call: who may try again is decided outside. */
export function sdkAws(config: ClientConfig, answerMs = ANSWER_MS): Aws {
  const services = new Map<string, Promise<Service>>();
  const serviceOf = (name: string): Promise<Service> => {
    const known = services.get(name) ?? load(name, config);
    services.set(name, known);
    return known;
  };
  return {
    async call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
      const facts: ActionFacts = actionFacts[action];
      const [service = "", name = ""] = action.split(":");
      const { operations } = await serviceOf(service);
      const operation = operations[name];
      if (operation === undefined) throw new Error(`There is no adapter for ${action}.`);
      if (signal?.aborted) throw aborted(action);
      // A write that has left is never given up: its answer is awaited, whatever the run is told meanwhile.
      const limit = AbortSignal.timeout(answerMs);
      const abortSignal = facts.write || signal === undefined ? limit : AbortSignal.any([limit, signal]);
      try {
        // The contract's shapes are those of the SDK, of which it names a part.
        return (await operation(input as never, { abortSignal })) as OutputOf<A>;
      } catch (error) {
        throw signal?.aborted && !facts.write ? aborted(action) : toAwsError(action, error);
      }
    },
  };
}

async function load(name: string, config: ClientConfig): Promise<Service> {
  const loader = loaders[name];
  if (loader === undefined) throw new Error(`There is no adapter for the service ${name}.`);
  return (await loader()).openService(config);
}

/** Errors of the network after which nothing can have arrived. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CredentialsProviderError",
  "TokenProviderError",
]);

function toAwsError(action: Action, error: unknown): AwsError {
  const facts = factsOf(error);
  return new AwsError(action, { ...facts, outcome: outcomeOf(facts) }, error);
}

function factsOf(error: unknown): { code: string; status: number | null; message: string } {
  if (!(error instanceof Error)) return { code: "Unknown", status: null, message: String(error) };
  const status = statusOf(error);
  // The SDK calls a connection that was cut a TimeoutError, too, with the network's own code.
  const ours = !("code" in error && typeof error.code === "string");
  if (ours && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return { code: "TimeoutError", status: null, message: `no answer within ${ANSWER_MS / 1000} s` };
  }
  if (error instanceof SyntaxError || error.message.includes("Deserialization error")) {
    return {
      code: "UnreadableAnswer",
      status,
      message: `the endpoint answered something that is not AWS's (${firstLine(error.message)})`,
    };
  }
  const code = "code" in error && typeof error.code === "string" && status === null ? error.code : error.name;
  return { code, status, message: firstLine(error.message) || code };
}

function statusOf(error: Error): number | null {
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return null;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : null;
}

function outcomeOf({ code, status }: { code: string; status: number | null }): CallOutcome {
  if (NEVER_LEFT.has(code)) return "unsent";
  return status !== null && status >= 400 && status < 500 && code !== "UnreadableAnswer"
    ? "refused"
    : "unknown";
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? text;
}
