import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText } from "../input.ts";
import { enumFailures } from "./constraints.ts";
import { namedFunction } from "./function-reference.ts";
import type { FunctionStore } from "./function-store.ts";

interface Parts {
  readonly functions: FunctionStore;
}

function put(parts: Parts, input: Input, context: CallContext): unknown {
  const loop = needText(input, "RecursiveLoop");
  const { name } = namedFunction(
    input,
    context,
    "bare",
    enumFailures(input, "RecursiveLoop", ["Terminate", "Allow"]),
  );
  parts.functions.get(context, name, null).recursiveLoop = loop;
  return { RecursiveLoop: loop };
}

/** Whether loops of a function with itself are ended; it is kept and shown, and loops are not looked for. */
export function recursionHandlers(parts: Parts): Handlers {
  return {
    PutFunctionRecursionConfig: (input, context) => put(parts, input, context),
    GetFunctionRecursionConfig: (input, context) => {
      const { name } = namedFunction(input, context, "bare");
      return { RecursiveLoop: parts.functions.get(context, name, null).recursiveLoop };
    },
  };
}
