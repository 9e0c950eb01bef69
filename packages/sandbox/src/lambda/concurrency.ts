import { invalidParameter } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, numeric } from "../input.ts";
import type { FunctionStore } from "./function-store.ts";
import { functionOf } from "./functions.ts";

const accountLimit = 1000;
const keptUnreserved = 100;

interface Parts {
  readonly functions: FunctionStore;
}

function unreserved(parts: Parts, context: CallContext, but?: string): number {
  const reserved = parts.functions
    .of(context)
    .filter((f) => f.name !== but)
    .reduce((sum, f) => sum + (f.concurrency ?? 0), 0);
  return accountLimit - reserved;
}

function put(parts: Parts, input: Input, context: CallContext): unknown {
  const stored = functionOf(parts, input, context);
  const wanted = numeric(input, "ReservedConcurrentExecutions");
  if (wanted === undefined || wanted < 0) {
    throw invalidParameter("ReservedConcurrentExecutions must be a number from 0.");
  }
  if (wanted > 0 && unreserved(parts, context, stored.name) - wanted < keptUnreserved) {
    throw invalidParameter(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${keptUnreserved}].`,
    );
  }
  stored.concurrency = wanted;
  return { ReservedConcurrentExecutions: wanted };
}

/** Reserved concurrency and the account's limits. */
export function concurrencyHandlers(parts: Parts): Handlers {
  return {
    PutFunctionConcurrency: (input, context) => put(parts, input, context),
    GetFunctionConcurrency: (input, context) => {
      const { concurrency } = functionOf(parts, input, context);
      return concurrency === null ? {} : { ReservedConcurrentExecutions: concurrency };
    },
    DeleteFunctionConcurrency: (input, context) => {
      functionOf(parts, input, context).concurrency = null;
      return {};
    },
    GetAccountSettings: (_input, context) => {
      const all = parts.functions.of(context);
      return {
        AccountLimit: {
          TotalCodeSize: 80_530_636_800,
          CodeSizeUnzipped: 262_144_000,
          CodeSizeZipped: 52_428_800,
          ConcurrentExecutions: accountLimit,
          UnreservedConcurrentExecutions: unreserved(parts, context),
        },
        AccountUsage: {
          TotalCodeSize: all.reduce((sum, f) => sum + f.latest.code.zip.length, 0),
          FunctionCount: all.length,
        },
      };
    },
  };
}
