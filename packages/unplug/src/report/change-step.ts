import type { IterationView, RunView, StepView } from "./run-view.ts";

/** Applies a change to one step; one that nobody announced is added, so that no event is lost. */
export function changeStep(
  view: RunView,
  name: string,
  change: (step: StepView) => Partial<StepView>,
): RunView {
  const i = view.steps.findIndex((step) => step.name === name);
  const step = view.steps[i] ?? newStep(name);
  const changed = { ...step, ...change(step) };
  return { ...view, steps: i === -1 ? [...view.steps, changed] : view.steps.with(i, changed) };
}

/** A step of which only the name is known. */
export function newStep(name: string): StepView {
  return {
    name,
    kind: "fault",
    fault: null,
    weight: 1,
    state: "waiting",
    reason: null,
    place: null,
    identity: null,
    timing: null,
    planned: 0,
    until: null,
    targets: [],
    warnings: [],
    iterations: [],
    evidence: [],
    answers: [],
  };
}

/** Which iteration, and when it was first heard of if nobody announced it. */
export interface IterationKey {
  readonly step: string;
  readonly iteration: number;
  readonly at: number;
}

/** As `changeStep`, for one iteration of it. */
export function changeIteration(
  view: RunView,
  { step, iteration, at }: IterationKey,
  change: (item: IterationView) => Partial<IterationView>,
): RunView {
  return changeStep(view, step, ({ iterations }) => {
    const i = iterations.findIndex((item) => item.iteration === iteration);
    const item = iterations[i] ?? newIteration(iteration, at);
    const changed = { ...item, ...change(item) };
    return { iterations: i === -1 ? [...iterations, changed] : iterations.with(i, changed) };
  });
}

function newIteration(iteration: number, startedAt: number): IterationView {
  return {
    iteration,
    targets: [],
    startedAt,
    intendedAt: null,
    confirmedAt: null,
    holdStartedAt: null,
    until: null,
    holdEndedAt: null,
    overrunMs: 0,
    restoreStartedAt: null,
    restoredAt: null,
    endedAt: null,
    failure: null,
    lost: [],
  };
}
