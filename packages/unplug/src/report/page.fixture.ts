import type { Recorded } from "../contract/journal.ts";
import { stopKey } from "../contract/probe.ts";
import { alarm, answered, answersKey, checked, grown, growsKey, probedStart } from "./probed.fixture.ts";
import {
  denied,
  type Entry,
  ended,
  evidence,
  held,
  injected,
  planned,
  record,
  restoreStarted,
  sampled,
  undone,
} from "./recorded.fixture.ts";

const states = ["OK", "OK", "INSUFFICIENT_DATA", "ALARM", "ALARM", "OK"];

/** A run with everything that a page may show: probes that failed and erred, text, series, and something left in. */
export const everything: readonly Recorded[] = inOrder([
  ...probedStart(),
  planned(),
  ...injected(),
  ...answered([10, 11, 12, 30]),
  ...grown(40),
  checked(21, growsKey, {}, { text: "no series of that name", result: "errored" }),
  ...states.map((state, i) => checked(3 + i * 9, stopKey(alarm), { state })),
  sampled(2, "baseline", 0),
  sampled(12, "fault", 10),
  sampled(50, "after", 3),
  held(),
  restoreStarted(37),
  ...undone(37, 1),
  [37, { type: "undo.intended", edit: 2, to: { enabled: true } }],
  [38, { type: "undo.failed", edit: 2, failure: denied }],
  [39, { type: "proved", edit: 1 }],
  [39, { type: "failed", edit: 2, failure: denied }],
  [39, { type: "iteration.ended", step: "orders-pause", iteration: 1 }],
  evidence(["orders", "seen"], ["refunds", "unreadable"]),
  ...ended(60, false),
]);

/** A run with so many checks, one after the other as long as the fault was in; every hundredth is slow. */
export function manyChecks(count: number): readonly Recorded[] {
  const all = Array.from({ length: count }, (_, i) => {
    const second = 6 + (i * 30) / count;
    const isSlow = i % 100 === 0;
    const measures = { statusCode: 200, responseTimeMs: isSlow ? 2500 : 40 + (i % 17) };
    return checked(second, answersKey, measures, {
      text: isSlow ? "responseTimeMs is 2500, expected at most 2000" : null,
    });
  });
  return inOrder([...probedStart(), planned(), ...injected(), ...all, held(), ...ended()]);
}

function inOrder(entries: readonly Entry[]): readonly Recorded[] {
  return record(entries.toSorted(([a], [b]) => a - b));
}
