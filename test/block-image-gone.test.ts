import { expect, it } from "vitest";
import { environmentAccess } from "../packages/unplug/src/contract/access.ts";
import { AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { EventType } from "../packages/unplug/src/contract/events.ts";
import { restoreByHand } from "../packages/unplug/src/engine/restore-by-hand.ts";
import { runExperiment } from "../packages/unplug/src/engine/run.ts";
import { memoryJournal } from "../packages/unplug/src/journal/memory-journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { builtImage, putImage } from "./support/image-builder.ts";
import { PretendedProcesses } from "./support/processes.ts";
import { experiment, type StepScenario, scenarios } from "./support/scenario.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { IMAGE, REGION, recordOf } from "./support/world.ts";

const { image } = scenarios.blockInImage;
const [LIVE, OUR_TAG, KEPT] = ["live", "unplug-r-1.orders", "kept"];
const repository = { repositoryName: IMAGE.repository };

const DENIED = { code: "AccessDeniedException", status: 403, outcome: "refused", message: "no" } as const;

const block: StepScenario = {
  fault: "lambda-block-tcp-connection",
  tunables: { REGION, TARGET_HOSTNAMES: "db.internal", TOTAL_CHAOS_DURATION: 30, FUNCTION_NAME: "orders" },
};

const stageOfImage = (): Promise<Stage> => Stage.of({}, { image });

const removes = (stage: Stage, ...tags: readonly string[]): Promise<unknown> =>
  stage.cloud("ecr:BatchDeleteImage", { ...repository, imageIds: tags.map((imageTag) => ({ imageTag })) });

async function tags(stage: Stage): Promise<unknown> {
  const { imageIds } = recordOf(await stage.cloud("ecr:ListImages", repository));
  return Array.isArray(imageIds) ? imageIds.map((id) => recordOf(id)["imageTag"] ?? null) : [];
}

async function imageOf(stage: Stage, FunctionName = "orders"): Promise<readonly unknown[]> {
  const { Code } = recordOf(await stage.cloud("lambda:GetFunction", { FunctionName }));
  const { ImageUri, ResolvedImageUri } = recordOf(Code);
  return [ImageUri, ResolvedImageUri];
}

function inHold(stage: Stage, disturb: () => Promise<unknown>): void {
  stage.hooks.onEvent = ({ type }) => {
    if (type === "hold.started") void disturb();
  };
}

it("a tag that meant nothing when the run began is given to nothing, also where the image goes back", async () => {
  const stage = await stageOfImage();
  const [, before] = await imageOf(stage);
  const place = { repository: IMAGE.repository, tag: KEPT, region: REGION };
  await putImage(stage.world.cloud, place, builtImage(image));
  await removes(stage, LIVE);
  inHold(stage, () => removes(stage, KEPT));

  const events = await stage.run(block);

  expect(eventsOf(events, "drift").map(({ told }) => told)).toEqual([
    expect.stringMatching(/^its tag live names nothing any more; it has the very image that it had/),
  ]);
  expect(await imageOf(stage)).toEqual([before, before]);
  expect(await tags(stage)).toEqual([null]);
});

it("an image that is deleted between a look at the registry and the update is put there again all the same", async () => {
  const stage = await stageOfImage();
  const before = await imageOf(stage);
  let asked = 0;
  stage.hooks.before = async ({ action, input }) => {
    if (action !== "lambda:UpdateFunctionCode" || input["ImageUri"] !== IMAGE.uri) return;
    asked += 1;
    if (asked === 1) await removes(stage, LIVE);
  };

  const events = await stage.run(block);

  expect(asked).toBe(2);
  expect(eventsOf(events, "undo.failed")).toEqual([]);
  expect(await imageOf(stage)).toEqual(before);
  expect(await tags(stage)).toEqual([LIVE]);
});

const PUT_AGAIN: unknown = expect.stringMatching(
  /^the image sha256:\w{12} had been deleted from shop\/orders and had to be put there again, with its tag live$/,
);

const MISSING = {
  code: "InvalidParameterValueException",
  status: 400,
  outcome: "refused",
  message: `Source image ${IMAGE.uri} does not exist. Provide a valid source image.`,
} as const;

it("an image that is put there again is told of, also where Lambda sees it a moment late", async () => {
  const stage = await stageOfImage();
  inHold(stage, () => removes(stage, LIVE));
  let asked = 0;
  stage.hooks.before = ({ action, input }) => {
    if (action !== "lambda:UpdateFunctionCode" || input["ImageUri"] !== IMAGE.uri) return;
    asked += 1;
    if (asked === 1) throw new AwsError(action, MISSING);
  };

  const events = await stage.run(block);

  expect(asked).toBe(2);
  expect(eventsOf(events, "undo.beside").map(({ told }) => told)).toEqual([PUT_AGAIN]);
});

it("an image that is put there again is told of, also where the process dies over it", async () => {
  const stage = await stageOfImage();
  const before = await imageOf(stage);
  inHold(stage, () => removes(stage, LIVE));
  let isPut = false;
  await dies(stage, (type) => {
    isPut ||= type === "undo.beside";
    return isPut && type === "undone";
  });
  stage.processes.kill();

  const events = await stage.restore();

  expect(fold(events).edits.flatMap(({ told }) => told ?? [])).toEqual([PUT_AGAIN]);
  expect(await imageOf(stage)).toEqual(before);
});

it("a tag that could not be asked until the digest was back is told as what it names now", async () => {
  const stage = await stageOfImage();
  let isClosed = false;
  inHold(stage, async () => {
    isClosed = true;
  });
  stage.hooks.before = ({ action }) => {
    if (action === "lambda:UpdateFunctionCode") isClosed = false;
    if (isClosed && action === "registry:GetManifest") throw new AwsError(action, DENIED);
  };

  const events = await stage.run(block);

  expect(eventsOf(events, "drift").map(({ told }) => told)).toEqual([
    expect.stringMatching(
      /^its tag live names that image now; it has the very image that it had, by its digest/,
    ),
  ]);
});

it("an image that is gone from a registry that may not be asked fails with what to permit", async () => {
  const stage = await stageOfImage();
  let isClosed = false;
  inHold(stage, async () => {
    isClosed = true;
    await removes(stage, LIVE);
  });
  stage.hooks.before = ({ action }) => {
    if (isClosed && action === "registry:GetManifest") throw new AwsError(action, DENIED);
  };

  const events = await stage.run(block);

  expect(eventsOf(events, "undo.failed").at(0)?.failure.message).toMatch(
    /Source image .* does not exist\. .*The registry could not be asked for .*ecr:BatchGetImage.*restore again; or push/,
  );
});

it("a tag that is moved between a look at the registry and the update is told as that", async () => {
  const stage = await stageOfImage();
  const place = { repository: IMAGE.repository, tag: LIVE, region: REGION };
  const other = builtImage({ ...image, layers: [] });
  stage.hooks.before = async ({ action, input }) => {
    if (action !== "lambda:UpdateFunctionCode" || input["ImageUri"] !== IMAGE.uri) return;
    await putImage(stage.world.cloud, place, other);
  };

  const events = await stage.run(block);

  expect(eventsOf(events, "undone").flatMap(({ told }) => told ?? [])).toEqual([
    expect.stringMatching(
      /^the tag live was moved while the image was put back: the function has what it names now/,
    ),
  ]);
  expect(eventsOf(events, "drift").map(({ told }) => told)).toEqual([
    expect.stringMatching(
      /^its tag live was moved to another image \(sha256:\w{12}\), which it has now; it had/,
    ),
  ]);
});

it("two functions of an image that is deleted both have it again, and it is there once", async () => {
  const stage = await stageOfImage();
  const { Role } = recordOf(await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" }));
  const made = { FunctionName: "stock", Role, PackageType: "Image", Code: { ImageUri: IMAGE.uri } };
  await stage.cloud("lambda:CreateFunction", made);
  stage.clock.jump(60_000);
  const now = () => Promise.all([imageOf(stage), imageOf(stage, "stock"), tags(stage)]);
  const before = await now();
  const other = { ...block, tunables: { ...block.tunables, FUNCTION_NAME: "stock" } };
  const steps = experiment(block, other);
  const both = steps.steps.map((step, i) => ({ ...step, name: `s${i}`, parallel: 0 }));
  let held = 0;
  stage.hooks.onEvent = ({ type }) => {
    held += type === "hold.started" ? 1 : 0;
    if (type === "hold.started" && held === 2) void removes(stage, LIVE);
  };

  const run = runExperiment(
    { ...steps, steps: both },
    { run: "r-1", signal: stage.controller.signal },
    stage.parts,
  );
  await stage.clock.run(run);

  expect(eventsOf(await run, "undo.beside")).not.toHaveLength(0);
  expect(await now()).toEqual(before);
});

it("callers of an alias are blocked by an image that is deleted meanwhile, and all is as it was", async () => {
  const stage = await Stage.of({}, { image, alias: "live" });
  const now = () => Promise.all([imageOf(stage), imageOf(stage, "orders:live"), tags(stage)]);
  const before = await now();
  inHold(stage, () => removes(stage, LIVE));

  const events = await stage.run({ ...block, tunables: { ...block.tunables, QUALIFIER: "live" } });

  expect(eventsOf(events, "inject.confirmed")).toHaveLength(1);
  expect(eventsOf(events, "failed")).toEqual([]);
  expect(await now()).toEqual(before);
});

/** What a machine without the journal says once the run's own is dead. */
async function restoredElsewhere(stage: Stage, force = true): Promise<string> {
  const journal = memoryJournal(new PretendedProcesses(), stage.clock);
  const access = environmentAccess(REGION);
  const { signal } = new AbortController();
  const asked = { run: "by-hand", functionName: "orders", access, ids: [], force, signal };
  const work = restoreByHand(asked, { ...stage.parts, journal }).then(
    () => "",
    (error: unknown) => String(error),
  );
  await stage.clock.run(work);
  return await work;
}

/** A run whose process writes nothing any more once it has to write down such an event. */
async function dies(stage: Stage, over: (type: EventType) => boolean): Promise<void> {
  const dead = Promise.withResolvers<void>();
  stage.hooks.journal = (inner) => ({
    take: (run, claims) => inner.take(run, claims),
    read: (run, after) => inner.read(run, after),
    runs: () => inner.runs(),
    append: (run, at, events) => {
      if (!events.some(({ type }) => over(type))) return inner.append(run, at, events);
      dead.resolve();
      return new Promise(() => undefined);
    },
  });
  void stage.run(block).catch(() => undefined);
  await dead.promise;
  stage.hooks.journal = (inner) => inner;
}

async function leftWithout(...gone: readonly string[]): Promise<Stage> {
  const stage = await stageOfImage();
  await dies(stage, (type) => type === "hold.ended");
  await removes(stage, ...gone);
  return stage;
}

it("another machine puts back an image that is gone, by what ours tells", async () => {
  const stage = await leftWithout(LIVE);

  expect(await restoredElsewhere(stage)).toBe("");
  expect((await imageOf(stage))[0]).toBe(IMAGE.uri);
  expect(await tags(stage)).toEqual([LIVE]);
});

it("another machine that finds neither image disarms, and says that it cannot tell whose the function's is", async () => {
  const stage = await leftWithout(LIVE, OUR_TAG);

  const said = await restoredElsewhere(stage);

  expect(said).toMatch(
    /function-image of function orders: .*shop\/orders@sha256:\w{64}, is not in the registry any more, so whether/,
  );
  const found = await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" });
  expect(recordOf(recordOf(found)["Environment"])["Variables"]).toEqual({});
});

it("what is found by its marker is named as people name it", async () => {
  const stage = await leftWithout();
  const Environment = { Variables: {} };
  await stage.cloud("lambda:UpdateFunctionConfiguration", { FunctionName: "orders", Environment });

  const said = await restoredElsewhere(stage, false);

  const repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/orders";
  expect(said).toContain(`function-image ${repository} of function orders`);
  expect(said).toContain(`image ${repository}:unplug-r-1.orders of function orders`);
  expect(said).not.toContain("sha256");
});
