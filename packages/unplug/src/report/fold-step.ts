import type { EventOf } from "../contract/events.ts";
import { refKey } from "../contract/place.ts";
import { changeIteration, changeStep } from "./change-step.ts";
import { findStep, type IterationView, type Phase, type RunView, type Series } from "./run-view.ts";
import { withStatuses } from "./target-status.ts";

/** The events that tell of a step and its iterations. */
export type StepEvent = EventOf<
  | "step.planned"
  | "step.refused"
  | "step.skipped"
  | "ramp.started"
  | "interval.started"
  | "wait.started"
  | "iteration.started"
  | "inject.confirmed"
  | "inject.failed"
  | "hold.started"
  | "inject.lost"
  | "hold.ended"
  | "iteration.ended"
  | "sampled"
  | "evidence"
  | "answered"
>;

export function foldStep(view: RunView, at: number, event: StepEvent): RunView {
  switch (event.type) {
    case "step.planned":
    case "step.refused":
    case "step.skipped":
      return foldPlanning(view, event);
    case "ramp.started":
      return begin(view, event.step, paused("ramp", at, event));
    case "interval.started":
      return begin(view, event.step, paused("interval", at, event));
    case "wait.started":
      return begin(view, event.step, paused("waiting", at, event));
    case "sampled":
      return { ...view, series: addSamples(view.series, at, event) };
    case "evidence":
      return changeStep(view, event.step, (step) => ({ evidence: [...step.evidence, ...event.evidence] }));
    case "answered":
      return changeStep(view, event.step, (step) => ({ answers: [...step.answers, ...event.answers] }));
    default:
      return foldIteration(view, at, event);
  }
}

function foldPlanning(
  view: RunView,
  event: EventOf<"step.planned" | "step.refused" | "step.skipped">,
): RunView {
  if (event.type === "step.refused") {
    return changeStep(view, event.step, () => ({ state: "refused", reason: event.reason }));
  }
  if (event.type === "step.skipped") {
    return changeStep(view, event.step, () => ({ state: "skipped", reason: event.reason }));
  }
  const { place, identity, timing, iterations, warnings, until } = event;
  const targets = event.targets.map(({ ref, title }) => ({
    key: refKey(ref),
    ref,
    title,
    status: "untouched" as const,
    drift: [],
    failure: null,
  }));
  const facts = { place, identity, timing, planned: iterations, warnings, until, targets };
  return withStatuses(
    changeStep(view, event.step, () => facts),
    event.step,
  );
}

function foldIteration(
  view: RunView,
  at: number,
  event: EventOf<
    | "iteration.started"
    | "inject.confirmed"
    | "inject.failed"
    | "hold.started"
    | "inject.lost"
    | "hold.ended"
    | "iteration.ended"
  >,
): RunView {
  const { step, iteration } = event;
  const to = (name: Phase["name"], until: number | null = null) => ({
    name,
    since: at,
    until,
    step,
    iteration,
  });
  const change = (change: (item: IterationView) => Partial<IterationView>) =>
    changeIteration(view, { step, iteration, at }, change);
  switch (event.type) {
    case "iteration.started":
      return begin(
        change(() => ({ startedAt: at, targets: event.targets })),
        step,
        to("injecting"),
      );
    case "inject.confirmed":
      return withStatuses({ ...change(() => ({ confirmedAt: at })), phase: to("confirming") }, step);
    case "inject.failed":
      return { ...injectFailed(view, at, event), phase: to("restoring") };
    case "hold.started":
      return {
        ...change(() => ({ holdStartedAt: at, until: event.until })),
        phase: to("holding", event.until),
      };
    case "inject.lost": {
      const lost = { at, ref: event.ref, reason: event.reason, now: event.now };
      return withStatuses(
        change((item) => ({ lost: [...item.lost, lost] })),
        step,
      );
    }
    case "hold.ended":
      return {
        ...change(() => ({ holdEndedAt: at, overrunMs: event.overrunMs })),
        phase: to("restoring"),
      };
    case "iteration.ended": {
      const next = change(() => ({ endedAt: at }));
      const found = findStep(next, step);
      const ended = found?.iterations.filter(({ endedAt }) => endedAt !== null).length ?? 0;
      return ended >= (found?.planned ?? 0) ? { ...next, phase: to("watching") } : next;
    }
  }
}

function injectFailed(view: RunView, at: number, event: EventOf<"inject.failed">): RunView {
  const { step, iteration } = event;
  // What an abort cut short did not fail.
  const failure = view.aborts.length > 0 ? null : event.failure;
  const changed = changeIteration(view, { step, iteration, at }, () => ({ failure }));
  const told = { at, step, edit: null, during: "inject" as const, failure: event.failure };
  return { ...changed, failures: [...view.failures, told] };
}

function paused(
  name: Phase["name"],
  since: number,
  { step, ms }: { readonly step: string; readonly ms: number },
): Phase {
  return { name, since, until: since + ms, step, iteration: null };
}

/** A step begins when it first does something; whichever ran before it is done then. */
function begin(view: RunView, name: string, next: Phase): RunView {
  const begun = changeStep(view, name, () => ({ state: "running" }));
  const steps = begun.steps.map((step) =>
    step.state === "running" && step.name !== name ? { ...step, state: "done" as const } : step,
  );
  return { ...begun, steps, phase: next };
}

function addSamples(
  series: readonly Series[],
  at: number,
  { step, phase, samples }: EventOf<"sampled">,
): readonly Series[] {
  const next = [...series];
  const places = new Map(next.map((item, i) => [seriesKey(item), i]));
  for (const { channel, subject, value } of samples) {
    const key = seriesKey({ step, channel, subject });
    const i = places.get(key) ?? next.length;
    places.set(key, i);
    const points = [...(next[i]?.points ?? []), [at, value, phase] as const];
    next[i] = { step, channel, subject, points };
  }
  return next;
}

function seriesKey({ step, channel, subject }: Pick<Series, "step" | "channel" | "subject">): string {
  return JSON.stringify([step, channel, subject]);
}
