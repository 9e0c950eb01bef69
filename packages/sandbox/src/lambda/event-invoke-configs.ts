import { ApiError, invalidParameter, type ModelFailure } from "../api-error.ts";
import { parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, numeric, record, text } from "../input.ts";
import { patternFailures, rangeFailures } from "./constraints.ts";
import { type NamedFunction, namedFunction } from "./function-reference.ts";
import { type FunctionStore, type StoredFunction, versionNamed } from "./function-store.ts";
import { pageOf } from "./paging.ts";

/** What becomes of events that a function does not manage to handle. */
export interface EventInvokeConfig {
  /** Null here and below: not given. */
  readonly maximumRetryAttempts: number | null;
  readonly maximumEventAgeInSeconds: number | null;
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
  readonly lastModifiedMs: number;
}

interface Parts {
  readonly functions: FunctionStore;
}

const destinationPattern =
  "$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";

function destinationsOf(input: Input): { readonly success?: Input; readonly failure?: Input } | undefined {
  const config = record(input, "DestinationConfig");
  if (config === undefined) return undefined;
  const success = record(config, "OnSuccess");
  const failure = record(config, "OnFailure");
  return { ...(success && { success }), ...(failure && { failure }) };
}

function configFailures(input: Input): readonly ModelFailure[] {
  const { success = {}, failure = {} } = destinationsOf(input) ?? {};
  return [
    ...rangeFailures(input, "MaximumRetryAttempts", 0, 2),
    ...rangeFailures(input, "MaximumEventAgeInSeconds", 60, 21_600),
    ...patternFailures(success, "DestinationConfig.OnSuccess.Destination", destinationPattern),
    ...patternFailures(failure, "DestinationConfig.OnFailure.Destination", destinationPattern),
  ];
}

const destinationServices = ["lambda", "sqs", "sns", "events", "s3"];

/** The words in which Lambda repeats a DestinationConfig. */
function told(input: Input): string {
  const { success, failure } = destinationsOf(input) ?? {};
  const part = (name: string, given: Input | undefined): string =>
    given === undefined ? "null" : `${name}(destination=${text(given, "Destination") ?? "null"})`;
  return `DestinationConfig(onSuccess=${part("OnSuccess", success)}, onFailure=${part("OnFailure", failure)})`;
}

/** Throws 400 for a destination that is no function, queue, topic, bus or bucket, is unknown, or the function itself. */
function checkDestination(parts: Parts, arn: string, input: Input, context: CallContext): void {
  const service = arn.split(":")[2] ?? "";
  if (!arn.startsWith("arn:")) return;
  if (!destinationServices.includes(service)) {
    throw invalidParameter(`The provided destination config ${told(input)} is invalid.`);
  }
  if (service !== "lambda") return;
  const target = parseFunctionReference(arn, context);
  if (target.name === namedFunction(input, context).name) {
    throw invalidParameter("You can't specify the function as a destination for itself.");
  }
  const stored = parts.functions.find(context, target.name);
  if (stored === undefined || versionNamed(stored, target.qualifier) === undefined) {
    throw invalidParameter(`The destination ARN ${arn} is invalid.`);
  }
}

/** The qualifier under which the configuration is kept: $LATEST when none was given. */
function keyOf({ qualifier }: NamedFunction): string {
  return qualifier ?? "$LATEST";
}

function view(stored: StoredFunction, key: string, config: EventInvokeConfig): Record<string, unknown> {
  const { onSuccess, onFailure, maximumRetryAttempts, maximumEventAgeInSeconds } = config;
  return {
    LastModified: config.lastModifiedMs / 1000,
    FunctionArn: `${stored.arn}:${key}`,
    ...(maximumRetryAttempts === null ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumEventAgeInSeconds === null ? {} : { MaximumEventAgeInSeconds: maximumEventAgeInSeconds }),
    DestinationConfig: {
      OnSuccess: onSuccess === null ? {} : { Destination: onSuccess },
      OnFailure: onFailure === null ? {} : { Destination: onFailure },
    },
  };
}

function noConfig(named: NamedFunction): ApiError {
  return new ApiError(
    404,
    "ResourceNotFoundException",
    `The function ${named.arn}:${keyOf(named)} doesn't have an EventInvokeConfig`,
  );
}

function noFunction(): ApiError {
  return new ApiError(404, "ResourceNotFoundException", "The function doesn't exist.");
}

const nothing: EventInvokeConfig = {
  maximumRetryAttempts: null,
  maximumEventAgeInSeconds: null,
  onSuccess: null,
  onFailure: null,
  lastModifiedMs: 0,
};

/** Put begins with nothing, Update with what is there. Source: recorded answers of Lambda. */
function write(parts: Parts, input: Input, context: CallContext, mode: "put" | "update"): unknown {
  const named = namedFunction(input, context, "wide", configFailures(input));
  const retries = numeric(input, "MaximumRetryAttempts");
  const age = numeric(input, "MaximumEventAgeInSeconds");
  const destinations = destinationsOf(input);
  if (retries === undefined && age === undefined && destinations === undefined) {
    throw invalidParameter("You must specify at least one of error handling or destination setting.");
  }
  const stored = parts.functions.find(context, named.name);
  if (stored === undefined || versionNamed(stored, named.qualifier) === undefined) throw noFunction();
  const key = keyOf(named);
  const before = mode === "put" ? nothing : stored.eventInvokeConfigs.get(key);
  if (before === undefined) throw noConfig(named);
  const success = destinations?.success && text(destinations.success, "Destination");
  const failure = destinations?.failure && text(destinations.failure, "Destination");
  for (const arn of [success, failure]) {
    if (arn !== undefined) checkDestination(parts, arn, input, context);
  }
  const config: EventInvokeConfig = {
    maximumRetryAttempts: retries ?? before.maximumRetryAttempts,
    maximumEventAgeInSeconds: age ?? before.maximumEventAgeInSeconds,
    onSuccess: destinations?.success === undefined ? before.onSuccess : success || null,
    onFailure: destinations?.failure === undefined ? before.onFailure : failure || null,
    lastModifiedMs: context.now,
  };
  stored.eventInvokeConfigs.set(key, config);
  return view(stored, key, config);
}

function found(
  parts: Parts,
  input: Input,
  context: CallContext,
): [StoredFunction, string, EventInvokeConfig] {
  const named = namedFunction(input, context);
  const stored = parts.functions.find(context, named.name);
  const config = stored?.eventInvokeConfigs.get(keyOf(named));
  if (stored === undefined || config === undefined) throw noConfig(named);
  return [stored, keyOf(named), config];
}

const largestPage = 50;

function list(parts: Parts, input: Input, context: CallContext): unknown {
  const stored = parts.functions.find(context, namedFunction(input, context).name);
  if (stored === undefined) throw noFunction();
  const page = pageOf([...stored.eventInvokeConfigs], input, largestPage, largestPage);
  return {
    FunctionEventInvokeConfigs: page.items.map(([key, config]) => view(stored, key, config)),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** How asynchronous invocations are handled, per version and alias. */
export function eventInvokeHandlers(parts: Parts): Handlers {
  return {
    PutFunctionEventInvokeConfig: (input, context) => write(parts, input, context, "put"),
    UpdateFunctionEventInvokeConfig: (input, context) => write(parts, input, context, "update"),
    GetFunctionEventInvokeConfig: (input, context) => view(...found(parts, input, context)),
    DeleteFunctionEventInvokeConfig: (input, context) => {
      const [stored, key] = found(parts, input, context);
      stored.eventInvokeConfigs.delete(key);
      return {};
    },
    ListFunctionEventInvokeConfigs: (input, context) => list(parts, input, context),
  };
}
