import { ApiError } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, numeric } from "../input.ts";
import { rangeFailures } from "./constraints.ts";
import { namedFunction, refuseQualifier, wholeFunction } from "./function-reference.ts";
import { type FunctionStore, notFound, type StoredFunction } from "./function-store.ts";

/** Invocations at a time that an account may have in a region. */
export const accountLimit = 1000;

/** Of these, so many are kept for functions that reserve none. */
export const keptUnreserved = 100;

interface Parts {
  readonly functions: FunctionStore;
}

/** What is left of the account's limit for functions that reserve nothing, without looking at one of them. */
export function unreservedConcurrency({ functions }: Parts, place: Place, but?: string): number {
  let left = accountLimit;
  for (const stored of functions.of(place)) {
    if (stored.name !== but) left -= stored.concurrency ?? totalProvisioned(stored);
  }
  return left;
}

function totalProvisioned({ provisioned }: StoredFunction): number {
  return [...provisioned.values()].reduce((sum, { requested }) => sum + requested, 0);
}

/** 400 of Lambda that has no Type. Source: recorded answers. */
export function overLimit(message: string): ApiError {
  return new ApiError(400, "InvalidParameterValueException", message, { type: null });
}

function put(parts: Parts, input: Input, context: CallContext): unknown {
  const failures = rangeFailures(input, "ReservedConcurrentExecutions", 0, Number.MAX_SAFE_INTEGER);
  const named = namedFunction(input, context, "plain", failures);
  refuseQualifier(named);
  const stored = parts.functions.find(context, named.name);
  if (stored === undefined) throw notFound(context, named.name, "$LATEST");
  const wanted = numeric(input, "ReservedConcurrentExecutions") ?? 0;
  const provisioned = totalProvisioned(stored);
  if (wanted < provisioned) {
    throw overLimit(
      ` ReservedConcurrentExecutions  ${wanted} should not be lower than function's total provisioned concurrency [${provisioned}].`,
    );
  }
  if (wanted > 0 && unreservedConcurrency(parts, context, stored.name) - wanted < keptUnreserved) {
    throw overLimit(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${keptUnreserved}].`,
    );
  }
  stored.concurrency = wanted;
  return { ReservedConcurrentExecutions: wanted };
}

/** Reserved concurrency. */
export function concurrencyHandlers(parts: Parts): Handlers {
  return {
    PutFunctionConcurrency: (input, context) => put(parts, input, context),
    GetFunctionConcurrency: (input, context) => {
      const { concurrency } = wholeFunction(parts, input, context);
      return concurrency === null ? {} : { ReservedConcurrentExecutions: concurrency };
    },
    DeleteFunctionConcurrency: (input, context) => {
      wholeFunction(parts, input, context).concurrency = null;
      return {};
    },
  };
}
