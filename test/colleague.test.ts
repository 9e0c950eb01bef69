import { describe, expect, it } from "vitest";
import type { EventType } from "../packages/unplug/src/contract/events.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { openEdits } from "../packages/unplug/src/engine/open-edits.ts";
import { type Life, live } from "./support/life.ts";
import { type Scenario, scenarios } from "./support/scenario.ts";
import { REGION, recordOf, type World } from "./support/world.ts";

type Input = Readonly<Record<string, unknown>>;

const phases: readonly EventType[] = [
  "step.planned",
  "iteration.started",
  "edit.intended",
  "edit.made",
  "inject.confirmed",
  "hold.started",
  "hold.ended",
  "restore.started",
  "undo.intended",
  "undone",
  "proved",
];

/** Somebody who does one thing as soon as a phase begins, again and again until AWS lets it through. */
function colleague(phase: EventType, action: string, input: (world: World) => Input) {
  const arming = new Set<number>();
  const life = { acted: false };
  const act = async (world: World): Promise<void> => {
    for (let tries = 0; tries < 50; tries += 1) {
      const done = world.cloud.call(action, input(world), { region: REGION }).then(() => true);
      if (await done.catch(() => false)) return;
      await world.clock.sleep(300);
    }
    throw new Error(`The colleague's ${action} never got through.`);
  };
  const onEvent = ({ event }: Recorded, world: World): void => {
    if (event.type === "edit.intended" && event.arms) arming.add(event.edit);
    if (life.acted || event.type !== phase || ("edit" in event && !arming.has(event.edit))) return;
    life.acted = true;
    void act(world);
  };
  return { onEvent, life };
}

async function withColleague(
  scenario: Scenario,
  phase: EventType,
  action: string,
  input: (world: World) => Input,
): Promise<Life> {
  const { onEvent, life } = colleague(phase, action, input);
  const lived = await live(scenario, null, { onEvent, blind: true });
  expect(life.acted).toBe(true);
  expect(openEdits(lived.events)).toEqual([]);
  return lived;
}

const types = (events: readonly Recorded[]): readonly EventType[] => events.map(({ event }) => event.type);

describe.each(phases)("a colleague who acts at %s", (phase) => {
  const injected = phases.indexOf(phase) >= phases.indexOf("edit.made");
  const unplugged = injected && phases.indexOf(phase) <= phases.indexOf("restore.started");

  it("finds the mapping on that they enable", async () => {
    const enable = ({ mappings: [UUID] }: World) => ({ UUID, Enabled: true });
    const life = await withColleague(scenarios.parallel, phase, "lambda:UpdateEventSourceMapping", enable);
    for (const i of [0, 1, 2])
      expect(await mappingOf(life.world, i)).toMatchObject({ State: "Enabled", BatchSize: 10, tags: {} });
    if (phase === "hold.started") expect(types(life.events)).toContain("inject.lost");
  });

  it("keeps the batch size that they set, and the mapping on", async () => {
    const resize = ({ mappings: [UUID] }: World) => ({ UUID, BatchSize: 7 });
    const life = await withColleague(scenarios.parallel, phase, "lambda:UpdateEventSourceMapping", resize);
    const { BatchSize, State, tags } = await mappingOf(life.world, 0);
    expect({ BatchSize, State, tags }).toEqual({ BatchSize: 7, State: "Enabled", tags: {} });
    expect((await mappingOf(life.world, 1)).State).toBe("Enabled");
    if (unplugged) expect(types(life.events)).toContain("drift");
  });

  it("finds nothing in the way of the mapping that they delete, and the others on", async () => {
    const remove = ({ mappings: [UUID] }: World) => ({ UUID });
    const life = await withColleague(scenarios.parallel, phase, "lambda:DeleteEventSourceMapping", remove);
    await expect(mappingOf(life.world, 0)).rejects.toThrow("does not exist");
    for (const i of [1, 2])
      expect(await mappingOf(life.world, i)).toMatchObject({ State: "Enabled", tags: {} });
    if (unplugged) expect(types(life.events)).toContain("gone");
  });

  it("keeps the memory that they set, or the timeout beside ours", async () => {
    for (const settings of [{ MemorySize: 512 }, { Timeout: 77 }]) {
      const life = await withColleague(scenarios.memory, phase, "lambda:UpdateFunctionConfiguration", () => ({
        FunctionName: "orders",
        ...settings,
      }));
      const call = life.world.cloud.call(
        "lambda:GetFunctionConfiguration",
        { FunctionName: "orders" },
        { region: REGION },
      );
      expect(recordOf(await call)).toMatchObject({ MemorySize: 128, ...settings });
      if (unplugged) expect(types(life.events)).toContain("drift");
    }
  });

  it("finds nothing in the way of the function that they delete", async () => {
    const remove = () => ({ FunctionName: "orders" });
    const toggled = await withColleague(scenarios.parallel, phase, "lambda:DeleteFunction", remove);
    for (const i of [0, 1, 2])
      expect(await mappingOf(toggled.world, i)).toMatchObject({ State: "Enabled", tags: {} });
    const resized = await withColleague(scenarios.memory, phase, "lambda:DeleteFunction", remove);
    if (unplugged) expect(types(resized.events)).toContain("gone");
  });
});

async function mappingOf({ cloud, mappings }: World, index: number): Promise<Record<string, unknown>> {
  const found = recordOf(
    await cloud.call("lambda:GetEventSourceMapping", { UUID: mappings[index] }, { region: REGION }),
  );
  const tags = recordOf(
    await cloud.call("lambda:ListTags", { Resource: found.EventSourceMappingArn }, { region: REGION }),
  );
  return { ...found, tags: tags.Tags };
}
