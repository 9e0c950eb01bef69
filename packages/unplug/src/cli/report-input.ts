import type { Recorded } from "../contract/journal.ts";
import { isRecord, type Json } from "../contract/json.ts";
import { byHandScript } from "../engine/by-hand-script.ts";
import type { ReportInput } from "../report/forms.ts";
import { type RunView, remainingEdits } from "../report/run-view.ts";
import { builtinResources } from "../resources/index.ts";

/** What the reports of a run are made of. */
export async function reportInput(
  view: RunView,
  events: readonly Recorded[],
  alive: boolean,
): Promise<ReportInput> {
  const left = alive ? [] : remainingEdits(view);
  // The calls would hold values of variables, and reports are handed around; `unplug show` writes them for the user alone.
  const isShown = left.length > 0 && !left.some(({ before, after }) => holdsVariables(before, after));
  // A journal of another version may hold what this one cannot put into calls; the report is told all the same.
  const script = isShown ? byHandScript(view.run, events, { resources: builtinResources }) : null;
  return { view, alive, byHand: (await script?.catch(() => null)) ?? null };
}

function holdsVariables(...states: readonly (Json | null)[]): boolean {
  return states.some((state) => state !== null && isRecord(state) && Object.hasOwn(state, "environment"));
}
