import { ApiError, invalidParameter } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, numeric } from "../input.ts";
import type { Timing } from "../timing.ts";
import { keptUnreserved, overLimit, unreservedConcurrency } from "./concurrency.ts";
import { patternFailures, rangeFailures } from "./constraints.ts";
import { type NamedFunction, namedFunction, noSuchQualifier } from "./function-reference.ts";
import { type FunctionStore, type StoredFunction, versionNamed } from "./function-store.ts";
import { functionTime } from "./function-view.ts";
import { pageOf } from "./paging.ts";

/** Environments that are to be kept ready; here they are only counted. */
export interface ProvisionedConcurrency {
  readonly requested: number;
  /** What is ready until then. */
  readonly before: number;
  readonly readyAt: number;
  readonly lastModified: string;
}

interface Parts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
  readonly timing: Timing;
}

function view(config: ProvisionedConcurrency, now: number): Record<string, unknown> {
  const isReady = now >= config.readyAt;
  const ready = isReady ? config.requested : config.before;
  return {
    RequestedProvisionedConcurrentExecutions: config.requested,
    AvailableProvisionedConcurrentExecutions: ready,
    AllocatedProvisionedConcurrentExecutions: ready,
    Status: isReady ? "READY" : "IN_PROGRESS",
    LastModified: config.lastModified,
  };
}

interface Found {
  readonly stored: StoredFunction;
  readonly qualifier: string;
}

/** The version or alias that an input names. Source: recorded answers of Lambda. */
function found(parts: Parts, input: Input, context: CallContext, refusedLatest: string): Found {
  needText(input, "Qualifier");
  const failures = [
    ...patternFailures(input, "Qualifier", "(|[a-zA-Z0-9$_-]+)"),
    ...rangeFailures(input, "ProvisionedConcurrentExecutions", 1, Number.MAX_SAFE_INTEGER),
  ];
  const named: NamedFunction = namedFunction(input, context, "plain", failures);
  const { name, qualifier } = named;
  if (qualifier === null || qualifier === "$LATEST") throw invalidParameter(refusedLatest);
  const stored = parts.functions.find(context, name);
  if (stored === undefined || versionNamed(stored, qualifier) === undefined) {
    throw noSuchQualifier(named, context);
  }
  return { stored, qualifier };
}

const versionsOnly = "The function resource provided must be an alias or a published version.";

/** A version and an alias for it cannot both have a configuration. Source: recorded answers of Lambda. */
function refuseTwice({ stored, qualifier }: Found): void {
  const alias = stored.aliases.get(qualifier);
  if (alias !== undefined && stored.provisioned.has(alias.functionVersion)) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    );
  }
  const twin = [...stored.aliases.values()].find(
    (one) => one.functionVersion === qualifier && stored.provisioned.has(one.name),
  );
  if (twin !== undefined) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      "Version is pointed by a Provisioned Concurrency alias",
    );
  }
}

function refuseTooMuch(
  parts: Parts,
  { stored, qualifier }: Found,
  wanted: number,
  context: CallContext,
): void {
  let others = 0;
  for (const [key, config] of stored.provisioned) if (key !== qualifier) others += config.requested;
  if (stored.concurrency !== null) {
    if (others + wanted <= stored.concurrency) return;
    throw invalidParameter(
      "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    );
  }
  const left = unreservedConcurrency(parts, context, stored.name) - others;
  if (wanted > left) {
    throw overLimit(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${left}].`,
    );
  }
  if (left - wanted < keptUnreserved) {
    throw overLimit(
      `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${keptUnreserved}].`,
    );
  }
}

function put(parts: Parts, input: Input, context: CallContext): unknown {
  const target = found(
    parts,
    input,
    context,
    "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
  );
  const wanted = numeric(input, "ProvisionedConcurrentExecutions") ?? 1;
  refuseTwice(target);
  refuseTooMuch(parts, target, wanted, context);
  const config: ProvisionedConcurrency = {
    requested: wanted,
    before: 0,
    readyAt: context.now + parts.timing.provisionedConcurrency,
    // Without fractions. Source: the examples of the AWS CLI.
    lastModified: functionTime(context.now).replace(/\.\d+/, ""),
  };
  const { stored, qualifier } = target;
  stored.provisioned.set(qualifier, config);
  const version = versionNamed(stored, qualifier);
  if (version !== undefined) version.revisionId = parts.ids.uuid();
  // It is never ready in the answer of the call that asks for it.
  return { ...view(config, Number.NEGATIVE_INFINITY) };
}

/** To be called when an alias moves to another version: its environments are made anew, the old ones serve until then. */
export function moveProvisioned(stored: StoredFunction, alias: string, timing: Timing, now: number): void {
  const config = stored.provisioned.get(alias);
  if (config === undefined) return;
  const before = now >= config.readyAt ? config.requested : config.before;
  stored.provisioned.set(alias, { ...config, before, readyAt: now + timing.provisionedConcurrency });
}

const largestPage = 50;

function list(parts: Parts, input: Input, context: CallContext): unknown {
  const { name } = namedFunction(input, context, "plain");
  const stored = parts.functions.get(context, name, null);
  const page = pageOf([...stored.provisioned], input, largestPage, largestPage);
  return {
    ProvisionedConcurrencyConfigs: page.items.map(([qualifier, config]) => ({
      FunctionArn: `${stored.arn}:${qualifier}`,
      ...view(config, context.now),
    })),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** Provisioned concurrency of versions and aliases. */
export function provisionedHandlers(parts: Parts): Handlers {
  return {
    PutProvisionedConcurrencyConfig: (input, context) => put(parts, input, context),
    GetProvisionedConcurrencyConfig: (input, context) => {
      const { stored, qualifier } = found(parts, input, context, versionsOnly);
      const config = stored.provisioned.get(qualifier);
      if (config !== undefined) return view(config, context.now);
      throw new ApiError(
        404,
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
      );
    },
    DeleteProvisionedConcurrencyConfig: (input, context) => {
      const { stored, qualifier } = found(parts, input, context, versionsOnly);
      stored.provisioned.delete(qualifier);
      return {};
    },
    ListProvisionedConcurrencyConfigs: (input, context) => list(parts, input, context),
  };
}
