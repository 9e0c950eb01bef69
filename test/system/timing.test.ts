import { describe, expect } from "vitest";
import { type Lab, labTest } from "../support/lab.ts";

const NAME = "orders";
const UPDATE = "lambda:UpdateEventSourceMapping";
const PATIENCE = { timeout: 120_000 };

interface Switching {
  readonly uuid: string;
  readonly enabled: boolean;
  readonly at: number;
}

describe.concurrent("with transitions that take their time", () => {
  const test = labTest("fast");

  test("parallel: all mappings are Disabled at once, for one hold", PATIENCE, async ({ lab }) => {
    const uuids = await lab.addFed(NAME, 3);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 4 });
    await run.event("hold.started");
    const states = await Promise.all(uuids.map((uuid) => lab.stateOf(uuid)));
    const { code } = await run.ended;

    expect({ code, states }, run.said).toEqual({ code: 0, states: ["Disabled", "Disabled", "Disabled"] });
    expect(run.of("iteration.started")).toHaveLength(1);
    expect(run.of("hold.started")).toHaveLength(1);
    const calls = switchings(lab);
    expect(calls.map(({ enabled }) => enabled)).toEqual([false, false, false, true, true, true]);
    expect(new Set(calls.slice(0, 3).map(({ uuid }) => uuid))).toEqual(new Set(uuids));
  });

  test("the hold begins when AWS has confirmed, not when it was asked", PATIENCE, async ({ lab }) => {
    const [uuid = ""] = await lab.addFed(NAME, 1);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 4 });
    const { until } = await run.event("hold.started");
    const state = await lab.stateOf(uuid);
    const { code } = await run.ended;
    const [disabled, enabled] = switchings(lab);

    expect({ code, state }, run.said).toEqual({ code: 0, state: "Disabled" });
    // Two seconds until it is Disabled, then four of hold.
    expect(until - (disabled?.at ?? Number.NaN)).toBeGreaterThanOrEqual(6_000);
    expect(enabled?.at).toBeGreaterThanOrEqual(until);
  });
});

describe.concurrent("with transitions that take no time", () => {
  const test = labTest("none");

  test(
    "serial: one mapping at a time, in the order given, with the interval between",
    PATIENCE,
    async ({ lab }) => {
      const [a = "", b = "", c = ""] = await lab.addFed(NAME, 3);
      const order = [c, a, b];
      const run = lab.toggle(NAME, {
        EVENT_UUIDS: order.join(","),
        SEQUENCE: "serial",
        TOTAL_CHAOS_DURATION: 1,
        CHAOS_INTERVAL: 2,
      });
      const { code } = await run.ended;

      expect(code, run.said).toBe(0);
      const calls = switchings(lab);
      expect(calls.map(({ uuid, enabled }) => ({ uuid, enabled }))).toEqual(
        order.flatMap((uuid) => [
          { uuid, enabled: false },
          { uuid, enabled: true },
        ]),
      );
      const at = calls.map((call) => call.at);
      const gaps = at.slice(1).map((time, i) => time - (at[i] ?? 0));
      for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(i % 2 === 0 ? 1_000 : 2_000);
      expect(run.of("interval.started")).toHaveLength(2);
    },
  );

  test("cycles repeat the whole sequence", PATIENCE, async ({ lab }) => {
    const [a = "", b = ""] = await lab.addFed(NAME, 2);
    const run = lab.toggle(NAME, {
      EVENT_UUIDS: `${a},${b}`,
      SEQUENCE: "serial",
      TOTAL_CHAOS_DURATION: 1,
      CHAOS_INTERVAL: 0,
      CYCLES: 2,
    });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    const disabled = switchings(lab).flatMap(({ uuid, enabled }) => (enabled ? [] : [uuid]));
    expect(disabled).toEqual([a, b, a, b]);
  });

  test("the ramp comes before the first injection and after the last proof", PATIENCE, async ({ lab }) => {
    await lab.addFed(NAME, 1);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1, RAMP_TIME: 1 });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    const told = run.events.flatMap((event) =>
      event.type === "ramp.started"
        ? [`ramp ${event.when}`]
        : /^(inject.confirmed|iteration.ended)$/.test(event.type)
          ? [event.type]
          : [],
    );
    expect(told).toEqual(["ramp before", "inject.confirmed", "iteration.ended", "ramp after"]);
  });
});

/** Each time that a mapping was asked to be enabled or disabled, as AWS recorded it. */
function switchings(lab: Lab): readonly Switching[] {
  return lab.sandbox.cloud.record.of(UPDATE).map(({ input, at }) => {
    const { UUID, Enabled } = Object(input);
    return { uuid: String(UUID), enabled: Enabled === true, at };
  });
}
