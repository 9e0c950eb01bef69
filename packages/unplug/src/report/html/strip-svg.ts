import type { Window } from "../../contract/evidence.ts";
import { COLUMNS, columnOf, short } from "./columns.ts";
import { html, type Markup } from "./markup.ts";

/** One stretch of a strip: from its instant to the next's. */
export interface Stretch {
  readonly at: number;
  readonly kind: string;
}

const HEIGHT = 10;

/**
 * A row of colours, one for each kind; what shares a column is shown as the weightiest of it.
 *
 * `weight` says which: the greater wins, of equal ones it is `mixed`. `last` is where the last stretch ends.
 */
export function stripSvg(input: {
  readonly label: string;
  readonly stretches: readonly Stretch[];
  readonly time: Window;
  readonly last: number;
  readonly weight: (kind: string) => number;
  /** Share of the height; colour alone tells some people nothing. */
  readonly height: (kind: string) => number;
}): Markup {
  const { label, stretches, time, last, weight, height } = input;
  const columns: (string | undefined)[] = Array.from({ length: COLUMNS });
  stretches.forEach(({ at, kind }, i) => {
    const from = Math.min(COLUMNS - 1, Math.floor(columnOf(at, time)));
    const to = Math.max(from + 1, Math.floor(columnOf(stretches[i + 1]?.at ?? last, time)));
    for (let x = from; x < Math.min(to, COLUMNS); x += 1) {
      const there = columns[x];
      if (there === undefined || weight(kind) > weight(there)) columns[x] = kind;
      else if (there !== kind && weight(kind) === weight(there)) columns[x] = "mixed";
    }
  });
  const rects: Markup[] = [];
  for (let x = 0; x < COLUMNS; ) {
    const kind = columns[x];
    let end = x + 1;
    while (end < COLUMNS && columns[end] === kind) end += 1;
    if (kind !== undefined) {
      const tall = HEIGHT * height(kind);
      rects.push(
        html`<rect class="${kind}" x="${x}" y="${short(HEIGHT - tall)}" width="${end - x}" height="${short(tall)}"/>`,
      );
    }
    x = end;
  }
  return html`<svg class="strip" viewBox="0 0 ${COLUMNS} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>`;
}

/** What the colours stand for. */
export function legend(items: readonly (readonly [kind: string, text: string])[]): Markup {
  return html`<ul class="legend">${items.map(
    ([kind, text]) =>
      html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10"/></svg>${text}</li>`,
  )}</ul>`;
}
