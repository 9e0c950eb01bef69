import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, Stage } from "../../../../test/support/stage.ts";
import { REGION } from "../../../../test/support/world.ts";
import { lambdaThrottle as fault } from "./lambda-throttle.ts";

const step = (RESERVED_CONCURRENCY: number) => ({
  fault: fault.id,
  tunables: { FUNCTION_NAME: "orders", REGION, RESERVED_CONCURRENCY, TOTAL_CHAOS_DURATION: 30 },
});

describe("lambda-throttle", () => {
  it("of a function that had none gives it none back, which is not zero", async () => {
    const stage = await Stage.of({}, { mappings: 0 });
    const before = await snapshot(stage.world);
    const events = await stage.run(step(0));
    expect(eventsOf(events, "edit.intended")[0]?.value).toMatchObject({
      before: null,
      after: { reserved: 0 },
    });
    // The first asks whether the second will be permitted.
    expect(stage.writes("lambda:DeleteFunctionConcurrency")).toHaveLength(2);
    expect(await snapshot(stage.world)).toEqual(before);
    expect(await stage.cloud("lambda:GetFunctionConcurrency", { FunctionName: "orders" })).toEqual({});
  });

  it("of a function that had none is refused where it may not be taken away again", async () => {
    const stage = await Stage.of({}, { mappings: 0 });
    stage.world.cloud.switches.set({ deny: ["lambda:DeleteFunctionConcurrency"] });
    const before = await snapshot(stage.world);
    const events = await stage.run(step(0));
    expect(eventsOf(events, "inject.failed")).toHaveLength(1);
    expect(stage.writes("lambda:PutFunctionConcurrency")).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("of a function that had zero, or some, gives it those back", async () => {
    for (const had of [0, 7]) {
      const stage = await Stage.of({}, { mappings: 0 });
      const reserved = { FunctionName: "orders", ReservedConcurrentExecutions: had };
      await stage.cloud("lambda:PutFunctionConcurrency", reserved);
      await stage.run(step(3));
      expect(stage.writes("lambda:DeleteFunctionConcurrency")).toEqual([]);
      expect(await stage.cloud("lambda:GetFunctionConcurrency", { FunctionName: "orders" })).toEqual({
        ReservedConcurrentExecutions: had,
      });
    }
  });

  it("refuses what would change nothing", async () => {
    const trial = await FaultTrial.of(fault);
    await trial.cloud("lambda:PutFunctionConcurrency", {
      FunctionName: "orders",
      ReservedConcurrentExecutions: 0,
    });
    expect(await trial.refusal({ RESERVED_CONCURRENCY: 0 })).toContain("reserved concurrency of 0 already");
    expect((await trial.targets({ RESERVED_CONCURRENCY: 1 })).targets).toHaveLength(1);
  });
});
