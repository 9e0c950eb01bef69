import { expect, it } from "vitest";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import { connectTo } from "../../../../test/support/world.ts";
import { Budget, withBudget } from "../aws/budget.ts";
import type { Journal } from "../contract/journal.ts";

const UPDATE = "lambda:UpdateEventSourceMapping";

it("sends no write that waits for its turn once the journal is lost", async () => {
  let isFull = false;
  const stage = await Stage.of(
    {
      journal: (inner) => ({
        ...inner,
        append: (...args) => (isFull ? Promise.reject(new Error("disk full")) : inner.append(...args)),
      }),
      // The first answer is the first thing that cannot be written down any more.
      before: ({ action, input }) => {
        if (action === UPDATE && input.Enabled === false) isFull = true;
      },
    },
    { mappings: 60 },
  );
  const aws = withBudget(stage.aws, new Budget(stage.clock, 14));
  const before = await snapshot(stage.world);

  const events = await stage.run(toggleStep(), { parts: { ...stage.parts, connect: connectTo(aws) } });

  const [lost = 0] = timesOf(events, "journal.lost");
  const later = stage.writes(UPDATE).filter(({ input, at }) => input.Enabled === false && at > lost);
  expect(later).toEqual([]);
  expect(await snapshot(stage.world)).toEqual(before);
});

it("ends the hold of a fault that measures nothing when its journal is deleted underneath", async () => {
  let isGone = false;
  const gone = <T>(): Promise<T> => Promise.reject(new Error("the journal was deleted"));
  const journal = (inner: Journal): Journal => ({
    ...inner,
    read: (...args) => (isGone ? gone() : inner.read(...args)),
    append: (...args) => (isGone ? gone() : inner.append(...args)),
  });
  const stage = await Stage.of({
    journal,
    onEvent: ({ type }) => {
      if (type === "hold.started") isGone = true;
    },
  });
  const before = await snapshot(stage.world);

  const events = await stage.run(memoryStep({ TOTAL_CHAOS_DURATION: 3600 }));

  const [started = 0] = timesOf(events, "hold.started");
  const [restored = 0] = timesOf(events, "restore.started");
  expect(restored - started).toBeLessThan(10_000);
  expect(await snapshot(stage.world)).toEqual(before);
});

it("does not confirm an update that AWS gave up, and says why", async () => {
  const stage = await Stage.of();
  stage.world.cloud.switches.set({ failFunctionUpdates: ["orders"] });

  const events = await stage.run(memoryStep({ RESTORE_TIMEOUT: 20 }));

  expect(typesOf(events)).not.toContain("inject.confirmed");
  expect(eventsOf(events, "inject.failed")[0]?.failure.message).toContain("AWS could not change");
  expect(typesOf(events)).toContain("failed");

  stage.world.cloud.switches.reset();
  stage.processes.kill();
  expect(typesOf(await stage.restore())).toContain("run.closed");
});

it("refuses the id of a run that is in the journal, and leaves that run's leftovers alone", async () => {
  const stage = await Stage.of();
  await stage.run(toggleStep());
  await expect(stage.run(toggleStep())).rejects.toThrow("a run needs an id of its own");
});

it("restores although a look of the hold never gets an answer", async () => {
  let holding = false;
  const stage = await Stage.of({
    before: ({ action }) => {
      if (holding && action === "sqs:GetQueueAttributes") return new Promise<void>(() => undefined);
      return undefined;
    },
    onEvent: ({ type }) => {
      if (type === "hold.started") holding = true;
      if (type === "iteration.ended") holding = false;
    },
  });
  const before = await snapshot(stage.world);

  const events = await stage.run(toggleStep());

  expect(typesOf(events)).toContain("run.closed");
  expect(await snapshot(stage.world)).toEqual(before);
});

it("sends no write that waited for its turn while the process was suspended", async () => {
  const stage = await Stage.of({}, { mappings: 60 });
  let isSuspended = false;
  const aws = withBudget(stage.aws, new Budget(stage.clock, 14));
  const connect = connectTo(aws);
  const { clock } = stage;
  const before = await snapshot(stage.world);
  stage.hooks.onEvent = ({ type }) => {
    // Some are out, the others wait for their turn.
    if (type !== "edit.made" || isSuspended) return;
    isSuspended = true;
    clock.jump(7_200_000);
  };

  const events = await stage.run(toggleStep(), { parts: { ...stage.parts, connect } });

  expect(typesOf(events)).not.toContain("inject.confirmed");
  const [failed = 0] = timesOf(events, "edit.failed");
  const later = stage.writes(UPDATE).filter(({ input, at }) => input.Enabled === false && at > failed);
  expect(later).toEqual([]);
  expect(await snapshot(stage.world)).toEqual(before);
});
