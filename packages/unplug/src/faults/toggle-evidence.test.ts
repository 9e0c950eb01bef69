import { expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { lambdaToggleEventMappingState as fault } from "./lambda-toggle-event-mapping-state.ts";

const SECOND = 1000;
const START = Date.UTC(2026, 0, 1);
const windows = {
  baseline: { from: START, to: START + 60 * SECOND },
  faults: [{ from: START + 60 * SECOND, to: START + 120 * SECOND }],
  after: { from: START + 120 * SECOND, to: START + 150 * SECOND },
};

/** A log in which the function was invoked every second, the fault or not. */
function everySecond({ startTime, endTime }: Readonly<Record<string, unknown>>): unknown {
  const [from, to] = [Math.max(START, Number(startTime)), Number(endTime)];
  const events = Array.from({ length: Math.max(0, Math.ceil((to - from) / SECOND)) }, (_, i) => ({
    timestamp: from + i * SECOND,
  }));
  return { events };
}

it.each([
  ["nothing else invokes it: polling never paused", "", "absent"],
  ["a gateway invokes it too: that says nothing of the mappings", '"apigateway.amazonaws.com"', "unreadable"],
])("a function that goes on being invoked, and %s", async (_what, Policy, verdict) => {
  const trial = await FaultTrial.of(
    fault,
    { mappings: 1 },
    { "lambda:GetPolicy": () => ({ Policy }), "logs:FilterLogEvents": everySecond },
  );
  const { targets } = await trial.targets({ EVENT_UUIDS: "all" });
  const seen = {
    targets: targets.map((one) => ({ ...one, state: null })),
    tunables: {},
    windows,
    samples: [],
  };

  const evidence = await fault.evidence?.(seen, trial.io);

  expect(evidence?.find(({ channel }) => channel === "invocations")?.verdict).toBe(verdict);
});
