import { expect, it } from "vitest";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { runExperiment } from "../packages/unplug/src/engine/run.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { builtImage, putImage } from "./support/image-builder.ts";
import { experiment, type StepScenario, scenarios } from "./support/scenario.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { IMAGE, REGION, recordOf } from "./support/world.ts";

const { image } = scenarios.blockInImage;
const THEIRS = { ...image, layers: [...image.layers, [{ path: "theirs", body: Buffer.from("theirs") }]] };

function block(FUNCTION_NAME = "orders", RAMP_TIME = 0): StepScenario {
  const common = { REGION, TARGET_HOSTNAMES: "db.internal", TOTAL_CHAOS_DURATION: 30 };
  return { fault: "lambda-block-tcp-connection", tunables: { ...common, FUNCTION_NAME, RAMP_TIME } };
}

const stageOfImage = (hooks = {}): Promise<Stage> => Stage.of(hooks, { image });

/** Puts an image of somebody else's under a tag of the function's repository; gives its digest. */
async function pushes({ world: { cloud } }: Stage, tag: string): Promise<void> {
  await putImage(cloud, { repository: IMAGE.repository, tag, region: REGION }, builtImage(THEIRS));
}

async function codeOf(stage: Stage, FunctionName = "orders"): Promise<Readonly<Record<string, unknown>>> {
  return recordOf(recordOf(await stage.cloud("lambda:GetFunction", { FunctionName }))["Code"]);
}

/** With a tag or without. */
async function images(stage: Stage): Promise<unknown> {
  return await stage.cloud("ecr:ListImages", { repositoryName: IMAGE.repository });
}

const code = (events: readonly Recorded[]): number => exitCode(fold(events));

it.each(["the same image", "another image"])(
  "two functions of %s in one repository are blocked by one run, and both are as before",
  async (which) => {
    const stage = await stageOfImage();
    await pushes(stage, "theirs");
    const { Role } = recordOf(
      await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" }),
    );
    const ImageUri = which === "the same image" ? IMAGE.uri : IMAGE.uri.replace(/:live$/, ":theirs");
    const made = { FunctionName: "stock", Role, PackageType: "Image", Code: { ImageUri } };
    await stage.cloud("lambda:CreateFunction", made);
    stage.clock.jump(60_000);
    const now = () => Promise.all([codeOf(stage), codeOf(stage, "stock"), images(stage)]);
    const before = await now();

    const steps = experiment(block("orders"), block("stock", 10));
    const together = {
      ...steps,
      steps: steps.steps.map((step, i) => ({ ...step, name: `s${i}`, parallel: 0 })),
    };
    const run = runExperiment(together, { run: "r-1", signal: stage.controller.signal }, stage.parts);
    await stage.clock.run(run);
    const events = await run;

    expect(eventsOf(events, "inject.confirmed")).toHaveLength(2);
    expect(code(events)).toBe(0);
    expect(await now()).toEqual(before);
  },
);
