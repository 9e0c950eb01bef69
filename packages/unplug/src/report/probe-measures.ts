import type { ProbeView } from "./run-view.ts";

/** The measures of a probe worth a picture: those that something is expected of, or else all that are numbers. */
export function plottedMeasures({ spec, checks }: ProbeView): readonly string[] {
  const expected = [...new Set(spec.expect.map(({ measure }) => measure))];
  if (expected.length > 0) return expected;
  const numbers = checks.flatMap(({ measures }) =>
    Object.entries(measures).flatMap(([name, value]) => (typeof value === "number" ? [name] : [])),
  );
  return [...new Set(numbers)];
}

/** What a probe measured over time, as far as it is a number; a truth counts as 1 or 0. */
export function numbersOf(
  { checks }: ProbeView,
  measure: string,
): readonly (readonly [at: number, value: number])[] {
  return checks.flatMap(({ about, measures }) => {
    const value = measures[measure];
    if (typeof value === "boolean") return [[about, value ? 1 : 0] as const];
    return typeof value === "number" && Number.isFinite(value) ? [[about, value] as const] : [];
  });
}
