import type { Window } from "../../contract/evidence.ts";

/** Columns of a picture; a picture stretches to the width that there is. */
export const COLUMNS = 480;

/** The column of an instant, as a fraction of `COLUMNS`. */
export function columnOf(at: number, { from, to }: Window): number {
  const share = (at - from) / Math.max(1, to - from);
  return Math.min(1, Math.max(0, share)) * COLUMNS;
}

/** At most two points a column, its least and its greatest in the order in which they came: no peak is lost. */
export function thinned(
  points: readonly (readonly [at: number, value: number])[],
  time: Window,
): readonly (readonly [at: number, value: number])[] {
  if (points.length <= 2 * COLUMNS) return points;
  const columns = Map.groupBy(points, ([at]) => Math.floor(columnOf(at, time)));
  return [...columns.values()].flatMap((all) => {
    let [low, high] = [all[0], all[0]];
    for (const point of all) {
      if (low === undefined || point[1] < low[1]) low = point;
      if (high === undefined || point[1] > high[1]) high = point;
    }
    if (low === undefined || high === undefined) return [];
    if (low === high) return [low];
    return low[0] <= high[0] ? [low, high] : [high, low];
  });
}

/** A coordinate as short as a picture needs it. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
