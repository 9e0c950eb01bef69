import { describe, expect, it } from "vitest";
import { experiment, snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, memoryStep, Stage, timesOf, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import { AwsError } from "../contract/aws.ts";
import type { Recorded } from "../contract/journal.ts";
import { openEdits } from "./open-edits.ts";
import { runExperiment } from "./run.ts";

const UPDATE = "lambda:UpdateEventSourceMapping";

function refused(code: string, status: number): AwsError {
  return new AwsError(UPDATE, { code, status, outcome: "refused", message: code });
}

/** A run up to its hold; its process dies there unless it is said to live. */
async function untilHold(stage: Stage, step = toggleStep(), lives = false): Promise<void> {
  let held = false;
  const onEvent = ({ event }: Recorded): void => void (held ||= event.type === "hold.started");
  const options = { run: "r-1", signal: stage.controller.signal };
  void runExperiment(experiment(step), options, { ...stage.parts, onEvent });
  await stage.clock.run(new Promise(() => undefined), () => held);
  if (lives) stage.processes.start();
  else stage.processes.kill();
}

describe("a restore", () => {
  it("sends every write before it waits for anything, by page, whatever hangs", async () => {
    const stage = await Stage.of(
      {
        latency: ({ input }) =>
          input.Enabled === true && input.UUID === stage.world.mappings[0] ? 20_000 : 0,
      },
      { mappings: 150 },
    );
    const events = await stage.run(toggleStep());
    const sent = stage.writes(UPDATE).filter(({ input }) => input.Enabled === true);
    expect(sent).toHaveLength(150);
    expect(new Set(sent.map(({ at }) => at)).size).toBe(1);
    expect(openEdits(events)).toEqual([]);
  });

  it.each([
    ["a conflict", "ResourceConflictException", 409],
    ["an outdated revision", "PreconditionFailedException", 412],
    ["throttling", "TooManyRequestsException", 429],
    ["a failure of AWS's own", "ServiceException", 500],
    ["an unavailable service", "ServiceUnavailable", 503],
    ["expired credentials", "ExpiredTokenException", 403],
    ["keys that AWS does not know", "UnrecognizedClientException", 403],
    ["a mapping in use", "ResourceInUseException", 400],
  ])("tries again after %s", async (_what, code, status) => {
    // For longer than a certain "no" is heard.
    let failures = 75;
    const stage = await Stage.of({
      before: ({ action, input }) => {
        if (action === UPDATE && input.Enabled === true && failures-- > 0) throw refused(code, status);
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep());
    expect(eventsOf(events, "undo.failed").length).toBeGreaterThanOrEqual(75);
    expect(openEdits(events)).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("that is denied for one target fails that one, with AWS's words, and restores the others", async () => {
    const stage = await Stage.of(
      {
        before: ({ input }) => {
          if (input.Enabled === true && input.UUID === stage.world.mappings[1])
            throw refused("AccessDeniedException", 403);
        },
      },
      { mappings: 3 },
    );
    const events = await stage.run(toggleStep());
    const failed = eventsOf(events, "failed");
    // The marker stays with what it marks.
    expect(failed.map(({ failure }) => failure.code)).toEqual(["AccessDeniedException", "Blocked"]);
    expect(eventsOf(events, "proved")).toHaveLength(4);
    expect(typesOf(events)).not.toContain("run.closed");
    expect(openEdits(events).map(({ value }) => value.ref.id)).toEqual(
      Array.from({ length: 2 }, () => stage.world.mappings[1]),
    );
  });

  it("is given up after RESTORE_TIMEOUT, and finished by the next one", async () => {
    let broken = true;
    const stage = await Stage.of({
      before: ({ input }) => {
        if (broken && input.Enabled === true) throw refused("ServiceException", 500);
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ RESTORE_TIMEOUT: 60 }));
    const [started = 0] = timesOf(events, "restore.started");
    expect(timesOf(events, "failed").every((at) => at - started >= 60_000 && at - started < 70_000)).toBe(
      true,
    );
    expect(eventsOf(events, "failed").length).toBeGreaterThan(0);
    broken = false;
    expect(openEdits(await stage.restore())).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it.each([
    { slow: "without an answer", ms: 20_000, status: null, outcome: "unknown" as const },
    { slow: "refused after a while", ms: 3_000, status: 500, outcome: "refused" as const },
  ])("is given up after RESTORE_TIMEOUT when each write is $slow, and finished by the next", async (how) => {
    const { ms, status, outcome } = how;
    let broken = true;
    const stage = await Stage.of({
      before: async ({ action, input }) => {
        if (!broken || input.Enabled !== true) return;
        await stage.clock.sleep(ms);
        throw new AwsError(action, { code: "TimeoutError", status, outcome, message: "gone" });
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ RESTORE_TIMEOUT: 60 }));
    const [started = 0] = timesOf(events, "restore.started");
    const failed = timesOf(events, "failed").map((at) => at - started);
    expect(failed.length).toBeGreaterThan(0);
    expect(Math.min(...failed)).toBeGreaterThanOrEqual(60_000);
    expect(Math.max(...failed)).toBeLessThan(60_000 + ms + 10_000);
    broken = false;
    expect(openEdits(await stage.restore())).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("is looked at once more when its time is up: a write without an answer may have been done", async () => {
    let lost = 0;
    const stage = await Stage.of(
      {
        before: async ({ action, input }) => {
          if (input.Enabled !== true) return;
          lost += 1;
          if (lost === 3) await stage.cloud(action, input);
          await stage.clock.sleep(20_000);
          throw new AwsError(action, {
            code: "TimeoutError",
            status: null,
            outcome: "unknown",
            message: "gone",
          });
        },
      },
      { mappings: 1 },
    );
    const events = await stage.run(toggleStep({ RESTORE_TIMEOUT: 50 }));
    expect(lost).toBe(3);
    expect(typesOf(events)).not.toContain("failed");
    expect(openEdits(events)).toEqual([]);
  });

  it("goes on where the machine slept through RESTORE_TIMEOUT", async () => {
    let refusals = 0;
    const stage = await Stage.of({
      before: ({ input }) => {
        if (input.Enabled !== true || refusals > 3) return;
        refusals += 1;
        if (refusals === 2) stage.clock.jump(3_600_000);
        throw refused("ServiceException", 500);
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ RESTORE_TIMEOUT: 60 }));
    expect(typesOf(events)).not.toContain("failed");
    expect(openEdits(events)).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("waits out a write that may land late, however short RESTORE_TIMEOUT is", async () => {
    let lost = true;
    const stage = await Stage.of(
      {
        before: async ({ action, input }) => {
          if (action !== UPDATE || input.Enabled !== false || !lost) return;
          lost = false;
          void stage.clock.sleep(20_000).then(() => stage.cloud(action, input));
          throw new AwsError(action, {
            code: "ECONNRESET",
            status: null,
            outcome: "unknown",
            message: "gone",
          });
        },
      },
      { mappings: 1 },
    );
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ RESTORE_TIMEOUT: 1 }));
    expect(openEdits(events)).toEqual([]);
    await stage.clock.pass(60_000);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("waits longer for a transition that AWS has accepted, then calls it pending, and the next one proves it", async () => {
    const stage = await Stage.of({
      onEvent: ({ type }) => {
        if (type === "restore.started")
          stage.world.cloud.switches.set({ stuckMappings: [String(stage.world.mappings[0])] });
      },
    });
    const before = await snapshot(stage.world);
    const events = await stage.run(toggleStep({ RESTORE_TIMEOUT: 60 }));
    const [started = 0] = timesOf(events, "restore.started");
    expect(eventsOf(events, "pending")).toMatchObject([{ status: "Enabling" }]);
    expect((timesOf(events, "pending")[0] ?? 0) - started).toBeGreaterThan(600_000);
    expect(eventsOf(events, "proved")).toHaveLength(2);
    expect(openEdits(events)).toHaveLength(2);
    stage.world.cloud.switches.set({ stuckMappings: [] });
    expect(openEdits(await stage.restore())).toEqual([]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("believes that a target is gone after three answers of 404 within ten seconds, not after two", async () => {
    let missing = Number.POSITIVE_INFINITY;
    const stage = await Stage.of(
      {
        before: ({ action, input }) => {
          if (
            action === "lambda:GetEventSourceMapping" &&
            input.UUID === stage.world.mappings[0] &&
            missing-- > 0
          )
            throw new AwsError(action, {
              code: "ResourceNotFoundException",
              status: 404,
              outcome: "refused",
              message: "no",
            });
        },
      },
      { mappings: 1 },
    );
    await untilHold(stage);
    missing = 2;
    const events = await stage.restore();
    expect(typesOf(events)).not.toContain("gone");
    expect(openEdits(events)).toEqual([]);
  });

  it("says that a target is gone within ten seconds of its deletion", async () => {
    const stage = await Stage.of();
    await untilHold(stage);
    await stage.cloud("lambda:DeleteEventSourceMapping", { UUID: stage.world.mappings[0] });
    await stage.clock.pass(5_000);
    const since = stage.clock.now();
    const events = await stage.restore();
    expect(eventsOf(events, "gone")).toHaveLength(2);
    expect(
      timesOf(events, "gone")
        .map((at) => at - since)
        .every((ms) => ms >= 4_000 && ms <= 20_000),
    ).toBe(true);
    expect(openEdits(events)).toEqual([]);
  });

  it("works in the run's own place only: other credentials are refused by name, and 404 there is not gone", async () => {
    const stage = await Stage.of();
    await untilHold(stage);
    const empty = await Stage.of({}, { mappings: 0 });
    const place = { account: "999999999999", region: "us-east-1", endpoint: "virtual" };
    const connect = () =>
      Promise.resolve({ aws: empty.aws, place, identity: "arn:aws:iam::999999999999:user/wrong" });
    const events = await stage.restore("r-1", { ...stage.parts, connect });
    const said = eventsOf(events, "failed").map(({ failure }) => failure.message);
    expect(said[0]).toContain("account 123456789012");
    expect(said[0]).toContain("account 999999999999");
    expect(said[0]).toContain("--profile");
    expect(empty.calls).toEqual([]);
    expect(openEdits(events)).toHaveLength(4);
    expect(openEdits(await stage.restore())).toEqual([]);
  });

  it("of a run that is going on, or that nobody knows, is refused", async () => {
    const stage = await Stage.of();
    await expect(stage.restore("r-0")).rejects.toThrow("There is no run r-0");
    await untilHold(stage, toggleStep(), true);
    const writes = stage.calls.length;
    await expect(stage.restore()).rejects.toThrow("Run r-1 is still going on, and will restore by itself");
    expect(stage.calls).toHaveLength(writes);
  });

  it("keeps a deployment that came between, and takes only ours out", async () => {
    const stage = await Stage.of({}, { mappings: 0 });
    await untilHold(stage, memoryStep());
    await stage.cloud("lambda:UpdateFunctionConfiguration", { FunctionName: "orders", Timeout: 99 });
    await stage.clock.pass(5_000);
    const events = await stage.restore();
    expect(eventsOf(events, "drift")).toMatchObject([
      { before: { timeoutSeconds: 3 }, now: { timeoutSeconds: 99, memoryMib: 128 } },
    ]);
    expect(openEdits(events)).toEqual([]);
  });
});
