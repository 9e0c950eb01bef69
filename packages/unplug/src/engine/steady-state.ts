import { isSeriesExpectation } from "../contract/expectation.ts";
import { exceeds } from "../contract/judge-probe.ts";
import type { Check } from "../contract/probe.ts";
import type { ReadyProbe } from "./check-probe.ts";

/** Why nothing may be injected, by the checks before it; null when it may. */
export function absence(
  { role, spec }: ReadyProbe,
  found: readonly Check[],
  isSteady: boolean,
): string | null {
  // What is expected of the fault alone need not hold before it; only that it can be asked.
  const bad = isSteady ? found.filter(({ result }) => result === "failed") : [];
  // A series has no word of its own on the state before: that there is data yet is not asked of it.
  // Of what is asked all the time some has a value only later: what was lost is known when all is over.
  const isLater = role === "hypothesis" && spec.mode === "Continuous";
  const says = isSteady && !isLater && spec.expect.some((expectation) => !isSeriesExpectation(expectation));
  const unread = found.filter(({ result }) => result === "errored" || (says && result === "missing"));
  const isBad = exceeds(bad.length, found.length, spec);
  if (!isBad && !exceeds(unread.length, found.length, spec)) return null;
  const what = role === "stop" ? "the stop condition" : "the probe";
  const how = isBad ? "is not met" : "could not be asked";
  const text = (isBad ? bad : unread).at(-1)?.text ?? "no reason given";
  return `${what} ${JSON.stringify(spec.name)} ${how} before the fault: ${text}`;
}
