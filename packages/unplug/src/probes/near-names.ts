/** So many near names are worth reading. */
const MOST = 5;

/** The known names that share most with one that is not there, nearest first; those that share nothing are left out. */
export function nearNames(name: string, known: readonly string[]): readonly string[] {
  const wanted = pairsOf(name);
  const ranked = [...new Set(known)].map((other) => ({ other, likeness: likeness(wanted, pairsOf(other)) }));
  return ranked
    .filter(({ likeness: is }) => is >= 0.3)
    .sort((a, b) => b.likeness - a.likeness || (a.other < b.other ? -1 : 1))
    .slice(0, MOST)
    .map(({ other }) => other);
}

/** Each two letters that follow each other. */
function pairsOf(name: string): ReadonlySet<string> {
  const letters = ` ${name.toLowerCase()} `;
  return new Set(Array.from({ length: letters.length - 1 }, (_, i) => letters.slice(i, i + 2)));
}

/** 1: the same; 0: nothing in common. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const same = [...a].filter((pair) => b.has(pair)).length;
  return (2 * same) / (a.size + b.size);
}
