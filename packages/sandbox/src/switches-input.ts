import { ApiError } from "./api-error.ts";
import { type Input, isRecord, numeric, records, text, texts } from "./input.ts";
import type { FailRule, LoseRule, SwitchSettings, ThrottleRule } from "./switches.ts";

function bad(member: string, expected: string): ApiError {
  return new ApiError(400, "InvalidSwitch", `The switch ${member} cannot be set: expected ${expected}.`);
}

function need<T>(value: T | undefined, member: string, expected: string): T {
  if (value === undefined) throw bad(member, expected);
  return value;
}

function countOf(rule: Input, member: string): number | null {
  return rule["count"] === null ? null : need(numeric(rule, "count"), `${member}.count`, "a number or null");
}

function failRule(rule: Input): FailRule {
  const message = text(rule, "message");
  return {
    action: need(text(rule, "action"), "fail.action", "service:Operation"),
    count: countOf(rule, "fail"),
    status: need(numeric(rule, "status"), "fail.status", "an HTTP status"),
    code: need(text(rule, "code"), "fail.code", "an error code"),
    ...(message === undefined ? {} : { message }),
  };
}

function loseRule(rule: Input): LoseRule {
  const when = text(rule, "when");
  const every = numeric(rule, "every");
  if (when !== "before" && when !== "after") throw bad("lose.when", '"before" or "after"');
  return {
    action: need(text(rule, "action"), "lose.action", "service:Operation"),
    when,
    count: countOf(rule, "lose"),
    ...(every === undefined ? {} : { every }),
  };
}

function throttleRule(value: unknown): ThrottleRule | null {
  if (value === null) return null;
  if (!isRecord(value)) throw bad("throttle", "an object or null");
  const actions = texts(value, "actions");
  return {
    ratePerSecond: need(numeric(value, "ratePerSecond"), "throttle.ratePerSecond", "a number"),
    burst: need(numeric(value, "burst"), "throttle.burst", "a number"),
    ...(actions === undefined ? {} : { actions: [...actions] }),
  };
}

function mode(value: unknown): SwitchSettings["mappingUpdateInTransition"] {
  if (value === "accept" || value === "refuse") return value;
  throw bad("mappingUpdateInTransition", '"accept" or "refuse"');
}

type Reader = (input: Input, member: string) => Partial<SwitchSettings>;

const names =
  (set: (value: string[]) => Partial<SwitchSettings>): Reader =>
  (input, member) =>
    set([...need(texts(input, member), member, "a list of strings")]);

const readers: Readonly<Record<keyof SwitchSettings, Reader>> = {
  deny: names((deny) => ({ deny })),
  latencyActions: names((latencyActions) => ({ latencyActions })),
  stuckMappings: names((stuckMappings) => ({ stuckMappings })),
  stuckFunctions: names((stuckFunctions) => ({ stuckFunctions })),
  failFunctionUpdates: names((failFunctionUpdates) => ({ failFunctionUpdates })),
  overlapMs: (input) => ({ overlapMs: need(numeric(input, "overlapMs"), "overlapMs", "milliseconds") }),
  unreadableEnvironments: names((unreadableEnvironments) => ({ unreadableEnvironments })),
  undecryptableEnvironments: names((undecryptableEnvironments) => ({ undecryptableEnvironments })),
  sessionSeconds: (input) => ({
    sessionSeconds:
      input["sessionSeconds"] === null
        ? null
        : need(numeric(input, "sessionSeconds"), "sessionSeconds", "seconds or null"),
  }),
  throttle: (input) => ({ throttle: throttleRule(input["throttle"]) }),
  fail: (input) => ({ fail: need(records(input, "fail"), "fail", "a list").map(failRule) }),
  lose: (input) => ({ lose: need(records(input, "lose"), "lose", "a list").map(loseRule) }),
  latencyMs: (input) => ({ latencyMs: need(numeric(input, "latencyMs"), "latencyMs", "milliseconds") }),
  mappingUpdateInTransition: (input) => ({
    mappingUpdateInTransition: mode(input["mappingUpdateInTransition"]),
  }),
};

function isSwitch(name: string): name is keyof SwitchSettings {
  return Object.hasOwn(readers, name);
}

/** Reads switches from JSON; throws 400 that names the member which cannot be used. */
export function readSwitches(value: unknown): Partial<SwitchSettings> {
  if (!isRecord(value)) throw bad("settings", "a JSON object");
  let patch: Partial<SwitchSettings> = {};
  for (const name of Object.keys(value)) {
    if (!isSwitch(name)) throw bad(name, `one of ${Object.keys(readers).join(", ")}`);
    patch = { ...patch, ...readers[name](value, name) };
  }
  return patch;
}
