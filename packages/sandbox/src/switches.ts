import { ApiError } from "./api-error.ts";
import type { Clock } from "./clock.ts";

/** Answers the next calls of an action with an error. Actions may end in `*`. */
export interface FailRule {
  action: string;
  /** How many calls are left to fail; null: all of them. */
  count: number | null;
  status: number;
  code: string;
  message?: string;
}

/** Loses the answer of calls: `after` the work was done or `before` it. */
export interface LoseRule {
  action: string;
  when: "after" | "before";
  /** How many answers are left to lose; null: no end. */
  count: number | null;
  /** Only every k-th call of the action (1, the default: each). */
  every?: number;
}

export interface ThrottleRule {
  ratePerSecond: number;
  /** Calls that are let through at once after a pause. */
  burst: number;
  /** Default: all of Lambda's control plane but GetFunction. Actions may end in `*`. */
  actions?: string[];
}

/** Faults of the cloud itself. Plain JSON: settable in process and over HTTP. */
export interface SwitchSettings {
  /** Actions (`service:Operation`, or `service:*`) answered with AccessDenied. */
  deny: string[];
  throttle: ThrottleRule | null;
  fail: FailRule[];
  lose: LoseRule[];
  /** Added before every call that `latencyActions` names (empty: all); a change holds for the calls that wait, too. */
  latencyMs: number;
  latencyActions: string[];
  /** UUIDs of mappings (or "*") whose transitions do not end. */
  stuckMappings: string[];
  /** Names of functions (or "*") whose updates do not end. */
  stuckFunctions: string[];
  /** Names of functions (or "*") whose updates end in LastUpdateStatus=Failed. */
  failFunctionUpdates: string[];
  /** How long in ms environments still serve after an update is Successful, unless the sandbox was started with more. */
  overlapMs: number;
  /** Names of functions (or "*") whose environment callers may neither decrypt nor encrypt: reads have an error instead. */
  unreadableEnvironments: string[];
  /** Names of functions (or "*") that may not decrypt their environment: invocations are KMSAccessDeniedException. */
  undecryptableEnvironments: string[];
  /** Sessions of STS end after so many seconds at the latest, whatever was asked for; null: when they were to end. */
  sessionSeconds: number | null;
  /** An update of a mapping that is Enabling, Disabling or Updating: AWS's answer is not known. */
  mappingUpdateInTransition: "accept" | "refuse";
}

function defaultSwitches(): SwitchSettings {
  return {
    deny: [],
    throttle: null,
    fail: [],
    lose: [],
    latencyMs: 0,
    latencyActions: [],
    stuckMappings: [],
    stuckFunctions: [],
    failFunctionUpdates: [],
    overlapMs: 0,
    unreadableEnvironments: [],
    undecryptableEnvironments: [],
    sessionSeconds: null,
    mappingUpdateInTransition: "accept",
  };
}

/** Whether a pattern (`lambda:GetFunction`, `lambda:*`, `*`) names an action. */
export function actionMatches(pattern: string, action: string): boolean {
  return pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}

/** Whether a switch that lists names or UUIDs is on for this one; "*" stands for all. */
export function isNamed(list: readonly string[], name: string): boolean {
  return list.includes(name) || list.includes("*");
}

/** The switches of one cloud and what they do to a call. */
export interface Switches {
  get(): SwitchSettings;
  /** Replaces the members that are given. Counters and the throttle's bucket start anew for replaced members. */
  set(patch: Partial<SwitchSettings>): void;
  reset(): void;
}

export interface SwitchEffects extends Switches {
  /** ms to wait before this call. */
  latency(action: string): number;
  /** Calls back at every change, until what it returns is called. */
  onChange(changed: () => void): () => void;
  /** Throws what the switches want instead of an answer; called before the work is done. */
  before(action: string): void;
  /** Throws when the answer to finished work is to be lost. */
  after(action: string): void;
  denied(action: string): boolean;
}

function lost(action: string, when: string): ApiError {
  return new ApiError(
    500,
    "AnswerLost",
    `The connection for ${action} was cut ${when} the work was done, as the switch "lose" asked for.`,
    { answered: false },
  );
}

function inThrottle(rule: ThrottleRule, action: string): boolean {
  if (rule.actions !== undefined) return rule.actions.some((pattern) => actionMatches(pattern, action));
  return action.startsWith("lambda:") && action !== "lambda:GetFunction" && action !== "lambda:Invoke";
}

function throttledError(action: string): ApiError {
  if (action.startsWith("lambda:")) {
    return new ApiError(429, "TooManyRequestsException", "Rate exceeded", {
      body: { Reason: "CallerRateLimitExceeded" },
    });
  }
  return new ApiError(400, "ThrottlingException", "Rate exceeded");
}

function failBy(rules: readonly FailRule[], action: string): void {
  for (const rule of rules) {
    if (rule.count === 0 || !actionMatches(rule.action, action)) continue;
    if (rule.count !== null) rule.count -= 1;
    const words = rule.message ?? `${rule.code}, as the switch "fail" asked for.`;
    throw new ApiError(rule.status, rule.code, words);
  }
}

/**
 * Makes the switches; the token bucket runs on the clock. `settle` is called before each change: what was due until
 * then ends under the old settings.
 */
export function createSwitches(clock: Clock, settle: () => void): SwitchEffects {
  let settings = defaultSwitches();
  let tokens = 0;
  let filledAt = 0;
  let seen = new Map<LoseRule, number>();
  const watchers = new Set<() => void>();

  const throttle = (action: string): void => {
    const rule = settings.throttle;
    if (rule === null || !inThrottle(rule, action)) return;
    const now = clock.now();
    tokens = Math.min(rule.burst, tokens + ((now - filledAt) / 1000) * rule.ratePerSecond);
    filledAt = now;
    if (tokens < 1) throw throttledError(action);
    tokens -= 1;
  };
  const lose = (action: string, when: "after" | "before"): void => {
    for (const rule of settings.lose) {
      if (rule.when !== when || rule.count === 0 || !actionMatches(rule.action, action)) continue;
      const count = (seen.get(rule) ?? 0) + 1;
      seen.set(rule, count);
      if (count % (rule.every ?? 1) !== 0) continue;
      if (rule.count !== null) rule.count -= 1;
      throw lost(action, when);
    }
  };
  const set = (patch: Partial<SwitchSettings>): void => {
    settle();
    settings = { ...settings, ...structuredClone(patch) };
    if (patch.lose !== undefined) seen = new Map();
    if (settings.throttle !== null && patch.throttle !== undefined) {
      tokens = settings.throttle.burst;
      filledAt = clock.now();
    }
    for (const changed of watchers) changed();
  };
  return {
    get: () => structuredClone(settings),
    set,
    reset: () => set(defaultSwitches()),
    latency: (action) => {
      const { latencyMs, latencyActions } = settings;
      const applies = latencyActions.length === 0 || latencyActions.some((p) => actionMatches(p, action));
      return applies ? latencyMs : 0;
    },
    onChange: (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    before: (action) => {
      lose(action, "before");
      throttle(action);
      failBy(settings.fail, action);
    },
    after: (action) => lose(action, "after"),
    denied: (action) => settings.deny.some((pattern) => actionMatches(pattern, action)),
  };
}
