import { describe, expect, it } from "vitest";
import { experiment, snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import type { Recorded } from "../contract/journal.ts";
import { openEdits } from "./open-edits.ts";
import { runExperiment } from "./run.ts";

/** The first run's process, up to its hold; a second process starts then. */
async function untilHold(stage: Stage, { dies }: { dies: boolean }): Promise<void> {
  let held = false;
  const onEvent = ({ event }: Recorded): void => void (held ||= event.type === "hold.started");
  void runExperiment(
    experiment(toggleStep()),
    { run: "r-first", signal: stage.controller.signal },
    { ...stage.parts, onEvent },
  );
  await stage.clock.run(new Promise(() => undefined), () => held);
  if (dies) stage.processes.kill();
  else stage.processes.start();
}

function refusal(events: readonly Recorded[]): string {
  expect(typesOf(events)).not.toContain("edit.intended");
  return eventsOf(events, "run.failed")
    .map(({ failure }) => failure.message)
    .join("\n");
}

describe("a lease", () => {
  it("refuses a second run on the same target, with the id of the first", async () => {
    const stage = await Stage.of();
    await untilHold(stage, { dies: false });
    const said = refusal(await stage.run(toggleStep(), { run: "r-second" }));
    expect(said).toContain("Run r-first is going on");
    expect(said).toContain("unplug abort r-first");
  });

  it("lets a run on another target go on beside it", async () => {
    const stage = await Stage.of();
    await untilHold(stage, { dies: false });
    expect(typesOf(await stage.run(memoryStep(), { run: "r-second" }))).toContain("proved");
  });

  it("of a dead run's leftovers is refused with the command that restores them", async () => {
    const stage = await Stage.of();
    await untilHold(stage, { dies: true });
    const said = refusal(await stage.run(toggleStep(), { run: "r-second" }));
    expect(said).toContain("Run r-first died");
    expect(said).toContain("unplug restore r-first");
    expect(said).toContain("--restore-leftovers");
  });

  it("is freed by --restore-leftovers, and the run goes on", async () => {
    const stage = await Stage.of();
    const before = await snapshot(stage.world);
    await untilHold(stage, { dies: true });
    const events = await stage.run(toggleStep(), { run: "r-second", restoreLeftovers: true });
    expect(typesOf(events)).toContain("inject.confirmed");
    expect(openEdits(await stage.journal.read("r-first"))).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("of a dead run that cannot be read refuses, and the other dead runs are restored to their end", async () => {
    const stage = await Stage.of();
    const before = await snapshot(stage.world);
    await stage.journal.take("r-bad", []);
    await untilHold(stage, { dies: true });
    const unreadable = (run: string, after?: number) =>
      run === "r-bad" ? Promise.reject(new Error("it is damaged")) : stage.journal.read(run, after);
    const parts = { ...stage.parts, journal: { ...stage.journal, read: unreadable } };
    const events = await stage
      .run(toggleStep(), { run: "r-second", restoreLeftovers: true, parts })
      .catch((error: unknown) => String(error));
    expect(JSON.stringify(events)).toContain("it is damaged");
    expect(openEdits(await stage.journal.read("r-first"))).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("ends with the proof: the next run on the same target is let in", async () => {
    const stage = await Stage.of();
    await stage.run(toggleStep(), { run: "r-first" });
    expect(typesOf(await stage.run(toggleStep(), { run: "r-second" }))).toContain("inject.confirmed");
  });

  it("of another machine is its marker, which refuses by its run and its time", async () => {
    const stage = await Stage.of();
    await untilHold(stage, { dies: false });
    await stage.cloud("lambda:UpdateEventSourceMapping", { UUID: stage.world.mappings[0], Enabled: true });
    await stage.cloud("lambda:UpdateEventSourceMapping", { UUID: stage.world.mappings[1], Enabled: true });
    await stage.clock.pass(3_000);
    const elsewhere = await Stage.of();
    const parts = { ...stage.parts, journal: elsewhere.journal };
    const said = refusal(await stage.run(toggleStep(), { run: "r-second", parts }));
    expect(said).toContain("is marked by run r-first");
  });
});
