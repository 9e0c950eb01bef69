import type { EventOf, Failure } from "../contract/events.ts";
import { changeIteration } from "./change-step.ts";
import {
  type EditEnd,
  type EditView,
  findIteration,
  findStep,
  isOpen,
  type Phase,
  type RunView,
} from "./run-view.ts";
import { withStatus, withStatuses } from "./target-status.ts";

/** The events that tell of one edit's way in and out. */
export type EditEvent = EventOf<
  | "edit.intended"
  | "edit.made"
  | "edit.failed"
  | "restore.started"
  | "undo.intended"
  | "undo.beside"
  | "undone"
  | "undo.failed"
  | "proved"
  | "drift"
  | "gone"
  | "kept"
  | "pending"
  | "failed"
  | "left"
>;

export function foldEdit(view: RunView, at: number, event: EditEvent): RunView {
  switch (event.type) {
    case "edit.intended":
      return intend(view, at, event);
    case "restore.started":
      return startRestore(view, at, event);
    case "edit.made":
      return afterMade(change(view, event.edit, { status: "made", madeAt: at }), at, event.edit);
    case "edit.failed": {
      const status = event.certain ? "refused" : "unknown";
      return failed(change(view, event.edit, { status, failure: event.failure }), at, event, "inject");
    }
    case "undo.intended":
      return inPhase(change(view, event.edit, { undo: "intended" }), at, event.edit, "restoring");
    case "undo.beside":
      return change(view, event.edit, toldWith(view, event));
    case "undone": {
      const facts = { undo: "done", undoneAt: at, ...toldWith(view, event) } as const;
      return afterUndone(change(view, event.edit, facts), at, event.edit);
    }
    case "undo.failed":
      return failed(change(view, event.edit, { undo: "failed", failure: event.failure }), at, event, "undo");
    default:
      return end(view, at, event);
  }
}

function intend(view: RunView, at: number, event: EventOf<"edit.intended">): RunView {
  const { edit, step, iteration, target, value, arms } = event;
  const added: EditView = {
    edit,
    step,
    iteration,
    target,
    ref: value.ref,
    before: value.before,
    after: value.after,
    arms,
    optional: value.optional === true,
    found: event.found === true,
    status: "intended",
    undo: "none",
    end: value.stays === true ? "stays" : "open",
    failure: null,
    drift: null,
    pending: null,
    leftBy: null,
    keptAs: null,
    intendedAt: at,
    madeAt: null,
    undoneAt: null,
    endedAt: null,
  };
  const known = changeIteration(view, { step, iteration, at }, ({ intendedAt }) => ({
    intendedAt: intendedAt ?? (arms ? at : null),
  }));
  const edits = [...known.edits.filter((other) => other.edit !== edit), added];
  return inPhase(withStatus({ ...known, edits }, step, target), at, edit, "injecting");
}

function startRestore(view: RunView, at: number, event: EventOf<"restore.started">): RunView {
  const { step, iteration } = event;
  const within = (edit: EditView) =>
    (isOpen(edit) || edit.end === "left") &&
    (step === null || edit.step === step) &&
    (iteration === null || edit.iteration === iteration);
  const due = view.edits.filter(within);
  // A new attempt: what the last one made of it no longer stands.
  const edits = view.edits.map((edit) =>
    within(edit) ? { ...edit, undo: "due" as const, end: "open" as const, pending: null } : edit,
  );
  let next: RunView = {
    ...view,
    edits,
    phase: { name: "restoring", since: at, until: null, step, iteration },
  };
  const places = new Map(due.map((edit) => [`${edit.iteration}|${edit.step}`, edit]));
  for (const { step: name, iteration: number } of places.values()) {
    next = changeIteration(next, { step: name, iteration: number, at }, ({ restoreStartedAt }) => ({
      restoreStartedAt: restoreStartedAt ?? at,
    }));
    next = withStatuses(next, name);
  }
  return next;
}

function end(
  view: RunView,
  at: number,
  event: EventOf<"proved" | "drift" | "gone" | "kept" | "pending" | "failed" | "left">,
): RunView {
  const found = view.edits.find(({ edit }) => edit === event.edit);
  if (found === undefined) return view;
  const facts: Partial<EditView> & { readonly end: EditEnd } = {
    end: event.type === "kept" ? "stays" : event.type,
    keptAs: event.type === "kept" ? event.what : null,
    endedAt: at,
    drift: event.type === "drift" ? driftOf(event) : null,
    pending: event.type === "pending" ? event.status : null,
    leftBy: event.type === "left" ? event.by : null,
    failure: event.type === "failed" || event.type === "kept" ? event.failure : found.failure,
  };
  const next = change(view, event.edit, facts);
  const told = event.type === "failed" ? failed(next, at, event, "prove") : next;
  const out = !told.edits.some((edit) => sameIteration(edit, found) && (isOpen(edit) || edit.end === "left"));
  const settled = changeIteration(told, { step: found.step, iteration: found.iteration, at }, () => ({
    restoredAt: out ? at : null,
  }));
  return view.phase.name === "restoring" ? inPhase(settled, at, event.edit, "proving") : settled;
}

/** Each thing once: a second try may have to do again what the first died over. */
function toldWith(
  { edits }: RunView,
  { edit, told }: { readonly edit: number; readonly told?: string },
): Pick<EditView, "told"> {
  if (told === undefined) return {};
  const known = edits.findLast((one) => one.edit === edit)?.told;
  if (known === undefined) return { told };
  return { told: known.includes(told) ? known : `${known}; ${told}` };
}

function driftOf({ before, now, told }: EventOf<"drift">): EditView["drift"] {
  return { before, now, ...(told === undefined ? {} : { told }) };
}

/** Once every target of the iteration is armed, nothing is left but to wait for AWS. */
function afterMade(view: RunView, at: number, number: number): RunView {
  const edit = view.edits.findLast((item) => item.edit === number);
  if (edit === undefined) return view;
  const armed = view.edits.filter(
    (item) => sameIteration(item, edit) && item.arms && item.status === "made",
  ).length;
  const targets = findIteration(findStep(view, edit.step), edit.iteration)?.targets.length ?? 0;
  return edit.arms && armed >= targets ? inPhase(view, at, number, "confirming") : view;
}

/** Once every write back was accepted, nothing is left but to read. */
function afterUndone(view: RunView, at: number, number: number): RunView {
  const waiting = view.edits.some((edit) => isOpen(edit) && edit.undo !== "done" && edit.undo !== "none");
  return waiting ? view : inPhase(view, at, number, "proving");
}

function sameIteration(a: EditView, b: EditView): boolean {
  return a.step === b.step && a.iteration === b.iteration;
}

function inPhase(view: RunView, at: number, number: number, name: Phase["name"]): RunView {
  const edit = view.edits.findLast((item) => item.edit === number);
  if (edit === undefined) return view;
  const { step, iteration } = edit;
  // One target is taken out early while the others are still held.
  if (view.phase.name === "holding" && (name === "restoring" || name === "proving")) return view;
  const same = view.phase.name === name && view.phase.step === step && view.phase.iteration === iteration;
  return same ? view : { ...view, phase: { name, since: at, until: null, step, iteration } };
}

function change(view: RunView, number: number, facts: Partial<EditView>): RunView {
  const i = view.edits.findLastIndex(({ edit }) => edit === number);
  const edit = view.edits[i];
  if (edit === undefined) return view;
  return withStatus({ ...view, edits: view.edits.with(i, { ...edit, ...facts }) }, edit.step, edit.target);
}

function failed(
  view: RunView,
  at: number,
  event: { readonly edit: number; readonly failure: Failure },
  during: "inject" | "undo" | "prove",
): RunView {
  const step = view.edits.find(({ edit }) => edit === event.edit)?.step ?? null;
  const { edit, failure } = event;
  return { ...view, failures: [...view.failures, { at, step, edit, during, failure }] };
}
