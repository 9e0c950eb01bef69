import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../test/support/virtual-clock.ts";
import { PLACE } from "../../../../test/support/world.ts";
import type { Action, Aws, InputOf, OutputOf } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import { faultWindow, judgeBlocking, readBlockLog } from "./block-log.ts";

type Line = readonly [timestamp: number, message: string];

/** A log of these lines, read as CloudWatch Logs gives it: in a window, without what the filter leaves out. */
function logOf(lines: readonly Line[]): Io {
  const aws: Aws = {
    async call<A extends Action>(_action: A, input: InputOf<A>): Promise<OutputOf<A>> {
      const { startTime, endTime } = Object(input);
      const events = lines
        .filter(([timestamp]) => timestamp >= startTime && timestamp <= endTime)
        .map(([timestamp, message]) => ({ timestamp, message, logStreamName: "one" }));
      return { events } as OutputOf<A>;
    },
  };
  return { aws, place: PLACE, clock: new VirtualClock(), salt: "x", signal: new AbortController().signal };
}

const HELD = faultWindow({
  baseline: { from: 0, to: 1_000 },
  faults: [{ from: 1_000, to: 5_000 }],
  after: { from: 8_000, to: 9_000 },
});
const START = "START RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Version: $LATEST";
const ARMED = "unplug: armed pid=7 run=r-1 behavior=refuse targets=1 until=1790000000";
const BLOCKED = "unplug: blocked pid=7 n=1 behavior=refuse to=10.0.0.5:5432 target=db.internal:5432";

describe("the log of a function that was blocked", () => {
  it("shows a connect that was blocked while the fault went out", async () => {
    const log = await readBlockLog(
      "g",
      HELD,
      logOf([
        [4_900, START],
        [4_950, ARMED],
        [5_100, BLOCKED],
      ]),
    );

    expect(judgeBlocking("orders", log)).toMatchObject({ verdict: "seen", numbers: { blocked: 1 } });
  });

  it("holds nothing against an invocation that came when the fault went out", async () => {
    const log = await readBlockLog("g", HELD, logOf([[7_000, START]]));

    expect(judgeBlocking("orders", log).verdict).toBe("no-traffic");
  });

  it("tells an invocation in the hold that met nothing", async () => {
    const log = await readBlockLog("g", HELD, logOf([[3_000, START]]));

    expect(judgeBlocking("orders", log).verdict).toBe("absent");
  });

  it("counts targets whatever their names, and what lies between two written lines", async () => {
    const line = (n: number, target: string): Line => [
      2_000,
      `unplug: blocked pid=7 n=${n} behavior=refuse to=10.0.0.5:5432 target=${target}`,
    ];
    const log = await readBlockLog(
      "g",
      HELD,
      logOf([line(1, "constructor"), line(2, "__proto__"), line(5, "constructor")]),
    );

    expect(JSON.stringify(log.blocked)).toBe('{"constructor":4,"__proto__":1}');
    expect(judgeBlocking("orders", log)).toMatchObject({ verdict: "seen", numbers: { blocked: 5 } });
  });
});
