import type { Recorded } from "../contract/journal.ts";
import type { Json } from "../contract/json.ts";
import {
  abort,
  denied,
  type Entry,
  ended,
  evidence,
  held,
  injected,
  made,
  mappingRef,
  planned,
  record,
  restored,
  restoreStarted,
  sampled,
  start,
  undone,
} from "./recorded.fixture.ts";

function drifted(now: Json | null): readonly Entry[] {
  return [
    restoreStarted(37),
    ...undone(37, 1),
    ...undone(37, 2),
    [39, { type: "drift", edit: 1, before: { enabled: true }, now }],
    [39, { type: "proved", edit: 2 }],
    [39, { type: "iteration.ended", step: "orders-pause", iteration: 1 }],
  ];
}

const step = "orders-pause";
const opening = [...start(), planned(), ...injected()];
const samples = [
  sampled(2, "baseline", 0),
  sampled(12, "fault", 10),
  sampled(30, "fault", 28),
  sampled(50, "after", 0),
];

const refusal = {
  code: "Refusal",
  message:
    "Not every mapping can be switched off.\n  - 9e2b is Disabled\nThe mappings of orders: 4f1c (SQS orders) Enabled.",
};

/** Every ending that matters, as the engine journals it. */
export const stories = {
  clean: record([...opening, ...samples, held(), ...restored(), evidence(["orders", "seen"]), ...ended()]),
  stateOnly: record([...opening, held(), ...restored(), ...ended()]),
  noTraffic: record([
    ...opening,
    held(),
    ...restored(),
    evidence(["orders", "seen"], ["refunds", "no-traffic"]),
    ...ended(),
  ]),
  effectAbsent: record([...opening, held(), ...restored(), evidence(["orders", "absent"]), ...ended()]),
  effectRequired: record([
    ...start(undefined, true),
    planned(),
    ...injected(),
    held(),
    ...restored(),
    evidence(["orders", "unreadable"]),
    ...ended(),
  ]),
  overrun: record([...opening, held(12_000), ...restored(49), evidence(["orders", "seen"]), ...ended(70)]),
  refused: record([...start(), [1, { type: "run.failed", failure: refusal, defect: false }], ...ended(1)]),
  stepRefused: record([
    ...start(),
    [1, { type: "step.refused", step, reason: refusal.message }],
    ...ended(1),
  ]),
  injectFailed: record([
    ...opening.slice(0, 5),
    made(4.2, 1),
    [4.4, { type: "edit.failed", edit: 2, certain: true, failure: denied }],
    [4.5, { type: "inject.failed", step, iteration: 1, failure: denied }],
    restoreStarted(4.5),
    ...undone(4.5, 1),
    [7, { type: "proved", edit: 1 }],
    [7, { type: "iteration.ended", step, iteration: 1 }],
    ...ended(7),
  ]),
  answerLost: record([
    ...opening.slice(0, 5),
    made(4.2, 1),
    [
      5,
      { type: "edit.failed", edit: 2, certain: false, failure: { code: "ETIMEDOUT", message: "no answer" } },
    ],
    [5, { type: "inject.failed", step, iteration: 1, failure: { code: "ETIMEDOUT", message: "no answer" } }],
    ...restored(5),
    ...ended(40),
  ]),
  lost: record([
    ...opening,
    [
      20,
      {
        type: "inject.lost",
        step,
        iteration: 1,
        ref: mappingRef("4f1c"),
        reason: "somebody took the fault out",
        now: { enabled: true },
      },
    ],
    held(),
    ...restored(),
    ...ended(),
  ]),
  drift: record([
    ...opening,
    held(),
    ...drifted({ enabled: true, batchSize: 5 }),
    evidence(["orders", "seen"]),
    ...ended(),
  ]),
  gone: record([
    ...opening,
    held(),
    restoreStarted(37),
    ...undone(37, 2),
    [43, { type: "gone", edit: 1 }],
    [39, { type: "proved", edit: 2 }],
    [43, { type: "iteration.ended", step, iteration: 1 }],
    evidence(["orders", "seen"]),
    ...ended(),
  ]),
  pending: record([
    ...opening,
    held(),
    restoreStarted(37),
    ...undone(37, 1),
    ...undone(37, 2),
    [39, { type: "proved", edit: 1 }],
    [937, { type: "pending", edit: 2, status: "Enabling" }],
    [937, { type: "iteration.ended", step, iteration: 1 }],
    ...ended(938, false),
  ]),
  restoreFailed: record([
    ...opening,
    held(),
    restoreStarted(37),
    ...undone(37, 1),
    [37, { type: "undo.intended", edit: 2, to: { enabled: true } }],
    [38, { type: "undo.failed", edit: 2, failure: denied }],
    [39, { type: "proved", edit: 1 }],
    [39, { type: "failed", edit: 2, failure: denied }],
    [39, { type: "iteration.ended", step, iteration: 1 }],
    ...ended(40, false),
  ]),
  sigint: record([
    ...opening,
    abort(10),
    [10, { type: "hold.ended", step, iteration: 1, overrunMs: 0 }],
    ...restored(10),
    ...ended(13),
  ]),
  sigterm: record([...opening, abort(10, { signal: "SIGTERM" }), held(), ...restored(), ...ended()]),
  sighup: record([...opening, abort(10, { signal: "SIGHUP" }), held(), ...restored(), ...ended()]),
  command: record([
    ...opening,
    abort(10, { signal: null, by: "lee@ops" }),
    held(),
    ...restored(),
    ...ended(),
  ]),
  abortedEarly: record([
    ...opening.slice(0, 5),
    abort(4.1),
    made(4.2, 1),
    [
      4.2,
      {
        type: "edit.failed",
        edit: 2,
        certain: true,
        failure: { code: "Error", message: "Not written: the run is ending." },
      },
    ],
    [
      4.2,
      {
        type: "inject.failed",
        step,
        iteration: 1,
        failure: { code: "Error", message: "Not written: the run is ending." },
      },
    ],
    restoreStarted(4.2),
    ...undone(4.2, 1),
    [6, { type: "proved", edit: 1 }],
    [6, { type: "iteration.ended", step, iteration: 1 }],
    ...ended(6),
  ]),
  leave: record([
    ...opening,
    abort(10, { signal: null, by: "lee@ops", leave: true }),
    held(),
    [37, { type: "iteration.ended", step, iteration: 1 }],
    [37, { type: "left", edit: 1, by: "lee@ops" }],
    [37, { type: "left", edit: 2, by: "lee@ops" }],
    ...ended(37, false),
  ]),
  journalLost: record([
    ...opening,
    [10, { type: "journal.lost", failure: { code: "JOURNAL_LOST", message: "disk full" } }],
    held(),
    ...restored(),
    ...ended(),
  ]),
  defect: record([
    ...opening,
    held(),
    ...restored(),
    [
      41,
      { type: "run.failed", failure: { code: "TypeError", message: "x is not a function" }, defect: true },
    ],
    ...ended(),
  ]),
  died: record([...opening]),
  diedThenRestored: record([
    ...opening,
    restoreStarted(100, null),
    ...undone(100, 1),
    ...undone(100, 2),
    [102, { type: "proved", edit: 1 }],
    [102, { type: "proved", edit: 2 }],
    [102, { type: "run.closed" }],
  ]),
} satisfies Readonly<Record<string, readonly Recorded[]>>;

export type StoryName = keyof typeof stories;
