import { describe, expect, it } from "vitest";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, Stage, toggleStep } from "../../../../test/support/stage.ts";
import { ACCOUNT, REGION } from "../../../../test/support/world.ts";

const LIST_TAGS = "lambda:ListTags";

describe("the marker of a mapping, which the plan has found absent", () => {
  it("is not looked for again before it is put on at once, and is read before and after it is taken off", async () => {
    const stage = await Stage.of();
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    const [mapping = ""] = stage.world.mappings;
    const asked = stage.calls.filter(({ input }) => String(input.Resource).endsWith(mapping));
    expect(asked.map(({ action }) => action.replace("lambda:", ""))).toEqual([
      "ListTags",
      "UntagResource",
      "TagResource",
      "ListTags",
      "UntagResource",
      "ListTags",
    ]);
    expect(eventsOf(events, "proved")).toHaveLength(4);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("is looked for again where time has passed since, and somebody's is left alone", async () => {
    const stage = await Stage.of({
      onEvent: (event) => {
        if (event.type !== "ramp.started" || event.when !== "before") return;
        const Resource = `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${stage.world.mappings[0]}`;
        void stage.cloud("lambda:TagResource", { Resource, Tags: { "unplug:run": "r-other" } });
      },
    });
    const events = await stage.run(toggleStep({ RAMP_TIME: 10 }));
    expect(stage.writes(LIST_TAGS)).toHaveLength(2 * stage.world.mappings.length);
    expect(eventsOf(events, "edit.intended")).toEqual([]);
    expect(eventsOf(events, "inject.failed")[0]?.failure.message).toMatch(/^Somebody changed mapping-tags/);
  });
});
