import { describe, expect, it } from "vitest";
import { experiment, snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, Stage, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { Recorded } from "../contract/journal.ts";
import { leaveRun } from "./leave-run.ts";
import { openEdits } from "./open-edits.ts";
import { runExperiment } from "./run.ts";

async function inHold(): Promise<{ readonly stage: Stage; readonly run: Promise<readonly Recorded[]> }> {
  const stage = await Stage.of();
  let held = false;
  const onEvent = ({ event }: Recorded): void => void (held ||= event.type === "hold.started");
  const options = { run: "r-1", signal: stage.controller.signal };
  const run = runExperiment(experiment(toggleStep()), options, { ...stage.parts, onEvent });
  await stage.clock.run(run, () => held);
  return { stage, run };
}

describe("a dead run that is left on a human's word", () => {
  it("is closed with what it left, frees its leases, and changes nothing in AWS", async () => {
    const { stage } = await inHold();
    stage.processes.kill();
    const [world, calls] = [await snapshot(stage.world), stage.calls.length];
    const claims = eventsOf(await stage.journal.read("r-1"), "edit.intended").map(({ target }) => target);

    const { events, byHand } = await leaveRun("r-1", stage.parts);

    const open = openEdits(await stage.journal.read("r-1"));
    expect(eventsOf(events, "left")).toEqual(
      open.map(({ edit }) => ({ type: "left", edit, by: stage.parts.by })),
    );
    expect(open.length).toBeGreaterThan(0);
    expect(typesOf(events).slice(-2)).toEqual(["run.finished", "run.closed"]);
    expect(byHand.join("\n")).toMatch(/^aws lambda update-event-source-mapping --uuid \S+ --enabled /m);
    expect(await stage.journal.runs()).toMatchObject([{ run: "r-1", closed: true, alive: false }]);
    expect(await stage.journal.take("r-2", claims)).toBeNull();
    expect(await snapshot(stage.world)).toEqual(world);
    expect(stage.calls).toHaveLength(calls);
  });

  it("can still be restored by its id", async () => {
    const { stage } = await inHold();
    stage.processes.kill();
    const { events } = await leaveRun("r-1", stage.parts);
    expect(openEdits(events).length).toBeGreaterThan(0);
    expect(openEdits(await stage.restore())).toEqual([]);
  });
});

describe("a run that goes on", () => {
  it("is not left behind its back, and neither is one that nobody knows", async () => {
    const { stage, run } = await inHold();
    await expect(leaveRun("r-1", stage.parts)).rejects.toThrow("Run r-1 is still going on");
    await expect(leaveRun("r-9", stage.parts)).rejects.toThrow("There is no run r-9");
    await stage.clock.run(run);
    expect(eventsOf(await run, "left")).toEqual([]);
    expect(openEdits(await run)).toEqual([]);
  });
});
