import type { AskPrometheus } from "./prometheus-answer.ts";

/** So many near names are worth reading. */
const NEAR = 6;
/** Words of names that must be the same, of all that either has. */
const SIMILAR = 0.5;

/** Why a query gives no sample: what there is instead. Throws as `ask` does. */
export async function absentSeries(query: string, ask: AskPrometheus): Promise<string> {
  const { names: known } = namesIn(await ask("label/__name__/values", {}));
  const unknown = namesOf(query).filter((name) => !known.includes(name));
  if (unknown.length > 0) return unknown.map((name) => nameText(name, known)).join("; ");
  return (await Promise.all(namesOf(query).map((name) => labelText(name, ask)))).join("; ");
}

function namesIn(result: Awaited<ReturnType<AskPrometheus>>): { readonly names: readonly string[] } {
  return { names: result.samples === null ? [] : result.names };
}

function nameText(name: string, known: readonly string[]): string {
  const near = nearNames(name, known);
  if (near.length === 0) return `there is no metric ${name}, nor one with a name near to it`;
  return `there is no metric ${name}, there is ${near.join(", ")}`;
}

/** The metric is there, or was: then its labels are not those that were asked for. */
async function labelText(name: string, ask: AskPrometheus): Promise<string> {
  const { samples } = await ask("query", { query: `topk(3, {__name__=${JSON.stringify(name)}})` });
  if (samples === null || samples.length === 0) return `${name} was not scraped in the last minutes`;
  return `there is ${samples.map(({ labels }) => labels).join(", ")}`;
}

/** The names that begin as it does come first: exporters put a statistic behind. */
export function nearNames(name: string, known: readonly string[]): readonly string[] {
  const words = name.toLowerCase().split("_");
  const ranked = known.map((other) => ({
    other,
    rank: other.startsWith(`${name}_`) ? 2 : likeness(words, other),
  }));
  return ranked
    .filter(({ rank }) => rank >= SIMILAR)
    .sort((a, b) => b.rank - a.rank || (a.other < b.other ? -1 : 1))
    .slice(0, NEAR)
    .map(({ other }) => other);
}

function likeness(words: readonly string[], other: string): number {
  const others = other.toLowerCase().split("_");
  const alike = words.reduce((sum, word) => sum + Math.max(...others.map((one) => sameness(word, one))), 0);
  return alike / (words.length + others.length - alike);
}

/** Singular and plural are nearly the same. */
function sameness(word: string, other: string): number {
  if (word === other) return 1;
  const isLonger = word.startsWith(other) || other.startsWith(word);
  return isLonger && Math.min(word.length, other.length) > 2 ? 0.8 : 0;
}

const KEYWORDS = new Set(
  [
    "and or unless bool offset by without on ignoring group_left group_right inf nan start end atan2",
    "sum min max avg group stddev stdvar count count_values bottomk topk quantile limitk limit_ratio",
  ].flatMap((words) => words.split(" ")),
);

/** The names of the metrics in a query; a guess that serves a hint. */
export function namesOf(query: string): readonly string[] {
  const named = [...query.matchAll(/__name__\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
    ([, a, b]) => a ?? b ?? "",
  );
  const bare = query
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
    .replace(/#.*$/gm, "")
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, "")
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gi, "");
  const words = [...bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([word]) => word);
  const metrics = words.filter((word) => !KEYWORDS.has(word.toLowerCase()));
  return [...new Set([...named, ...metrics])];
}
