import { environmentAccess } from "../contract/access.ts";
import type { AbortRequest, Event } from "../contract/events.ts";
import type { EvidenceVerdict } from "../contract/evidence.ts";
import type { FaultStep, Step } from "../contract/experiment.ts";
import type { Target } from "../contract/fault.ts";
import type { Recorded } from "../contract/journal.ts";
import { type Place, type Ref, refKey } from "../contract/place.ts";

/** 2026-01-31 12:03:03 UTC. */
export const BASE = Date.UTC(2026, 0, 31, 12, 3, 3);
export const place: Place = { account: "123456789012", region: "us-east-1", endpoint: null };
export const identity = "arn:aws:iam::123456789012:user/dana";
const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:orders";

export function mappingRef(id: string): Ref {
  return { kind: "mapping", id, within: functionArn, place };
}

export function target(id: string, source: string): Target {
  return { ref: mappingRef(id), title: `mapping ${id} (SQS ${source})`, state: { enabled: true }, about: {} };
}

export const targets = [target("4f1c", "orders"), target("9e2b", "refunds")] as const;

export function faultStep(name: string): FaultStep {
  return {
    kind: "fault",
    name,
    fault: "lambda-toggle-event-mapping-state",
    weight: 10,
    tunables: [
      { name: "FUNCTION_NAME", value: "orders", source: "argument" },
      { name: "EVENT_UUIDS", value: "4f1c,9e2b", source: "file" },
      { name: "REGION", value: "us-east-1", source: "environment" },
      { name: "TOTAL_CHAOS_DURATION", value: 30, source: "default" },
    ],
  };
}

export const timing = {
  holdMs: 30_000,
  intervalMs: 30_000,
  rampMs: 0,
  serial: false,
  cycles: 1,
  statusTimeoutMs: 180_000,
  statusDelayMs: 2_000,
  restoreTimeoutMs: 300_000,
};

export const access = environmentAccess("us-east-1");

/** Seconds after the start, and what happened then. */
export type Entry = readonly [seconds: number, event: Event];

export function record(entries: readonly Entry[]): readonly Recorded[] {
  return entries.map(([seconds, event], i) => ({
    sequence: i + 1,
    at: BASE + Math.round(seconds * 1000),
    event,
  }));
}

export function start(
  steps: readonly Step[] = [faultStep("orders-pause")],
  requireEffect = false,
): readonly Entry[] {
  const experiment = {
    name: "orders-survives",
    description: "Orders drains its backlog.",
    requireEffect,
    steps,
  };
  return [[0, { type: "run.started", version: "0.1.0", format: 1, by: "dana@laptop", experiment }]];
}

export function planned(step = "orders-pause", iterations = 1, of: readonly Target[] = targets): Entry {
  const warnings = ["The hold is shorter than the 90 s for which AWS may go on polling."];
  const until = BASE + 600_000;
  return [
    1,
    { type: "step.planned", step, place, access, identity, timing, iterations, targets: of, warnings, until },
  ];
}

/** The arming edit of one mapping. */
export function intended(
  seconds: number,
  edit: number,
  id: string,
  { iteration = 1, step = "orders-pause" }: { readonly iteration?: number; readonly step?: string } = {},
): Entry {
  const value = { ref: mappingRef(id), before: { enabled: true }, after: { enabled: false } };
  const on = refKey(mappingRef(id));
  return [seconds, { type: "edit.intended", edit, step, iteration, target: on, value, arms: true }];
}

export function made(seconds: number, edit: number): Entry {
  return [seconds, { type: "edit.made", edit, made: { id: "x", revision: null } }];
}

/** Both mappings in: from the iteration's start at 4 s to the hold from 6 s to 36 s. */
export function injected(step = "orders-pause"): readonly Entry[] {
  return [
    [3, { type: "iteration.started", step, iteration: 1, targets: targets.map(({ ref }) => ref) }],
    intended(4, 1, "4f1c", { step }),
    intended(4, 2, "9e2b", { step }),
    made(4.2, 1),
    made(4.4, 2),
    [6, { type: "inject.confirmed", step, iteration: 1 }],
    [6, { type: "hold.started", step, iteration: 1, until: BASE + 36_000 }],
  ];
}

export function held(overrunMs = 0, step = "orders-pause"): Entry {
  return [36 + overrunMs / 1000, { type: "hold.ended", step, iteration: 1, overrunMs }];
}

export function undone(seconds: number, edit: number): readonly Entry[] {
  return [
    [seconds, { type: "undo.intended", edit, to: { enabled: true } }],
    [seconds + 0.2, { type: "undone", edit }],
  ];
}

export function restoreStarted(seconds: number, step: string | null = "orders-pause"): Entry {
  return [seconds, { type: "restore.started", step, iteration: step === null ? null : 1, by: "dana@laptop" }];
}

export function restored(from = 37, step = "orders-pause"): readonly Entry[] {
  return [
    restoreStarted(from, step),
    ...undone(from, 1),
    ...undone(from, 2),
    [from + 2.5, { type: "proved", edit: 1 }],
    [from + 2.5, { type: "proved", edit: 2 }],
    [from + 2.5, { type: "iteration.ended", step, iteration: 1 }],
  ];
}

export function ended(seconds = 60, closed = true): readonly Entry[] {
  const all: readonly Entry[] = [
    [seconds, { type: "run.finished" }],
    [seconds, { type: "run.closed" }],
  ];
  return closed ? all : all.slice(0, 1);
}

export function sampled(seconds: number, phase: "baseline" | "fault" | "after", value: number): Entry {
  const samples = [{ channel: "messages visible", subject: "orders", value }];
  return [seconds, { type: "sampled", step: "orders-pause", phase, samples }];
}

export function evidence(...all: readonly (readonly [subject: string, EvidenceVerdict])[]): Entry {
  const texts: Readonly<Record<EvidenceVerdict, string>> = {
    seen: "stood still for 29.1 s",
    absent: "never paused, while 40 messages came",
    "no-traffic": "had no messages, so nothing could show",
    unreadable: "could not be read: grant cloudwatch:GetMetricStatistics",
  };
  return [
    58,
    {
      type: "evidence",
      step: "orders-pause",
      evidence: all.map(([subject, verdict]) => ({
        channel: "polls",
        subject,
        verdict,
        text: `Polling of ${subject} ${texts[verdict]}.`,
        numbers: { subjectCount: 1 },
      })),
    },
  ];
}

export function abort(seconds: number, request: Partial<AbortRequest> = {}): Entry {
  const asked = { by: "dana@laptop", signal: "SIGINT" as const, leave: false, ...request };
  return [seconds, { type: "abort.requested", request: asked }];
}

export const denied = {
  code: "AccessDeniedException",
  message: "lambda:UpdateEventSourceMapping: not authorized",
};
