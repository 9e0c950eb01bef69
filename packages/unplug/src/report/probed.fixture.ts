import type { Expectation } from "../contract/expectation.ts";
import type { Recorded } from "../contract/journal.ts";
import { type Check, type CheckPhase, type Measures, type ProbeSpec, probeKey } from "../contract/probe.ts";
import {
  BASE,
  type Entry,
  ended,
  evidence,
  faultStep,
  held,
  injected,
  planned,
  record,
  restored,
  sampled,
  start,
} from "./recorded.fixture.ts";

const isQuick: Expectation = { measure: "responseTimeMs", operator: "<=", value: 2000 };
const hasStatus: Expectation = { measure: "statusCode", operator: "oneOf", value: [200, 503] };
const rises: Expectation = { measure: "value", operator: "rises", value: { by: 10, unit: "percent" } };

export function probeSpec(name: string, spec: Partial<ProbeSpec> = {}): ProbeSpec {
  return {
    name,
    type: "http",
    mode: "Continuous",
    settings: { url: "https://orders.example/orders/1" },
    expect: [hasStatus, isQuick],
    run: {
      timeoutMs: 3000,
      intervalMs: 1000,
      attempts: 1,
      initialDelayMs: 0,
      tolerate: 0,
      stopOnFailure: false,
    },
    lagMs: 0,
    missing: "fail",
    ...spec,
  };
}

/** Of the whole run; of the step; a stop condition. */
export const answers = probeSpec("answers-fast");
export const grows = probeSpec("backlog-grows", { type: "prometheus", mode: "OnChaos", expect: [rises] });
export const alarm = probeSpec("burn-rate", {
  type: "cloudwatch-alarm",
  expect: [{ measure: "state", operator: "!=", value: "ALARM" }],
});

/** The events' first, of an experiment with all three. */
export function probedStart(
  probes: readonly ProbeSpec[] = [answers],
  own: readonly ProbeSpec[] = [grows],
): readonly Entry[] {
  const [[seconds, event] = [0, null]] = start([{ ...faultStep("orders-pause"), probes: own }]);
  if (event?.type !== "run.started") throw new Error("The fixture starts a run.");
  return [[seconds, { ...event, experiment: { ...event.experiment, probes, stopConditions: [alarm] } }]];
}

/** One check, `seconds` after the start; with a `text` it failed, unless `result` says otherwise. */
export function checked(
  seconds: number,
  key: string,
  measures: Measures,
  { phase = phaseAt(seconds), text = null, result }: Partial<Check> = {},
): Entry {
  const about = BASE + Math.round(seconds * 1000) - 40;
  const judged = result ?? (text === null ? "passed" : "failed");
  const check = { phase, result: judged, measures, about, attempts: 1, text };
  return [seconds, { type: "probe.checked", probe: key, askedAt: about, check }];
}

export const answersKey = probeKey(null, answers);
export const growsKey = probeKey("orders-pause", grows);

/** Checks of `answers-fast` each second; those in `slow` took 3 s and more. */
export function answered(slow: readonly number[] = []): readonly Entry[] {
  return Array.from({ length: 56 }, (_, i): Entry => {
    const second = i + 2;
    if (!slow.includes(second))
      return checked(second, answersKey, { statusCode: 200, responseTimeMs: 40 + (i % 7) });
    const text = "responseTimeMs is 3002, expected at most 2000";
    return checked(second, answersKey, { statusCode: 503, responseTimeMs: 3002 }, { text });
  });
}

/** Checks of `backlog-grows`: 10, and while the fault is in `to`. */
export function grown(to: number): readonly Entry[] {
  return [2, 8, 20, 34, 50].map((second) =>
    checked(second, growsKey, { value: phaseAt(second) === "fault" ? to : 10 }),
  );
}

function phaseAt(second: number): CheckPhase {
  if (second < 4) return "baseline";
  if (second < 6) return "transition";
  if (second <= 36) return "fault";
  return second < 40 ? "transition" : "after";
}

function inOrder(entries: readonly Entry[]): readonly Recorded[] {
  return record(entries.toSorted(([a], [b]) => a - b));
}

const body: readonly Entry[] = [
  planned(),
  ...injected(),
  sampled(2, "baseline", 0),
  sampled(12, "fault", 10),
  sampled(30, "fault", 28),
  sampled(50, "after", 0),
  held(),
  ...restored(),
  evidence(["orders", "seen"]),
  ...ended(),
];

/** Runs with probes, as the engine journals them. */
export const probed = {
  met: inOrder([...probedStart(), ...answered(), ...grown(40), ...body]),
  unmet: inOrder([...probedStart(), ...answered([10, 11, 12]), ...grown(10), ...body]),
  errored: inOrder([
    ...probedStart(),
    ...answered(),
    ...grown(40).slice(0, 1),
    checked(
      20,
      growsKey,
      {},
      { text: "no series of that name: did you mean queue_depth_average", result: "errored" },
    ),
    ...body,
  ]),
  unsteady: record([
    ...probedStart(),
    planned(),
    checked(2, answersKey, { statusCode: 500 }, { text: "statusCode is 500, expected one of 200, 503" }),
    [
      2.1,
      {
        type: "steady.absent",
        step: null,
        reasons: [
          'the probe "answers-fast" is not met before the fault: statusCode is 500, expected one of 200, 503',
        ],
      },
    ],
    [2.1, { type: "step.skipped", step: "orders-pause", reason: "the steady state was not there" }],
    ...ended(3),
  ]),
} satisfies Readonly<Record<string, readonly Recorded[]>>;
