import { describe, expect, it } from "vitest";
import { snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import { connectTo } from "../../../../test/support/world.ts";
import { withRetries } from "../aws/retries.ts";
import { type Aws, AwsError } from "../contract/aws.ts";
import type { Journal } from "../contract/journal.ts";
import { openEdits } from "./open-edits.ts";
import { JournalLost } from "./run-log.ts";

const UPDATE = "lambda:UpdateEventSourceMapping";

/** A journal on a disk that is full from its `good`th append on. */
function full(inner: Journal, good: number): Journal {
  let count = 0;
  return {
    ...inner,
    append: (run, at, events) => {
      count += 1;
      return count > good ? Promise.reject(new Error("disk full")) : inner.append(run, at, events);
    },
  };
}

describe("a journal that cannot be written", () => {
  it("at its first event begins nothing", async () => {
    const stage = await Stage.of({ journal: (inner) => full(inner, 0) });
    await expect(stage.run(toggleStep())).rejects.toThrow(JournalLost);
    expect(stage.calls).toEqual([]);
  });

  // As many appends as a run of one target makes, and more.
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    "after %i appends stops injecting, restores from memory and says so",
    async (good) => {
      const stage = await Stage.of({ journal: (inner) => full(inner, good) });
      const before = await snapshot(stage.world);
      const events = await stage.run(toggleStep({ CYCLES: 2, CHAOS_INTERVAL: 1 }));
      expect(await snapshot(stage.world)).toEqual(before);
      expect(openEdits(events)).toEqual([]);
      const [lost] = timesOf(events, "journal.lost");
      if (lost === undefined) return;
      expect(eventsOf(events, "journal.lost")).toMatchObject([{ failure: { message: "disk full" } }]);
      // Not a single write that takes something out of service once nothing can be remembered.
      const off = stage.writes(UPDATE).filter(({ input, at }) => input.Enabled === false && at > lost);
      expect(off).toEqual([]);
    },
  );
});

it("ends the hold when the journal is lost in it: only this process knows the way back then", async () => {
  let disk = "fine";
  const stage = await Stage.of({
    journal: (inner) => ({
      ...inner,
      append: (...args) => (disk === "full" ? Promise.reject(new Error("disk full")) : inner.append(...args)),
    }),
    onEvent: ({ type }) => {
      if (type === "hold.started") disk = "full";
    },
  });
  const before = await snapshot(stage.world);
  const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 3600 }));
  const [lost = 0] = timesOf(events, "journal.lost");
  expect((timesOf(events, "restore.started")[0] ?? 0) - lost).toBeLessThan(5_000);
  expect(await snapshot(stage.world)).toEqual(before);
});

describe("an onlooker who fails", () => {
  it("keeps neither the run nor its restore from going on", async () => {
    const stage = await Stage.of({
      onEvent: () => {
        throw new Error("EPIPE");
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    expect(typesOf(events).slice(-1)).toEqual(["run.closed"]);
    expect(typesOf(events)).toContain("inject.confirmed");
    expect(await snapshot(stage.world)).toEqual(before);
  });
});

describe("the marker", () => {
  it("is gone without when tagging is denied, and the run goes on", async () => {
    const stage = await Stage.of();
    stage.world.cloud.switches.set({ deny: ["lambda:TagResource"] });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "edit.failed").map(({ certain, failure }) => [certain, failure.code])).toEqual([
      [true, "AccessDeniedException"],
      [true, "AccessDeniedException"],
    ]);
    expect(typesOf(events)).toContain("inject.confirmed");
    expect(typesOf(events).slice(-1)).toEqual(["run.closed"]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("that could not be taken off again is not put on", async () => {
    const stage = await Stage.of();
    stage.world.cloud.switches.set({ deny: ["lambda:UntagResource"] });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    expect(stage.writes("lambda:TagResource")).toEqual([]);
    expect(typesOf(events)).toContain("inject.confirmed");
    expect(eventsOf(events, "failed")).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("that cannot be taken off any more is told as failed, and the mapping is on", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type === "hold.started") stage.world.cloud.switches.set({ deny: ["lambda:UntagResource"] });
      },
    });
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "failed").map(({ failure }) => failure.code)).toEqual([
      "AccessDeniedException",
      "AccessDeniedException",
    ]);
    expect(openEdits(events).map(({ value }) => value.ref.kind)).toEqual(["mapping-tags", "mapping-tags"]);
    for (const UUID of stage.world.mappings)
      expect(await stage.cloud("lambda:GetEventSourceMapping", { UUID })).toMatchObject({ State: "Enabled" });
  });

  it("without the permission even to ask is left out, with a warning", async () => {
    const stage = await Stage.of();
    stage.world.cloud.switches.set({ deny: ["lambda:ListTags"] });
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "step.planned")[0]?.warnings.join()).toContain(
      "lambda:ListTags is not permitted",
    );
    expect(stage.writes("lambda:TagResource")).toEqual([]);
    expect(typesOf(events)).toContain("inject.confirmed");
  });
});

describe("an injection that fails", () => {
  it("at one target stops the others and undoes what was made", async () => {
    const stage = await Stage.of(
      {
        before: ({ action, input }) => {
          if (input.Enabled === false && input.UUID === stage.world.mappings[1])
            throw new AwsError(action, {
              code: "AccessDeniedException",
              status: 403,
              outcome: "refused",
              message: "no",
            });
        },
      },
      { mappings: 3 },
    );
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "inject.failed")).toMatchObject([{ failure: { code: "AccessDeniedException" } }]);
    expect(typesOf(events)).not.toContain("inject.confirmed");
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("to be confirmed within STATUS_CHECK_TIMEOUT is undone and says what it waited for", async () => {
    const stage = await Stage.of();
    stage.world.cloud.switches.set({ stuckMappings: ["*"] });
    const events = await stage.run(toggleStep({ STATUS_CHECK_TIMEOUT: 20, RESTORE_TIMEOUT: 1 }));
    const said = eventsOf(events, "inject.failed")
      .map(({ failure }) => failure.message)
      .join();
    expect(said).toContain("Disabling");
    expect(said).toContain("STATUS_CHECK_TIMEOUT");
    const [started = 0] = timesOf(events, "iteration.started");
    expect((timesOf(events, "inject.failed")[0] ?? 0) - started).toBeLessThan(25_000);
    expect(stage.writes(UPDATE).filter(({ input }) => input.Enabled === true)).toHaveLength(2);
  });
});

describe("looking again in the hold", () => {
  it("finds that somebody took the fault out, says when, and injects it no more", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type !== "hold.started") return;
        for (const UUID of stage.world.mappings) void stage.cloud(UPDATE, { UUID, Enabled: true });
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 300 }));
    expect(eventsOf(events, "inject.lost").map(({ reason }) => reason)).toEqual([
      "somebody took the fault out",
      "somebody took the fault out",
    ]);
    // Nothing is left to hold.
    const [held = 0] = timesOf(events, "hold.started");
    expect((timesOf(events, "hold.ended")[0] ?? 0) - held).toBeLessThan(60_000);
    expect(stage.writes(UPDATE).filter(({ input }) => input.Enabled === false)).toHaveLength(2);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("takes ours out at once when somebody else deploys, without waiting for the end of the hold", async () => {
    const stage = await Stage.of(
      {
        onEvent: ({ type }) => {
          if (type !== "hold.started") return;
          void stage.cloud(UPDATE, { UUID: stage.world.mappings[0], BatchSize: 7 });
        },
      },
      { mappings: 2 },
    );
    const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 300 }));
    expect(eventsOf(events, "inject.lost")).toMatchObject([{ reason: "somebody else changed it" }]);
    const [held = 0] = timesOf(events, "hold.started");
    expect((timesOf(events, "undo.intended")[0] ?? 0) - held).toBeLessThan(30_000);
    // They work on what this run has unplugged: none of it is held any longer.
    expect(timesOf(events, "hold.ended").every((at) => at - held < 30_000)).toBe(true);
    expect(eventsOf(events, "drift")).toHaveLength(1);
  });
});

describe("a write that AWS answers with 500 although it was done", () => {
  it("is taken out again, also when its repetition is refused for certain", async () => {
    let failed = false;
    const stage = await Stage.of({ latency: () => 0 }, { mappings: 0 });
    const before = await snapshot(stage.world);
    const flaky: Aws = {
      async call(action, input, signal) {
        const answer = await stage.aws.call(action, input, signal);
        if (action === "lambda:UpdateFunctionConfiguration" && !failed) {
          failed = true;
          throw new AwsError(action, {
            code: "ServiceException",
            status: 500,
            outcome: "unknown",
            message: "500",
          });
        }
        return answer;
      },
    };
    // The repetition carries the revision from before: 409 while it is in progress, 412 afterwards.
    const connect = connectTo(withRetries(flaky, stage.clock));
    const events = await stage.run(memoryStep(), { parts: { ...stage.parts, connect } });
    expect(eventsOf(events, "edit.failed").map(({ certain }) => certain)).toEqual([false]);
    expect(openEdits(events)).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });
});

it("writes a thousand edits in few transactions", async () => {
  let appends = 0;
  const stage = await Stage.of(
    {
      journal: (inner) => ({
        ...inner,
        append: (run, at, events) => {
          appends += 1;
          return inner.append(run, at, events);
        },
      }),
    },
    { mappings: 1000 },
  );
  const events = await stage.run(toggleStep({ TOTAL_CHAOS_DURATION: 1 }));
  expect(eventsOf(events, "proved")).toHaveLength(1000);
  expect(appends).toBeLessThan(250);
});
