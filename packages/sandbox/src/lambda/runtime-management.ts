import { invalidParameter } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, text } from "../input.ts";
import { enumFailures } from "./constraints.ts";
import { type FoundVersion, foundVersion, namedFunction } from "./function-reference.ts";
import type { FunctionStore } from "./function-store.ts";

/** When a version moves to a newer version of its runtime. Nothing here ever moves. */
export interface RuntimeManagement {
  /** "Auto", "FunctionUpdate" or "Manual". */
  readonly updateOn: string;
  /** With "Manual" only; null otherwise. */
  readonly runtimeVersionArn: string | null;
}

interface Parts {
  readonly functions: FunctionStore;
}

function view({ stored, version }: FoundVersion): unknown {
  const management = stored.runtimeManagement.get(version.version);
  return {
    UpdateRuntimeOn: management?.updateOn ?? "Auto",
    FunctionArn: `${stored.arn}:${version.version}`,
    ...(management === undefined || management.runtimeVersionArn === null
      ? {}
      : { RuntimeVersionArn: management.runtimeVersionArn }),
  };
}

function put(parts: Parts, input: Input, context: CallContext): unknown {
  const updateOn = needText(input, "UpdateRuntimeOn");
  namedFunction(
    input,
    context,
    "wide",
    enumFailures(input, "UpdateRuntimeOn", ["Auto", "Manual", "FunctionUpdate"]),
  );
  const arn = text(input, "RuntimeVersionArn") ?? null;
  if ((updateOn === "Manual") !== (arn !== null)) {
    throw invalidParameter(
      updateOn === "Manual"
        ? "With UpdateRuntimeOn Manual a RuntimeVersionArn has to be given."
        : `With UpdateRuntimeOn ${updateOn} no RuntimeVersionArn can be given.`,
    );
  }
  const found = foundVersion(parts, input, context);
  found.stored.runtimeManagement.set(found.version.version, { updateOn, runtimeVersionArn: arn });
  return view(found);
}

/** When the runtime of a function is updated. */
export function runtimeManagementHandlers(parts: Parts): Handlers {
  return {
    GetRuntimeManagementConfig: (input, context) => view(foundVersion(parts, input, context)),
    PutRuntimeManagementConfig: (input, context) => put(parts, input, context),
  };
}
