import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, vi } from "vitest";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { type Lab, labTest, REGION, waitFor } from "../support/lab.ts";
import { addLayer, addShop, block, everything, reach, SHOP } from "../support/shop.ts";
import type { UnplugProcess } from "../support/unplug-process.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 6 });

const test = labTest("fast");
const PATIENCE = { timeout: 120_000 };
const SETTINGS = { Environment: { Variables: { APP_SECRET: "s3cr3t", LD_PRELOAD: "/opt/theirs.so" } } };

/** A run that holds, long enough for whatever a test does to it. */
async function held(lab: Lab, database: Dependency, method: string): Promise<UnplugProcess> {
  const run = block(lab, {
    TARGET_HOSTNAMES: database.target,
    INJECTION_METHOD: method,
    TOTAL_CHAOS_DURATION: 600,
  });
  await run.event("hold.started");
  return run;
}

async function killed(run: UnplugProcess): Promise<void> {
  run.kill("SIGKILL");
  await run.ended;
}

function variablesOf(configuration: unknown): Readonly<Record<string, string>> {
  return Object(configuration).Environment.Variables;
}

describe.runIf(ownAddress !== null).concurrent("a block of a function", () => {
  const acts = [
    {
      method: "code",
      title: "deploys other code, in which our files are missing",
      does: async (lab: Lab) => {
        const ZipFile = await zipOf({
          "index.mjs": "export const handler = async () => ({ reached: ['theirs'] });",
        });
        await lab.call("lambda:UpdateFunctionCode", { FunctionName: SHOP, ZipFile });
      },
      end: { variables: SETTINGS.Environment.Variables, layers: 0, reached: ["theirs"] },
    },
    {
      method: "layer",
      title: "replaces all variables and adds a layer",
      does: async (lab: Lab) => {
        const { Layers = [] } = Object(await lab.configuration(SHOP));
        const theirs = [...Layers.map(({ Arn }: { Arn: string }) => Arn), await addLayer(lab, "theirs")];
        const input = { FunctionName: SHOP, Layers: theirs, Environment: { Variables: { APP_B: "2" } } };
        await lab.call("lambda:UpdateFunctionConfiguration", input);
      },
      end: { variables: { APP_B: "2" }, layers: 1, reached: ["hello"] },
    },
  ];
  for (const { method, title, does, end } of acts) {
    test(`goes at once when somebody ${title}, and the function starts always`, PATIENCE, async ({ lab }) => {
      await using database = await Dependency.open();
      await addShop(lab, { settings: SETTINGS });
      const run = await held(lab, database, method);
      let over = false;
      void run.ended.then(() => {
        over = true;
      });

      await does(lab);
      const answers: unknown[] = [];
      while (!over) answers.push(await reach(lab, [database]));

      expect((await run.ended).code, run.said).toBe(3);
      expect(run.of("inject.lost"), run.said).toHaveLength(1);
      expect(answers.filter((answer) => !Array.isArray(Object(answer).reached))).toEqual([]);
      const after = Object(await everything(lab));
      expect({
        variables: variablesOf(after),
        layers: after.Layers?.length ?? 0,
        reached: Object(await reach(lab, [database])).reached,
      }).toEqual(end);
      expect(run.stderr).toContain(method === "code" ? "sha256" : "Drift");
    });
  }

  test(
    "belongs to one run: another is refused by the journal here, and elsewhere by the marker; one restore ends it",
    PATIENCE,
    async ({ lab }) => {
      await using database = await Dependency.open();
      await addShop(lab, { settings: SETTINGS });
      const before = await everything(lab);
      const run = await held(lab, database, "layer");
      const id = await run.run();

      const [here, elsewhere] = [
        block(lab, { TARGET_HOSTNAMES: database.target }),
        block(lab, { TARGET_HOSTNAMES: database.target }, { UNPLUG_HOME: join(lab.folder, "elsewhere") }),
      ];
      for (const other of [here, elsewhere]) {
        expect((await other.ended).code, other.said).toBe(3);
        expect(other.said).toContain(id);
      }
      expect(elsewhere.said).toContain(`unplug restore --function ${SHOP}`);
      await killed(run);
      const restored = await lab.unplug(["restore", id]);

      expect(restored.code, restored.stderr).toBe(0);
      expect(await everything(lab)).toEqual(before);
      expect(await reach(lab, [database])).toMatchObject({ reached: ["hello"] });
    },
  );

  test(
    "whose machine is gone is ended from another one, by the function's name alone",
    PATIENCE,
    async ({ lab }) => {
      await using database = await Dependency.open();
      await addShop(lab, { settings: SETTINGS });
      const before = await everything(lab);
      await killed(await held(lab, database, "code"));
      const blocked = await reach(lab, [database]);

      const UNPLUG_HOME = join(lab.folder, "another");
      const args = ["restore", "--function", SHOP, "--region", REGION];
      const careful = await lab.unplug(args, { UNPLUG_HOME });
      const restored = await lab.unplug([...args, "--yes"], { UNPLUG_HOME });

      expect(blocked).toMatchObject({ reached: ["ECONNREFUSED"] });
      expect(careful.code, careful.stderr).toBe(3);
      expect(careful.stderr).toContain("may be alive on another machine");
      expect(restored.code, restored.stderr).toBe(0);
      expect(await everything(lab)).toEqual(before);
      expect(await reach(lab, [database])).toMatchObject({ reached: ["hello"] });
    },
  );

  test("that nobody restores ends by itself", PATIENCE, async ({ lab }) => {
    await using database = await Dependency.open();
    await addShop(lab, { settings: SETTINGS });
    await killed(await held(lab, database, "layer"));
    const { UNPLUG_INTERCEPTOR: told = "", ...others } = variablesOf(await everything(lab));
    const [until] = /(?<=until=)\d+/.exec(told) ?? [];

    // Minutes from now: brought nearer, so that a test can wait for it.
    const soon = Math.floor(Date.now() / 1000) + 4;
    const Variables = { ...others, UNPLUG_INTERCEPTOR: told.replace(/until=\d+/, `until=${soon}`) };
    await lab.call("lambda:UpdateFunctionConfiguration", {
      FunctionName: SHOP,
      Environment: { Variables },
    });
    await waitFor(async () => Object(await reach(lab, [database])).reached[0] === "hello");

    expect(Number(until)).toBeGreaterThan(Date.now() / 1000 + 600);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(soon);
    expect(variablesOf(await everything(lab))).toMatchObject({
      UNPLUG_INTERCEPTOR: Variables.UNPLUG_INTERCEPTOR,
    });
  });

  test("of two functions in one experiment is out of both", PATIENCE, async ({ lab }) => {
    await using database = await Dependency.open();
    const names = ["cart", "stock"];
    await Promise.all(names.map((name) => addShop(lab, { name, settings: SETTINGS })));
    const before = await Promise.all(names.map((name) => everything(lab, name)));
    const file = join(lab.folder, "two.yaml");
    const steps = names.map((name) => ({
      fault: "lambda-block-tcp-connection",
      name,
      tunables: {
        FUNCTION_NAME: name,
        REGION,
        TARGET_HOSTNAMES: database.target,
        INJECTION_METHOD: "layer",
        TOTAL_CHAOS_DURATION: 1,
      },
    }));
    const metadata = { name: "two" };
    await writeFile(
      file,
      JSON.stringify({ apiVersion: "unplug.dev/v1", kind: "Experiment", metadata, spec: { steps } }),
    );

    const run = lab.start(["run", file, "--format", "ndjson"]);
    const { code } = await run.ended;

    expect(code, run.said).toBe(0);
    expect(run.of("hold.ended").map(({ step }) => step)).toEqual(names);
    expect(await Promise.all(names.map((name) => everything(lab, name)))).toEqual(before);
    expect(lab.writes().filter((write) => write.startsWith("lambda:PublishLayerVersion"))).toHaveLength(1);
  });
});
