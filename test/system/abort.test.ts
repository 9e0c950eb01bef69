import { describe, expect, vi } from "vitest";
import { type Lab, labTest } from "../support/lab.ts";
import type { UnplugProcess } from "../support/unplug-process.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 10 });

const test = labTest("fast");

interface Phase {
  readonly name: string;
  readonly tunables?: Readonly<Record<string, string | number>>;
  /** Makes the phase last long enough to be met. */
  prepare?(lab: Lab): void;
  /** Resolves in the phase. */
  reached(run: UnplugProcess, lab: Lab): Promise<unknown>;
  /** Lets the phase end, which `prepare` has made endless. */
  release?(lab: Lab): void;
  /** Whether anything was injected by then. */
  readonly injected: boolean;
}

const NAME = "orders";

/** What a run goes through, in order. */
const phases: readonly Phase[] = [
  {
    name: "planning",
    injected: false,
    prepare: (lab) =>
      lab.sandbox.cloud.switches.set({ latencyMs: 3_000, latencyActions: ["lambda:GetFunction"] }),
    reached: (run) => run.event("run.started"),
  },
  {
    name: "ramp",
    injected: false,
    tunables: { RAMP_TIME: 600 },
    reached: (run) => run.event("ramp.started"),
  },
  {
    name: "inject",
    injected: true,
    prepare: (lab) =>
      lab.sandbox.cloud.switches.set({
        latencyMs: 1_500,
        latencyActions: ["lambda:UpdateEventSourceMapping"],
      }),
    reached: async (run) => {
      await run.event("edit.intended", ({ arms }) => arms);
    },
  },
  {
    name: "confirm",
    injected: true,
    reached: async (run) => {
      const { edit } = await run.event("edit.intended", ({ arms }) => arms);
      await run.event("edit.made", (made) => made.edit === edit);
    },
  },
  {
    name: "hold",
    injected: true,
    tunables: { TOTAL_CHAOS_DURATION: 600 },
    reached: (run) => run.event("hold.started"),
  },
  {
    name: "restore",
    injected: true,
    reached: async (run, lab) => {
      // By then the markers are on, before which it was asked whether they may be taken off.
      await run.event("edit.intended", ({ arms }) => arms);
      lab.sandbox.cloud.switches.set({ latencyMs: 600_000, latencyActions: ["lambda:UntagResource"] });
      await run.event("restore.started");
    },
    release: (lab) => lab.sandbox.cloud.switches.set({ latencyMs: 0 }),
  },
  {
    name: "interval",
    injected: true,
    tunables: { SEQUENCE: "serial", CHAOS_INTERVAL: 600 },
    reached: (run) => run.event("interval.started"),
  },
  {
    name: "drain watch",
    injected: true,
    tunables: { DRAIN_TIMEOUT: 600 },
    reached: async (run, lab) => {
      await run.event("hold.started");
      // Throttled, it leaves its backlog where it is.
      await lab.call("lambda:PutFunctionConcurrency", {
        FunctionName: NAME,
        ReservedConcurrentExecutions: 0,
      });
      await lab.send(
        `${NAME}-0`,
        Array.from({ length: 400 }, (_, i) => `order ${i}`),
      );
      await run.event("sampled", ({ phase }) => phase === "after");
    },
  },
];

const ways = [
  { name: "SIGINT", signal: "SIGINT", code: 130, twice: false },
  { name: "SIGTERM", signal: "SIGTERM", code: 143, twice: false },
  { name: "SIGHUP", signal: "SIGHUP", code: 129, twice: false },
  { name: "SIGINT twice", signal: "SIGINT", code: 130, twice: true },
  { name: "unplug abort", signal: null, code: 5, twice: false },
] as const;

describe.concurrent.for(phases)("in the phase $name", (phase) => {
  test.concurrent.for(ways)(
    "$name puts everything back and proves it",
    { timeout: 120_000 },
    async (way, { lab }) => {
      const uuids = await lab.addFed(NAME, 2);
      const before = await mappingsAsTheyAre(lab, uuids);
      phase.prepare?.(lab);
      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1, ...phase.tunables });
      await phase.reached(run, lab);

      if (way.signal === null) {
        const abort = lab.unplug(["abort", await run.run()]);
        await run.event("abort.requested");
        phase.release?.(lab);
        const { code, stdout } = await abort;
        expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("proved") });
      } else {
        run.kill(way.signal);
        if (way.twice) {
          await run.event("abort.requested");
          run.kill(way.signal);
        }
        await run.event("abort.requested");
        phase.release?.(lab);
      }
      const end = await run.ended;

      expect(await mappingsAsTheyAre(lab, uuids)).toEqual(before);
      expect(end, run.said).toEqual({ code: way.code, signal: null });
      expect(run.of("abort.requested")).toMatchObject([{ request: { signal: way.signal, leave: false } }]);
      expect(run.of("run.closed")).toHaveLength(1);
      if (!phase.injected) expect(run.of("edit.intended")).toEqual([]);
      expect(editsIn(run)).toEqual(editsProved(run));
      expect(nothingInjectedAfterAbort(run)).toBe(true);
      if (way.twice && phase.name === "confirm") expect(run.stderr).toContain("never skipped");
    },
  );
});

test.concurrent("abort --leave restores nothing, says so, and a later restore proves", {
  timeout: 120_000,
}, async ({ lab }) => {
  const uuids = await lab.addFed(NAME, 2);
  const before = await mappingsAsTheyAre(lab, uuids);
  const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 600 });
  await run.event("hold.started");
  const id = await run.run();

  const abort = await lab.unplug(["abort", id, "--leave"]);
  const { code } = await run.ended;
  const left = await Promise.all(uuids.map((uuid) => lab.stateOf(uuid)));
  const restore = await lab.unplug(["restore", id]);

  expect({ code, abort: abort.code, left, restore: restore.code }, run.said).toEqual({
    code: 4,
    abort: 4,
    left: ["Disabled", "Disabled"],
    restore: 0,
  });
  expect(abort.stdout).toContain(`unplug restore ${id}`);
  expect(run.stderr).toContain(`unplug restore ${id}`);
  expect(await mappingsAsTheyAre(lab, uuids)).toEqual(before);
});

test.concurrent("a reader that goes away ends neither the run nor its restore", { timeout: 120_000 }, async ({
  lab,
}) => {
  const uuids = await lab.addFed(NAME, 2);
  const before = await mappingsAsTheyAre(lab, uuids);
  const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 2 });
  await run.event("hold.started");
  run.child.stdout?.destroy();
  run.child.stderr?.destroy();

  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(await mappingsAsTheyAre(lab, uuids)).toEqual(before);
  const { stdout } = await lab.unplug(["runs", "--format", "json"]);
  expect(JSON.parse(stdout)).toMatchObject([{ state: "finished", restore: "proved", exitCode: 0 }]);
});

async function mappingsAsTheyAre(lab: Lab, uuids: readonly string[]): Promise<unknown> {
  return Promise.all(uuids.map(async (uuid) => [await lab.stateOf(uuid), await lab.tagsOf(uuid)]));
}

function editsIn(run: UnplugProcess): readonly number[] {
  const certain = run.of("edit.failed").flatMap(({ edit, certain }) => (certain ? [edit] : []));
  return run
    .of("edit.intended")
    .flatMap(({ edit }) => (certain.includes(edit) ? [] : [edit]))
    .sort(ascending);
}

function editsProved(run: UnplugProcess): readonly number[] {
  return run
    .of("proved")
    .map(({ edit }) => edit)
    .sort(ascending);
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** A write that was intended before may still be on its way; none is intended after. */
function nothingInjectedAfterAbort(run: UnplugProcess): boolean {
  const types = run.events.map(({ type }) => type);
  return types.lastIndexOf("edit.intended") < types.indexOf("abort.requested");
}
