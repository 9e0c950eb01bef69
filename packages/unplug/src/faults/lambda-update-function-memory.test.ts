import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { eventsOf, memoryStep, Stage } from "../../../../test/support/stage.ts";
import { ACCOUNT, REGION } from "../../../../test/support/world.ts";
import { lambdaUpdateFunctionMemory as fault } from "./lambda-update-function-memory.ts";

const FunctionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:orders`;
const answering = (Configuration: Readonly<Record<string, unknown>>) => ({
  "lambda:GetFunction": () => ({
    Configuration: { FunctionArn, State: "Active", MemorySize: 128, ...Configuration },
  }),
});

describe("lambda-update-function-memory", () => {
  it("sends nothing but the memory, guarded by the revision that it read", async () => {
    const stage = await Stage.of({}, { mappings: 0 });
    await stage.run(memoryStep());
    const sent = stage.writes("lambda:UpdateFunctionConfiguration").map(({ input }) => input);
    expect(sent.map(({ MemorySize }) => MemorySize)).toEqual([256, 128]);
    for (const input of sent)
      expect(Object.keys(input).sort()).toEqual(["FunctionName", "MemorySize", "RevisionId"]);
  });

  it("refuses what would change nothing", async () => {
    const trial = await FaultTrial.of(fault);
    expect(await trial.refusal({ MEMORY_IN_MEGABYTES: 128 })).toContain("has 128 MiB already");
  });

  it("refuses what somebody has set meanwhile, in a later cycle too", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type === "interval.started")
          void stage.cloud("lambda:UpdateFunctionConfiguration", { FunctionName: "orders", MemorySize: 256 });
      },
    });
    const events = await stage.run(memoryStep({ CYCLES: 2, CHAOS_INTERVAL: 30 }));
    expect(eventsOf(events, "edit.intended")).toHaveLength(1);
    expect(JSON.stringify(events)).toContain("function orders has 256 MiB already.");
  });

  it.each([
    [{ LastUpdateStatus: "InProgress" }, "is being updated"],
    [
      { LastUpdateStatus: "Failed", LastUpdateStatusReason: "no image" },
      "last update of function orders failed (no image)",
    ],
    [{ State: "Inactive" }, "is Inactive, not Active"],
  ])("refuses a function that is not settled: %j", async (configuration, words) => {
    const trial = await FaultTrial.of(fault, {}, answering(configuration));
    expect(await trial.refusal({ MEMORY_IN_MEGABYTES: 256 })).toContain(words);
  });

  it("warns that callers of an alias will not see it", async () => {
    const trial = await FaultTrial.of(fault, {}, answering({}));
    const { warnings, targets } = await trial.targets({
      FUNCTION_NAME: "orders:live",
      MEMORY_IN_MEGABYTES: 256,
    });
    expect(warnings.join()).toContain("callers of orders:live will not see it");
    expect(targets.map(({ ref }) => ref.id)).toEqual([FunctionArn]);
  });
});
