import type { Json } from "../../contract/json.ts";
import { differences, valueText } from "../change-text.ts";
import { clockText } from "../clock-text.ts";
import type { EditView, RunView } from "../run-view.ts";
import { editTitle } from "../target-status.ts";
import { html, type Markup } from "./markup.ts";

const MOST_EDITS = 300;

/** What was set before, during and after, field by field. The view has no value of a variable in it. */
export function configurationSection(view: RunView): Markup | null {
  const edits = view.edits.filter(({ status }) => status !== "refused");
  if (edits.length === 0) return null;
  const rows = edits.slice(0, MOST_EDITS).flatMap((edit) => editRows(view, edit));
  const more = edits.length - MOST_EDITS;
  return html`<section aria-labelledby="configuration">
<h2 id="configuration">Configuration before, during and after</h2>
<p class="dim">Values of a function's variables are hidden: the same number is the same value.</p>
<div class="scroll" role="region" aria-label="Configuration" tabindex="0"><table>
<thead><tr>${["What", "Field", "Before", "During", "After"].map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>
${more > 0 ? html`<p class="dim">and ${more} more: see the JSON</p>` : null}
</section>`;
}

function editRows(view: RunView, edit: EditView): readonly Markup[] {
  const changes = differences(edit.before, edit.after);
  const drift = edit.drift === null ? [] : differences(edit.drift.before, edit.drift.now);
  const paths = [...new Set([...changes, ...drift].map(({ path }) => path))];
  return paths.map((path) => {
    const change = changes.find((one) => one.path === path);
    const drifted = drift.find((one) => one.path === path);
    const before = change?.before ?? drifted?.before ?? null;
    const cells = [
      `${editTitle(view, edit)}${edit.iteration > 1 ? `, iteration ${edit.iteration}` : ""}`,
      path === "" ? "(all of it)" : path,
      valueText(before),
      change === undefined ? "as before" : valueText(change.after),
      afterText(edit, before, drifted?.after),
    ];
    return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  });
}

/** `now`: what somebody else made of the field. */
function afterText(
  { end, endedAt, leftBy, pending, keptAs, drift }: EditView,
  before: Json,
  now: Json | undefined,
): string {
  const when = endedAt === null ? "" : ` (read at ${clockText(endedAt)} UTC)`;
  switch (end) {
    case "proved":
      return `${valueText(before)}${when}`;
    case "drift":
      return now === undefined
        ? `${valueText(before)}${when}`
        : `${valueText(now)}, ${drift?.told ?? "changed by somebody else"}${when}`;
    case "gone":
      return `deleted by somebody else${when}`;
    case "stays":
      return keptAs === null ? "stays, inert" : `stays, inert: ${keptAs}`;
    case "left":
      return `LEFT IN on the word of ${leftBy ?? "somebody"}`;
    case "pending":
      return `put back, AWS is still at it (${pending ?? "unknown"})`;
    case "failed":
      return "NOT put back";
    case "open":
      return "not proved out";
  }
}
