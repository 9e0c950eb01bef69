import type { EventOf, EventType } from "../contract/events.ts";
import type { Recorded } from "../contract/journal.ts";
import { newStep } from "./change-step.ts";
import { foldEdit } from "./fold-edit.ts";
import { GatheredChecks, probesOf } from "./fold-probe.ts";
import { foldStep } from "./fold-step.ts";
import { newView, type Phase, type RunView } from "./run-view.ts";

/**
 * Everything that people and machines see of a run, from its events alone.
 *
 * Folding more events onto a view gives what folding all at once gives. It never throws: events may be cut anywhere,
 * and what a newer version wrote and this one does not know is passed over. Start from `newView(run)` to name the run.
 */
export function fold(events: readonly Recorded[], previous: RunView = newView()): RunView {
  // Gathered, and put into the view at the end: to copy a probe's checks for each one more takes seconds for ten thousand.
  const checks = new GatheredChecks();
  let view = previous;
  for (const recorded of events) {
    const { at, event } = recorded;
    if (event.type === "probe.checked") {
      const isNews = checks.add(view, at, event);
      view = { ...view, lastAt: at, timeline: isNews ? [...view.timeline, recorded] : view.timeline };
    } else {
      // It states the probes anew.
      if (event.type === "run.started") view = checks.into(view);
      view = foldOne(view, recorded);
    }
  }
  return checks.into(view);
}

/** These are told by the edits and the series; a thousand mappings would drown the rest. */
const untold: ReadonlySet<EventType> = new Set([
  "edit.intended",
  "edit.made",
  "undo.intended",
  "undone",
  "proved",
  "sampled",
]);

function foldOne(view: RunView, recorded: Recorded): RunView {
  const { at, event } = recorded;
  const isFound = event.type === "edit.intended" && event.found === true;
  const told = untold.has(event.type) && !isFound ? view.timeline : [...view.timeline, recorded];
  return foldEvent({ ...view, lastAt: at, timeline: told }, recorded);
}

function foldEvent(view: RunView, { at, event }: Recorded): RunView {
  switch (event.type) {
    case "run.started":
      return begun(view, at, event);
    case "abort.requested":
      return { ...view, aborts: [...view.aborts, { ...event.request, at }] };
    case "journal.lost":
      return { ...view, journalLost: event.failure };
    case "run.failed":
      return runFailed(view, at, event);
    case "run.finished":
      return { ...endSteps(view), finishedAt: view.finishedAt ?? at, phase: phase("finished", at) };
    case "run.closed":
      return { ...view, closedAt: at, phase: phase("finished", at) };
    case "edit.intended":
    case "edit.made":
    case "edit.failed":
    case "restore.started":
    case "undo.intended":
    case "undo.beside":
    case "undone":
    case "undo.failed":
    case "proved":
    case "drift":
    case "gone":
    case "kept":
    case "pending":
    case "failed":
    case "left":
      return foldEdit(view, at, event);
    case "step.planned":
    case "step.refused":
    case "step.skipped":
    case "ramp.started":
    case "interval.started":
    case "wait.started":
    case "iteration.started":
    case "inject.confirmed":
    case "inject.failed":
    case "hold.started":
    case "inject.lost":
    case "hold.ended":
    case "iteration.ended":
    case "sampled":
    case "evidence":
    case "answered":
      return foldStep(view, at, event);
    case "steady.absent":
      return { ...view, unsteady: [...view.unsteady, { at, step: event.step, reasons: event.reasons }] };
    case "probe.checked":
      // `fold` has gathered it.
      return view;
    case "edit.seen":
      // For the restore only: a person is told of the confirmation.
      return view;
    default:
      event satisfies never;
      return view;
  }
}

function begun(view: RunView, at: number, { version, by, experiment }: EventOf<"run.started">): RunView {
  const steps = experiment.steps.map((step) => ({
    ...newStep(step.name),
    kind: step.kind,
    fault: step.kind === "fault" ? step.fault : null,
    weight: step.kind === "fault" ? step.weight : 1,
  }));
  const startedAt = view.startedAt ?? at;
  const probes = probesOf(experiment);
  return { ...view, version, by, experiment, startedAt, phase: phase("planning", at), steps, probes };
}

function runFailed(view: RunView, at: number, { failure, defect }: EventOf<"run.failed">): RunView {
  const failures = [...view.failures, { at, step: null, edit: null, during: "run" as const, failure }];
  return { ...view, defect: view.defect || defect, failures };
}

function phase(name: Phase["name"], since: number): Phase {
  return { name, since, until: null, step: null, iteration: null };
}

/** What was under way is over; what never began was left out. */
function endSteps(view: RunView): RunView {
  const steps = view.steps.map((step) => {
    if (step.state === "running") return { ...step, state: "done" as const };
    if (step.state !== "waiting") return step;
    return { ...step, state: "skipped" as const, reason: "the run ended before it" };
  });
  return { ...view, steps };
}
