export { type Architecture, architectureOf, architectures } from "./architecture.ts";
export {
  type Behavior,
  behaviors,
  CONFIGURATION_VARIABLE,
  type Configuration,
  writeConfiguration,
} from "./configuration.ts";
export { type Interceptor, interceptorFor } from "./interceptor-for.ts";
export { type InterceptorLine, readLine } from "./line.ts";
export { nodeOption } from "./node-option.ts";
export { isPatchedGo, type PatchedGo, patchGo, type Unpatched, unpatchGo } from "./patch-go.ts";
export { type GoProgram, type Program, readProgram, readProgramFile } from "./program.ts";
export { type Reach, reachOf, type Tier, tierOf } from "./reach.ts";
export { newTally, readTally, type Tally } from "./tally.ts";
export { isAlwaysAllowed, type ParsedTarget, parseTarget, type Target } from "./target.ts";
