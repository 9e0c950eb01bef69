import { describe, expect, vi } from "vitest";
import { labTest, REGION, TOGGLE } from "../support/lab.ts";
import { disablings, lastLine, NAME, resultOf, statesOf, UPDATE } from "../support/toggled.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 10 });

const test = labTest("fast");
const PATIENCE = { timeout: 120_000 };

describe.concurrent("somebody else", () => {
  test(
    "who enables a mapping in mid-hold ends the fault there; it is not injected again",
    PATIENCE,
    async ({ lab }) => {
      const [taken = "", kept = ""] = await lab.addFed(NAME, 2);
      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 14 });
      await run.event("hold.started");

      await lab.call(UPDATE, { UUID: taken, Enabled: true });
      const lost = await run.event("inject.lost");
      const other = await lab.stateOf(kept);
      const { code } = await run.ended;

      expect({ lost: lost.ref.id, other, code }, run.said).toEqual({
        lost: taken,
        other: "Disabled",
        code: 3,
      });
      expect(await resultOf(run, lab)).toMatchObject({
        verdict: "inconclusive",
        injection: "lost",
        restore: "proved",
      });
      // Each once; which of two that are sent at once comes first is nobody's matter.
      expect(disablings(lab).toSorted()).toEqual([taken, kept].toSorted());
      expect(await statesOf(lab, [taken, kept])).toEqual(["Enabled", "Enabled"]);
    },
  );

  test(
    "who deletes a mapping in mid-hold is named in the last line, and is no failure",
    PATIENCE,
    async ({ lab }) => {
      const [deleted = "", kept = ""] = await lab.addFed(NAME, 2);
      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 3 });
      await run.event("hold.started");

      await lab.call("lambda:DeleteEventSourceMapping", { UUID: deleted });
      const { code } = await run.ended;

      expect(code, run.said).toBe(0);
      expect(lastLine(run)).toContain(`Gone: somebody deleted mapping ${deleted.slice(0, 8)}`);
      expect(run.of("gone")).not.toEqual([]);
      expect(await lab.stateOf(kept)).toBe("Enabled");
      expect(await lab.tagsOf(kept)).toEqual({});
      expect((await lab.unplug(["runs"])).stderr).toBe("");
    },
  );

  test("who changes a mapping's batch size keeps the change, and ours goes", PATIENCE, async ({ lab }) => {
    const [changed = ""] = await lab.addFed(NAME, 1);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 4 });
    await run.event("hold.started");

    await lab.call(UPDATE, { UUID: changed, BatchSize: 7 });
    const { code } = await run.ended;

    // What it was disabled for may have been their change: that is no answer.
    expect(code, run.said).toBe(3);
    expect(await lab.mapping(changed)).toMatchObject({ State: "Enabled", BatchSize: 7 });
    expect(await lab.tagsOf(changed)).toEqual({});
    expect(run.of("drift")).toHaveLength(1);
    expect(run.stderr).toMatch(/batchSize: 10 -> 7/);
    expect(lastLine(run)).toContain("Drift");
    expect((await resultOf(run, lab)).restore).toBe("drifted");
  });

  test(
    "who runs on the same mapping first is named by the second, which changes nothing",
    PATIENCE,
    async ({ lab }) => {
      await lab.addFed(NAME, 1);
      const first = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 60 });
      await first.event("hold.started");
      const writes = lab.writes().length;

      const second = await lab.unplug([
        "fault",
        TOGGLE,
        `FUNCTION_NAME=${NAME}`,
        `REGION=${REGION}`,
        "EVENT_UUIDS=all",
      ]);

      expect(second.code, second.stdout).toBe(3);
      expect(second.stdout + second.stderr).toContain(await first.run());
      expect(lab.writes()).toHaveLength(writes);
      first.kill("SIGINT");
      expect((await first.ended).code).toBe(130);
    },
  );
});

describe.concurrent("a run that does not fit", () => {
  test("is refused with every culprit named, and nothing is written", PATIENCE, async ({ lab }) => {
    const [disabled = "", fine = ""] = await lab.addFed(NAME, 2);
    const [foreign = ""] = await lab.addFed("invoices", 1);
    const unknown = "00000000-0000-4000-8000-000000000000";
    await lab.call(UPDATE, { UUID: disabled, Enabled: false });
    await lab.reaches(disabled, "Disabled");

    const run = lab.toggle(NAME, { EVENT_UUIDS: [disabled, foreign, unknown].join(",") });
    const { code } = await run.ended;

    expect(code, run.said).toBe(3);
    for (const uuid of [disabled, foreign, unknown]) expect(run.stderr).toMatch(new RegExp(`  - ${uuid} `));
    expect(run.stderr).toContain(`function:invoices`);
    expect(run.stderr).toContain(`${unknown} does not exist`);
    // What it could have been.
    expect(run.stderr).toContain(fine);
    expect(lab.writes()).toEqual([]);
  });

  test(
    "is refused when a mapping may not be updated, with the action and the remedy",
    PATIENCE,
    async ({ lab }) => {
      const uuids = await lab.addFed(NAME, 2);
      const before = await lab.snapshot(NAME, uuids);
      lab.sandbox.cloud.switches.set({ deny: [UPDATE] });

      const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
      const { code } = await run.ended;

      expect(code, run.said).toBe(3);
      expect(run.stderr).toMatch(/lambda:UpdateEventSourceMapping[^]*IAM policy/);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
    },
  );
});
