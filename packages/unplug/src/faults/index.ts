import type { AnyFault } from "../contract/fault.ts";
import { lambdaBlockTcpConnection } from "./lambda-block-tcp-connection.ts";
import { lambdaThrottle } from "./lambda-throttle.ts";
import { lambdaToggleEventMappingState } from "./lambda-toggle-event-mapping-state.ts";
import { lambdaUpdateFunctionMemory } from "./lambda-update-function-memory.ts";

/** Every fault that ships with Unplug. */
export const builtinFaults: readonly AnyFault[] = [
  lambdaToggleEventMappingState,
  lambdaBlockTcpConnection,
  lambdaThrottle,
  lambdaUpdateFunctionMemory,
];
