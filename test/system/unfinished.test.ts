import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, vi } from "vitest";
import { labTest, REGION, waitFor } from "../support/lab.ts";
import { disablings, killedInHold, NAME, statesOf, UPDATE } from "../support/toggled.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 10 });

const test = labTest("fast");
const PATIENCE = { timeout: 240_000 };

describe.concurrent("a process that does not live its life", () => {
  test("restores when it wakes after its hold, and never injects again", PATIENCE, async ({ lab }) => {
    const [first = "", second = ""] = await lab.addFed(NAME, 2);
    const run = lab.toggle(NAME, {
      EVENT_UUIDS: `${first},${second}`,
      SEQUENCE: "serial",
      CHAOS_INTERVAL: 0,
      TOTAL_CHAOS_DURATION: 2,
    });
    const { until } = await run.event("hold.started");

    run.kill("SIGSTOP");
    await waitFor(() => Date.now() > until + 6_000);
    const suspended = await lab.stateOf(first);
    const other = lab.toggle(NAME, { EVENT_UUIDS: first });
    const { code: refused } = await other.ended;
    run.kill("SIGCONT");
    const { code } = await run.ended;

    expect({ suspended, refused, code }, run.said).toEqual({ suspended: "Disabled", refused: 3, code: 3 });
    expect(other.stderr).toContain(`unplug abort ${await run.run()}`);
    expect(run.of("hold.ended")[0]?.overrunMs).toBeGreaterThan(5_000);
    expect(disablings(lab)).toEqual([first]);
    expect(await statesOf(lab, [first, second])).toEqual(["Enabled", "Enabled"]);
  });

  test(
    "leaves what the next start tells of, a new run refuses, and --restore-leftovers mends",
    PATIENCE,
    async ({ lab }) => {
      const uuids = await lab.addFed(NAME, 2);
      const dead = await killedInHold(lab);

      const runs = await lab.unplug(["runs"]);
      const refused = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 });
      const { code: refusal } = await refused.ended;
      const still = await statesOf(lab, uuids);
      const mending = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 1 }, ["--restore-leftovers"]);
      const { code } = await mending.ended;

      expect(runs.stderr).toContain(`unplug restore ${dead}`);
      expect({ refusal, still }, refused.said).toEqual({ refusal: 3, still: ["Disabled", "Disabled"] });
      expect(refused.stderr).toContain(`unplug restore ${dead}`);
      expect(code, mending.said).toBe(0);
      expect(mending.of("proved").length).toBeGreaterThan(0);
      expect(await statesOf(lab, uuids)).toEqual(["Enabled", "Enabled"]);
      expect((await lab.unplug(["runs"])).stderr).toBe("");
    },
  );

  test(
    "is not restored in another account: a restore there refuses by name and changes nothing",
    PATIENCE,
    async ({ lab }) => {
      const uuids = await lab.addFed(NAME, 1);
      const dead = await killedInHold(lab);
      const writes = lab.writes().length;

      const elsewhere = await lab.unplug([
        "restore",
        dead,
        "--assume-role-arn",
        "arn:aws:iam::111122223333:role/other",
      ]);
      const left = { states: await statesOf(lab, uuids), writes: lab.writes().length };
      const here = await lab.unplug(["restore", dead]);

      const said = elsewhere.stdout + elsewhere.stderr;
      expect(elsewhere.code, said).toBe(4);
      expect(said).toMatch(/account 000000000000[^]*account 111122223333/);
      expect(left).toEqual({ states: ["Disabled"], writes });
      expect(here.code).toBe(0);
      expect(await statesOf(lab, uuids)).toEqual(["Enabled"]);
    },
  );

  test(
    "is restored by the marker in AWS where there is no journal, on a human's word while it may be alive",
    PATIENCE,
    async ({ lab }) => {
      const uuids = await lab.addFed(NAME, 2);
      const before = await lab.snapshot(NAME, uuids);
      const dead = await killedInHold(lab);
      const elsewhere = { UNPLUG_HOME: join(lab.folder, "other-machine") };
      const restore = ["restore", "--function", NAME, "--region", REGION];

      const asked = await lab.unplug(restore, elsewhere);
      const left = await statesOf(lab, uuids);
      const done = await lab.unplug([...restore, "--yes"], elsewhere);

      expect(asked.code, asked.stderr).toBe(3);
      expect(left).toEqual(["Disabled", "Disabled"]);
      expect(done.code, done.stdout + done.stderr).toBe(0);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
      // The journal that knew of it finds nothing left.
      expect((await lab.unplug(["restore", dead])).code).toBe(0);
      expect(await lab.snapshot(NAME, uuids)).toEqual(before);
    },
  );

  test(
    "is restored on a human's word where there is neither journal nor marker",
    PATIENCE,
    async ({ lab }) => {
      const [untagged = "", own = ""] = await lab.addFed(NAME, 2);
      for (const UUID of [untagged, own]) await lab.call(UPDATE, { UUID, Enabled: false });
      await Promise.all([untagged, own].map((uuid) => lab.reaches(uuid, "Disabled")));
      const restore = ["restore", "--function", NAME, "--region", REGION, "--mapping", untagged];

      const unsaid = await lab.unplug(restore);
      const left = await lab.stateOf(untagged);
      const done = await lab.unplug([...restore, "--yes"]);

      expect(unsaid.code, unsaid.stdout + unsaid.stderr).toBe(3);
      expect(left).toBe("Disabled");
      expect(done.code, done.stdout + done.stderr).toBe(0);
      expect(await statesOf(lab, [untagged, own])).toEqual(["Enabled", "Disabled"]);
    },
  );

  test(
    "is restored by hand as far as its markers can be read: the rest is named, and the command ends with 4",
    PATIENCE,
    async ({ lab }) => {
      const uuids = await lab.addFed(NAME, 2);
      await killedInHold(lab);
      const elsewhere = { UNPLUG_HOME: join(lab.folder, "other-machine") };
      const restore = ["restore", "--function", NAME, "--region", REGION, "--yes"];
      lab.sandbox.cloud.switches.set({ deny: ["lambda:ListTags"] });

      const blind = await lab.unplug(restore, elsewhere);
      const left = await statesOf(lab, uuids);
      lab.sandbox.cloud.switches.reset();
      const seeing = await lab.unplug(restore, elsewhere);

      expect(blind.code, blind.stdout + blind.stderr).toBe(4);
      for (const uuid of uuids) expect(blind.stderr).toContain(uuid);
      expect(left).toEqual(["Disabled", "Disabled"]);
      expect(seeing.code, seeing.stdout + seeing.stderr).toBe(0);
      expect(await statesOf(lab, uuids)).toEqual(["Enabled", "Enabled"]);
    },
  );

  test("restores from memory when its journal is deleted in mid-hold", PATIENCE, async ({ lab }) => {
    const uuids = await lab.addFed(NAME, 2);
    const before = await lab.snapshot(NAME, uuids);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 3 });
    await run.event("hold.started");

    await rm(lab.home, { recursive: true, force: true });
    const { code } = await run.ended;

    expect(code, run.said).toBe(3);
    expect(run.of("journal.lost")).toHaveLength(1);
    expect(run.of("proved")).toHaveLength(4);
    expect(await lab.snapshot(NAME, uuids)).toEqual(before);
  });
});
