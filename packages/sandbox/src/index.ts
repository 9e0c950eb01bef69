export { ApiError } from "./api-error.ts";
export type { CallRecord, RecordedCall } from "./call-record.ts";
export type { After, Clock } from "./clock.ts";
export { type Caller, type Cloud, type CloudOptions, createCloud } from "./cloud.ts";
export { serveCloud } from "./http/serve-cloud.ts";
export type { FunctionImage, Invoke, InvokeAnswer, InvokeRequest } from "./runtime-port.ts";
export { type Sandbox, type SandboxOptions, startSandbox } from "./start-sandbox.ts";
export { type Timing, type TimingName, timings } from "./timing.ts";
export { zipOf } from "./zip-of.ts";
