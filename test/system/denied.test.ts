import { describe, expect, vi } from "vitest";
import { actionFacts } from "../../packages/unplug/src/contract/actions.ts";
import { labTest } from "../support/lab.ts";
import { lastLine, NAME, UPDATE } from "../support/toggled.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 10 });

const test = labTest("fast");
const PATIENCE = { timeout: 240_000 };

describe.concurrent("an AWS that does not give what is asked", () => {
  test(
    "no tags: the run goes on, and says that only this machine's journal can restore",
    PATIENCE,
    async ({ lab }) => {
      const uuids = await lab.addFed(NAME, 1);
      const before = await lab.snapshot(NAME, uuids);
      lab.sandbox.cloud.switches.set({ deny: ["lambda:TagResource"] });

      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
      const { code } = await run.ended;

      expect(code, run.said).toBe(0);
      expect(run.stderr).toMatch(/only\s+this\s+machine's\s+journal/);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
    },
  );

  test("nothing but the permissions of the fault's page: they are enough", PATIENCE, async ({ lab }) => {
    const page = [
      "GetFunction",
      "GetEventSourceMapping",
      "ListEventSourceMappings",
      "UpdateEventSourceMapping",
    ];
    const uuids = await lab.addFed(NAME, 3);
    const before = await lab.snapshot(NAME, uuids);
    lab.sandbox.cloud.switches.set({
      deny: Object.entries(actionFacts).flatMap(([action, facts]) =>
        facts.free === true || page.includes(action.slice("lambda:".length)) ? [] : [action],
      ),
    });

    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    expect(run.of("inject.confirmed")).toHaveLength(1);
    expect(run.of("proved")).toHaveLength(3);
    expect(run.stderr).toContain("marker: none");
    expect(run.stderr).toMatch(/only\s+this\s+machine's\s+journal/);
    expect(await lab.snapshot(NAME, uuids)).toEqual(before);
  });

  test("no update when restoring: exit 4 with the command, which proves later", PATIENCE, async ({ lab }) => {
    const uuids = await lab.addFed(NAME, 2);
    const before = await lab.snapshot(NAME, uuids);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
    await run.event("hold.started");
    lab.sandbox.cloud.switches.set({ deny: [UPDATE] });
    const { code } = await run.ended;
    const id = await run.run();
    const still = await lab.unplug(["restore", id]);
    lab.sandbox.cloud.switches.reset();
    const later = await lab.unplug(["restore", id]);

    expect(code, run.said).toBe(4);
    expect(lastLine(run)).toContain(`unplug restore ${id}`);
    expect(still.code).toBe(4);
    expect(later.code, later.stdout).toBe(0);
    expect(await lab.snapshot(NAME, uuids)).toEqual(before);
  });

  test.for([15, 2])(
    "no more than %i requests a second: no throttling reaches the user",
    PATIENCE,
    async (rate, { lab }) => {
      const uuids = await lab.addFed(NAME, 3);
      const before = await lab.snapshot(NAME, uuids);
      lab.sandbox.cloud.switches.set({ throttle: { ratePerSecond: rate, burst: rate } });

      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
      const { code } = await run.ended;

      expect(code, run.said).toBe(0);
      expect(
        lab.sandbox.cloud.record.all().some(({ outcome }) => outcome === "TooManyRequestsException"),
      ).toBe(rate < 10);
      expect(run.said).not.toMatch(/TooManyRequests|Rate exceeded|Throttl/);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
    },
  );

  test.for([
    { when: "after", name: "done" },
    { when: "before", name: "not done" },
  ] as const)(
    "no answer to a write that was $name: what is unplugged is found and put back",
    PATIENCE,
    async ({ when }, { lab }) => {
      const uuids = await lab.addFed(NAME, 2);
      const before = await lab.snapshot(NAME, uuids);
      lab.sandbox.cloud.switches.set({ lose: [{ action: UPDATE, when, count: 1 }] });

      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
      const { code } = await run.ended;

      expect(code, run.said).toBe(3);
      expect(run.of("inject.failed")).toHaveLength(1);
      expect(run.of("edit.failed")).toMatchObject([{ certain: false }]);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
    },
  );

  test("no answer to the writes of the restore: it is proved all the same", PATIENCE, async ({ lab }) => {
    const uuids = await lab.addFed(NAME, 2);
    const before = await lab.snapshot(NAME, uuids);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
    await run.event("hold.started");
    lab.sandbox.cloud.switches.set({
      lose: [
        { action: UPDATE, when: "after", count: 1 },
        { action: UPDATE, when: "before", count: 2 },
        { action: "lambda:UntagResource", when: "after", count: 1 },
      ],
    });
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    expect(await lab.snapshot(NAME, uuids)).toEqual(before);
  });
});
