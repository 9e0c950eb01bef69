import { expect, it } from "vitest";
import { environmentAccess } from "../packages/unplug/src/contract/access.ts";
import { AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { restoreByHand } from "../packages/unplug/src/engine/restore-by-hand.ts";
import { runExperiment } from "../packages/unplug/src/engine/run.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { summaryText } from "../packages/unplug/src/report/summary-text.ts";
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

async function variables(stage: Stage): Promise<unknown> {
  const found = await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" });
  return recordOf(recordOf(found)["Environment"])["Variables"];
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

const LIVE = "live";
const THEIR_TAG = "theirs";
const OUR_TAG = "unplug-r-1.orders";

const named = (tag: string): string => IMAGE.uri.replace(/:live$/, `:${tag}`);

/** What a function has once it has its image again, and by which of the two names. */
async function restored(stage: Stage): Promise<{ readonly byTag: boolean; readonly same: boolean }> {
  const { ImageUri, ResolvedImageUri } = await codeOf(stage);
  return { byTag: ImageUri === IMAGE.uri, same: ResolvedImageUri === digests.get(stage) };
}

const digests = new WeakMap<Stage, unknown>();

/** One run, in whose hold somebody does something. */
async function disturbed(disturb: (stage: Stage) => Promise<unknown>) {
  const stage = await stageOfImage();
  digests.set(stage, (await codeOf(stage))["ResolvedImageUri"]);
  await pushes(stage, THEIR_TAG);
  stage.hooks.onEvent = ({ type }) => {
    if (type === "hold.started") void disturb(stage);
  };
  const events = await stage.run(block());
  expect(await variables(stage)).toEqual({});
  return { stage, events, failures: eventsOf(events, "failed").map(({ failure }) => failure.message) };
}

const deploys = (stage: Stage, tag: string): Promise<unknown> =>
  stage.cloud("lambda:UpdateFunctionCode", { FunctionName: "orders", ImageUri: named(tag) });

async function tags(stage: Stage): Promise<readonly string[]> {
  const { imageIds } = recordOf(await images(stage));
  const all = Array.isArray(imageIds) ? imageIds.map((id) => recordOf(id)["imageTag"]) : [];
  return all.filter((tag) => typeof tag === "string").toSorted();
}

it("a tag that somebody moved during the hold is left to them, and the very digest goes back", async () => {
  const { stage, events } = await disturbed((world) => pushes(world, LIVE));

  expect(await restored(stage)).toEqual({ byTag: false, same: true });
  const [drift] = eventsOf(events, "drift");
  expect(drift?.told).toMatch(
    /^its tag live names another image now \(sha256:\w{12}\); it has the very image that it had, by its digest \(sha256:\w{12}\)$/,
  );
  expect(summaryText(fold(events))).toMatch(/Drift: function orders: function-image: its tag live .*Exit 0/s);
  expect(summaryText(fold(events))).not.toContain("somebody else changed");
  expect(code(events)).toBe(0);
});

it("a deployment during the hold stays, and what was pushed goes", async () => {
  const { stage, events } = await disturbed((world) => deploys(world, THEIR_TAG));

  expect((await codeOf(stage))["ImageUri"]).toBe(named(THEIR_TAG));
  expect(eventsOf(events, "drift").map(({ told }) => told)).toEqual([undefined]);
  expect(await tags(stage)).toEqual([LIVE, THEIR_TAG]);
});

it("our image is taken out by whatever name somebody has given it to the function", async () => {
  const { stage } = await disturbed((world) => deploys(world, OUR_TAG));

  expect(await restored(stage)).toEqual({ byTag: true, same: true });
  expect(await tags(stage)).toEqual([LIVE, THEIR_TAG]);
});

it("a tag of ours that somebody moved to an image of theirs is left to them", async () => {
  const { stage, events } = await disturbed((world) => pushes(world, OUR_TAG));

  expect(await restored(stage)).toEqual({ byTag: true, same: true });
  expect(eventsOf(events, "drift")).toHaveLength(1);
  expect(await tags(stage)).toContain(OUR_TAG);
});

it("an image of which somebody published a version stays, and that is told", async () => {
  const { stage, events, failures } = await disturbed((world) =>
    world.cloud("lambda:PublishVersion", { FunctionName: "orders" }),
  );

  expect(await restored(stage)).toEqual({ byTag: true, same: true });
  expect(await tags(stage)).toEqual([LIVE, THEIR_TAG, OUR_TAG]);
  expect(failures).toContainEqual(
    expect.stringMatching(
      /^Version 1 of orders, .* has the image shop\/orders:unplug-r-1\.orders.*\naws lambda delete-function --function-name orders --qualifier 1 --region us-east-1\naws ecr batch-delete-image --repository-name shop\/orders --image-ids imageTag=unplug-r-1\.orders/s,
    ),
  );
  expect(code(events)).toBe(4);
});

const removes = (stage: Stage, ...tags: readonly string[]): Promise<unknown> =>
  stage.cloud("ecr:BatchDeleteImage", {
    repositoryName: IMAGE.repository,
    imageIds: tags.map((imageTag) => ({ imageTag })),
  });

it("an image that somebody deletes during the hold is in its repository again, with its tag, and in the function", async () => {
  const { stage, events } = await disturbed((world) => removes(world, LIVE));

  expect(await restored(stage)).toEqual({ byTag: true, same: true });
  expect(eventsOf(events, "drift")).toHaveLength(0);
  expect(await tags(stage)).toEqual([LIVE, THEIR_TAG]);
  expect(summaryText(fold(events)).replace(/\s+/g, " ")).toMatch(
    /To put back function orders: function-image took more: the image sha256:\w{12} had been deleted from shop\/orders and had to be put there again, with its tag live\./,
  );
  expect(code(events)).toBe(0);
});

it("an image that somebody deletes, and whose tag they give to another, goes back without it", async () => {
  const { stage, events } = await disturbed(async (world) => {
    await removes(world, LIVE);
    await pushes(world, LIVE);
  });

  expect(await restored(stage)).toEqual({ byTag: false, same: true });
  expect(eventsOf(events, "drift")).toHaveLength(1);
  expect(code(events)).toBe(0);
});

it("an image that is gone along with ours cannot be put back: nothing blocks, and what is missing is told", async () => {
  const { stage, events, failures } = await disturbed((world) => removes(world, LIVE, OUR_TAG));

  expect(await tags(stage)).toEqual([THEIR_TAG]);
  expect(failures[0]).toMatch(
    /shop\/orders has neither the function's own image sha256:\w{64} any more, nor sha256:\w{64}, which/,
  );
  expect(code(events)).toBe(4);
});

it.each([
  ["asks for patience is asked again, and the function has its tag", 429, { byTag: true, same: true }],
  [
    "cannot be reached is not waited for, and the function has its digest",
    null,
    { byTag: false, same: true },
  ],
])("a registry that %s", async (_, status, expected) => {
  let times = 0;
  const { stage } = await disturbed(async ({ hooks }) => {
    hooks.before = ({ action }) => {
      if (action !== "registry:GetManifest") return;
      times += 1;
      if (status !== null && times > 3) return;
      const code = status === null ? "ENOTFOUND" : "TooManyRequestsException";
      throw new AwsError(action, { code, status, outcome: "refused", message: "not now" });
    };
  });

  expect(await restored(stage)).toEqual(expected);
});

const DENIED = { code: "AccessDeniedException", status: 403, outcome: "refused", message: "no" } as const;

/** What a restore without a journal says, by somebody who may not read the registry. */
async function restoredByWhoMayNotRead(stage: Stage): Promise<string> {
  stage.hooks.before = ({ action }) => {
    if (action.startsWith("registry:")) throw new AwsError(action, DENIED);
  };
  const access = environmentAccess(REGION);
  const { signal } = stage.controller;
  const asked = { run: "by-hand", functionName: "orders", access, ids: [], force: true, signal };
  const work = restoreByHand(asked, stage.parts).then(
    () => "",
    (error: unknown) => String(error),
  );
  await stage.clock.run(work);
  return await work;
}

it("who may not read the registry is not asked to, for an image that no run can have put there", async () => {
  const stage = await stageOfImage();

  expect(await restoredByWhoMayNotRead(stage)).toMatch(/Nothing of orders carries Unplug's marker/);
});

it("who may not read the registry disarms all the same, and is told what could not be told", async () => {
  const stage = await stageOfImage();
  const { Code } = await stage.aws.call("lambda:GetFunction", { FunctionName: "orders" });
  const [repository] = (Code?.ResolvedImageUri ?? "").split("@");
  await stage.aws.call("lambda:UpdateFunctionCode", {
    FunctionName: "orders",
    ImageUri: `${repository}@${Code?.ResolvedImageUri?.split("@")[1]}`,
  });
  const Variables = { LD_PRELOAD: "/.unplug/interceptor.so", UNPLUG_INTERCEPTOR: "run=r-1;until=1" };
  stage.clock.jump(60_000);
  await stage.cloud("lambda:UpdateFunctionConfiguration", {
    FunctionName: "orders",
    Environment: { Variables },
  });
  stage.clock.jump(60_000);

  expect(await restoredByWhoMayNotRead(stage)).toMatch(/function-image .*AccessDenied/);
  expect(await variables(stage)).toEqual({});
});
