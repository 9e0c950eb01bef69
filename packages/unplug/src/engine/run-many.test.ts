import { describe, expect, it } from "vitest";
import { eventsOf, Stage, toggleStep } from "../../../../test/support/stage.ts";
import { connectTo } from "../../../../test/support/world.ts";
import { Budget, withBudget } from "../aws/budget.ts";
import { withRetries } from "../aws/retries.ts";
import type { Parts } from "./parts.ts";

const UPDATE = "lambda:UpdateEventSourceMapping";
const count = 250;
const perSecond = 15;

/** A world that takes no more than AWS takes, and our way into it. */
async function limitedStage(): Promise<{ stage: Stage; parts: Parts }> {
  const stage = await Stage.of({}, { mappings: count });
  stage.world.cloud.switches.set({ throttle: { ratePerSecond: perSecond, burst: perSecond } });
  const budget = new Budget(stage.clock, perSecond);
  const connect = connectTo(withRetries(withBudget(stage.aws, budget), stage.clock));
  return { stage, parts: { ...stage.parts, connect } };
}

describe("250 mappings in an account that allows 15 requests a second", () => {
  it("are off and on again, all proved, each written once each way and read by page, in little more than the writes' time", async () => {
    const { stage, parts } = await limitedStage();
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 1 }), { parts });

    expect(eventsOf(events, "proved")).toHaveLength(count);
    const [first, last] = [events[0]?.at ?? 0, events.at(-1)?.at ?? 0];
    expect(last - first - 1000).toBeLessThan(1.15 * ((2 * count) / perSecond) * 1000);

    const done = stage.world.cloud.record.of(UPDATE).filter(({ outcome }) => outcome === "ok");
    expect(done).toHaveLength(2 * count);
    // The last one alone is read by its id.
    expect(stage.writes("lambda:GetEventSourceMapping").length).toBeLessThanOrEqual(2);
    // Three pages a look: two for the plan, one before the writes, and some in the seconds after the last write of each way.
    expect(stage.writes("lambda:ListEventSourceMappings").length).toBeLessThanOrEqual(3 * 25);
  });

  it("are all proved without one failure that anybody hears of while somebody else takes half of the rate", async () => {
    const { stage, parts } = await limitedStage();
    let isOver = false;
    const someoneElse = async () => {
      while (!isOver) {
        await stage.clock.sleep(2000 / perSecond);
        await stage.cloud("lambda:ListFunctions", {}).catch(() => undefined);
      }
    };
    const other = someoneElse();
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 1 }), { parts });
    isOver = true;
    await stage.clock.run(other);

    expect(eventsOf(events, "proved")).toHaveLength(count);
    const failures = ["edit.failed", "undo.failed", "failed", "inject.failed"] as const;
    expect(failures.flatMap((type) => eventsOf(events, type))).toEqual([]);
  });
});
