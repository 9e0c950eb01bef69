import { diffJson } from "../contract/json.ts";
import { refKey, refText } from "../contract/place.ts";
import {
  type EditView,
  findStep,
  type IterationView,
  isOpen,
  type RunView,
  type TargetStatus,
  type TargetView,
} from "./run-view.ts";

/** The view with the states of a step's targets told anew from its edits. */
export function withStatuses(view: RunView, name: string): RunView {
  const i = view.steps.findIndex((step) => step.name === name);
  const step = view.steps[i];
  if (step === undefined) return view;
  const edits = Map.groupBy(
    view.edits.filter((edit) => edit.step === name),
    ({ target }) => target,
  );
  const targets = step.targets.map((target) => tell(target, edits.get(target.key) ?? [], step.iterations));
  return { ...view, steps: view.steps.with(i, { ...step, targets }) };
}

/** As `withStatuses`, for one target, by its key: each of a thousand is told of several times. */
export function withStatus(view: RunView, name: string, key: string): RunView {
  const i = view.steps.findIndex((step) => step.name === name);
  const step = view.steps[i];
  const at = step?.targets.findIndex((target) => target.key === key) ?? -1;
  const target = step?.targets[at];
  if (step === undefined || target === undefined) return view;
  const edits = view.edits.filter((edit) => edit.target === key && edit.step === name);
  const targets = step.targets.with(at, tell(target, edits, step.iterations));
  return { ...view, steps: view.steps.with(i, { ...step, targets }) };
}

function tell(
  target: TargetView,
  all: readonly EditView[],
  iterations: readonly IterationView[],
): TargetView {
  const edits = all.filter(({ status, end }) => status !== "refused" && end !== "stays");
  const drift = edits.flatMap(({ drift }) => (drift === null ? [] : diffJson(drift.before, drift.now)));
  const failure = edits.findLast((edit) => isOpen(edit) && edit.failure !== null)?.failure ?? null;
  return { ...target, status: statusOf(edits, iterations), drift, failure };
}

/** Worst first: one edit that is in decides for all that are out. */
function statusOf(edits: readonly EditView[], iterations: readonly IterationView[]): TargetStatus {
  const open = edits.filter(isOpen);
  const ends = new Set(edits.map(({ end }) => end));
  if (edits.length === 0) return "untouched";
  if (ends.has("failed")) return "failed";
  if (ends.has("left")) return "left";
  if (ends.has("pending")) return "pending";
  if (open.some(({ undo }) => undo !== "none")) return "restoring";
  if (open.length > 0) return stateOfInjection(open, iterations);
  if (ends.has("gone")) return "gone";
  return ends.has("drift") ? "drift" : "proved";
}

function stateOfInjection(open: readonly EditView[], iterations: readonly IterationView[]): TargetStatus {
  const [first] = open;
  const iteration = iterations.find((item) => item.iteration === first?.iteration);
  const keys = new Set(open.flatMap((edit) => [edit.target, refKey(edit.ref)]));
  if (iteration?.lost.some(({ ref }) => keys.has(refKey(ref)))) return "lost";
  if (open.some(({ status }) => status === "unknown")) return "unknown";
  const armed = open.some(({ arms, status }) => arms && status === "made");
  return armed && iteration !== undefined && iteration.confirmedAt !== null ? "unplugged" : "injecting";
}

/** The title of what an edit was made for, and of what it is itself where that is something else. */
export function editTitle(view: RunView, edit: EditView): string {
  const target = findStep(view, edit.step)?.targets.find(({ key }) => key === edit.target);
  if (target === undefined) return refText(edit.ref);
  return refKey(edit.ref) === target.key ? target.title : `${target.title}: ${edit.ref.kind}`;
}
