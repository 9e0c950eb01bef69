import { join } from "node:path";
import { describe, expect } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { type Lab, labTest, REGION } from "../support/lab.ts";
import { addShop, block, everything, reach, SHOP } from "../support/shop.ts";

const test = labTest("fast");
const PATIENCE = { timeout: 120_000 };
const LIVE = `${SHOP}:live`;

async function addAlias(lab: Lab): Promise<void> {
  const { Version } = await lab.call("lambda:PublishVersion", { FunctionName: SHOP });
  await lab.call("lambda:CreateAlias", { FunctionName: SHOP, Name: "live", FunctionVersion: Version });
}

/** The alias, the versions and `$LATEST`, less what every change renews. */
async function all(lab: Lab): Promise<unknown> {
  const { RevisionId: _, ...alias } = await lab.call("lambda:GetAlias", { FunctionName: SHOP, Name: "live" });
  const { Versions } = await lab.call("lambda:ListVersionsByFunction", { FunctionName: SHOP });
  const numbers = Array.isArray(Versions) ? Versions.map((version) => Object(version)["Version"]) : [];
  return { alias, numbers, latest: await everything(lab) };
}

const reached = async (lab: Lab, database: Dependency, name: string): Promise<unknown> =>
  Object(await reach(lab, [database], name)).reached;

describe.runIf(ownAddress !== null).concurrent("the callers of an alias", () => {
  for (const method of ["layer", "code"]) {
    test(
      `are blocked by ${method}, those of $LATEST are not, and all is as before`,
      PATIENCE,
      async ({ lab }) => {
        await using database = await Dependency.open();
        await addShop(lab, { settings: { Environment: { Variables: { APP_A: "1" } } } });
        await addAlias(lab);
        const before = await all(lab);

        const run = block(lab, {
          TARGET_HOSTNAMES: database.target,
          INJECTION_METHOD: method,
          QUALIFIER: "live",
          TOTAL_CHAOS_DURATION: 600,
        });
        await run.event("hold.started");
        const during = [await reached(lab, database, LIVE), await reached(lab, database, SHOP)];
        run.kill("SIGINT");
        const end = await run.ended;

        expect(during, run.said).toEqual([["ECONNREFUSED"], ["hello"]]);
        expect(end, run.said).toEqual({ code: 130, signal: null });
        expect(await all(lab)).toEqual(before);
        expect(await reached(lab, database, LIVE)).toEqual(["hello"]);
      },
    );
  }

  test(
    "with a share of the calls are put back from another machine, by the function's name alone",
    PATIENCE,
    async ({ lab }) => {
      await using database = await Dependency.open();
      await addShop(lab);
      await addAlias(lab);
      const before = await all(lab);
      const run = block(lab, {
        TARGET_HOSTNAMES: database.target,
        QUALIFIER: "live",
        TRAFFIC_PERCENTAGE: 50,
        TOTAL_CHAOS_DURATION: 600,
      });
      await run.event("hold.started");
      const answers = new Set<string>();
      while (answers.size < 2) answers.add(String(await reached(lab, database, LIVE)));
      run.kill("SIGKILL");
      await run.ended;

      const UNPLUG_HOME = join(lab.folder, "another");
      const args = ["restore", "--function", SHOP, "--region", REGION];
      const careful = await lab.unplug(args, { UNPLUG_HOME });
      const restored = await lab.unplug([...args, "--yes"], { UNPLUG_HOME });

      expect([...answers].sort()).toEqual(["ECONNREFUSED", "hello"]);
      expect(careful.code, careful.stderr).toBe(3);
      expect(restored.code, restored.stderr).toBe(0);
      expect(await all(lab)).toEqual(before);
      expect(await reached(lab, database, LIVE)).toEqual(["hello"]);
    },
  );
});
