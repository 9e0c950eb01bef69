/**
 * The known name that was most likely meant; null when none is near.
 *
 * Counts a swap of two neighbours as one slip and ignores case. Near is one slip in three letters, or a name that is
 * cut short: the one known that begins so.
 */
export function nearest(name: string, known: readonly string[]): string | null {
  const wanted = name.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, slips: slips(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.slips - b.slips);
  const best = ranked[0];
  if (best === undefined) return null;
  if (best.slips <= Math.max(1, Math.floor(best.candidate.length / 3))) return best.candidate;
  const [begun, another] = known.filter((one) => wanted !== "" && one.toLowerCase().startsWith(wanted));
  return another === undefined ? (begun ?? null) : null;
}

/** ` (did you mean "x"?)`, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const found = nearest(name, known);
  return found === null ? "" : ` (did you mean "${found}"?)`;
}

/** Optimal string alignment distance: the cheap kind of Damerau-Levenshtein. */
function slips(a: string, b: string): number {
  // So many letters more are so many slips at least, and too many: a name may be as long as its file.
  if (a.length > 2 * b.length + 2) return a.length - b.length;
  let older: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + (same ? 0 : 1),
          swapped ? at(older, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    older = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
