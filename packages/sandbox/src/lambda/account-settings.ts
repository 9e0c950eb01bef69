import type { CallContext, Handlers } from "../caller.ts";
import { accountLimit, unreservedConcurrency } from "./concurrency.ts";
import type { FunctionStore } from "./function-store.ts";
import type { LayerStore } from "./layer-store.ts";

interface Parts {
  readonly functions: FunctionStore;
  readonly layers: LayerStore;
}

/** Bytes, zipped, of every version of every function and layer. */
function codeSize({ functions, layers }: Parts, context: CallContext): number {
  const ofFunctions = functions.of(context).flatMap((f) => [f.latest, ...f.versions.values()]);
  const zips = [
    ...ofFunctions.map((version) => version.shown.code.zip),
    ...layers.of(context).flatMap((versions) => versions.map((version) => version.code.zip)),
  ];
  return zips.reduce((sum, zip) => sum + zip.length, 0);
}

/** The account's limits and what is used of them. */
export function accountHandlers(parts: Parts): Handlers {
  return {
    GetAccountSettings: (_input, context) => ({
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: accountLimit,
        UnreservedConcurrentExecutions: unreservedConcurrency(parts, context),
      },
      AccountUsage: {
        TotalCodeSize: codeSize(parts, context),
        FunctionCount: parts.functions.of(context).length,
      },
    }),
  };
}
