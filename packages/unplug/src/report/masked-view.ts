import type { Recorded } from "../contract/journal.ts";
import type { Json } from "../contract/json.ts";
import { isRecord } from "../contract/json.ts";
import type { RunView } from "./run-view.ts";

/** The member of a state that holds variables, wherever it stands. */
const HIDDEN = "environment";
/** What a difference of such a state begins with: `environment.own.NODE_OPTIONS`. */
const HIDDEN_PATH = /(?:^|\.)environment(?:\.|$)/;

/**
 * The view without the value of any variable of a function: reports are handed around.
 *
 * The same value is the same `(hidden 1)` everywhere in the view, so that what changed still shows.
 */
export function maskedView(view: RunView): RunView {
  const mask = newMask();
  return {
    ...view,
    edits: view.edits.map((edit) => ({
      ...edit,
      before: mask(edit.before),
      after: mask(edit.after),
      drift: edit.drift && { ...edit.drift, before: mask(edit.drift.before), now: mask(edit.drift.now) },
    })),
    steps: view.steps.map((step) => ({
      ...step,
      targets: step.targets.map((target) => ({
        ...target,
        drift: target.drift.map(({ path, before, after }) =>
          HIDDEN_PATH.test(path)
            ? { path, before: mask({ [HIDDEN]: before }, true), after: mask({ [HIDDEN]: after }, true) }
            : { path, before: mask(before), after: mask(after) },
        ),
      })),
      iterations: step.iterations.map((item) => ({
        ...item,
        lost: item.lost.map((lost) => ({ ...lost, now: mask(lost.now) })),
      })),
    })),
    timeline: view.timeline.map((recorded) => maskedEvent(recorded, mask)),
  };
}

/** `inside`: the one member of it, which is hidden, by itself. */
type Mask = (value: Json | null, inside?: boolean) => Json | null;

function newMask(): Mask {
  const numbers = new Map<string, number>();
  const standIn = (value: Json): Json => {
    if (value === null) return null;
    if (Array.isArray(value)) return value.map(standIn);
    if (isRecord(value)) return mapValues(value, standIn);
    const text = JSON.stringify(value);
    const number = numbers.get(text) ?? numbers.size + 1;
    numbers.set(text, number);
    return `(hidden ${number})`;
  };
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isRecord(value)) return value;
    return mapValues(value, (item, key) => (key === HIDDEN ? standIn(item) : walk(item)));
  };
  return (value, inside = false) => {
    if (value === null) return null;
    const masked = walk(value);
    return inside && isRecord(masked) ? (masked[HIDDEN] ?? null) : masked;
  };
}

function mapValues(
  value: { readonly [key: string]: Json },
  change: (item: Json, key: string) => Json,
): { readonly [key: string]: Json } {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]));
}

function maskedEvent(recorded: Recorded, mask: Mask): Recorded {
  const { event } = recorded;
  switch (event.type) {
    case "edit.intended": {
      const value = { ...event.value, before: mask(event.value.before), after: mask(event.value.after) };
      return { ...recorded, event: { ...event, value } };
    }
    case "undo.intended":
      return { ...recorded, event: { ...event, to: mask(event.to) } };
    case "drift":
      return { ...recorded, event: { ...event, before: mask(event.before), now: mask(event.now) } };
    case "inject.lost":
      return { ...recorded, event: { ...event, now: mask(event.now) } };
    default:
      return recorded;
  }
}
