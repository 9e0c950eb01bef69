import { expect, it } from "vitest";
import type { Action } from "../packages/unplug/src/contract/aws.ts";
import { AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { summaryText } from "../packages/unplug/src/report/summary-text.ts";
import { type StepScenario, scenarios } from "./support/scenario.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { IMAGE, REGION, recordOf } from "./support/world.ts";

const block: StepScenario = {
  fault: "lambda-block-tcp-connection",
  tunables: { FUNCTION_NAME: "orders", REGION, TARGET_HOSTNAMES: "db.internal", TOTAL_CHAOS_DURATION: 30 },
};

const LIVE = IMAGE.tag;
const OUR_TAG = "unplug-r-1.orders";

/** The image of a function, by its digest, as pipelines promote what a function has. */
async function imageOf(stage: Stage, FunctionName = "orders"): Promise<string> {
  const { Code } = recordOf(await stage.cloud("lambda:GetFunction", { FunctionName }));
  return String(recordOf(Code)["ResolvedImageUri"]);
}

async function creates(stage: Stage, FunctionName: string, ImageUri: string): Promise<void> {
  const { Role } = recordOf(await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" }));
  await stage.cloud("lambda:CreateFunction", {
    FunctionName,
    Role,
    PackageType: "Image",
    Code: { ImageUri },
  });
}

const gives = (stage: Stage, FunctionName: string, ImageUri: string): Promise<unknown> =>
  stage.cloud("lambda:UpdateFunctionCode", { FunctionName, ImageUri });

async function tags(stage: Stage): Promise<readonly string[]> {
  const answer = await stage.cloud("ecr:ListImages", { repositoryName: IMAGE.repository });
  const { imageIds } = recordOf(answer);
  const all = Array.isArray(imageIds) ? imageIds.map((id) => recordOf(id)["imageTag"]) : [];
  return all.filter((tag) => typeof tag === "string").toSorted();
}

const code = (events: readonly Recorded[]): number => exitCode(fold(events));

const failuresIn = (events: readonly Recorded[]): readonly string[] =>
  eventsOf(events, "failed").map(({ failure }) => failure.message);

const listings = ({ calls }: Stage): number =>
  calls.filter(({ action }) => action === "lambda:ListFunctions").length;

/** One run, in whose hold somebody does something. */
async function disturbed(disturb: (stage: Stage) => Promise<unknown>) {
  const stage = await Stage.of({}, { image: scenarios.blockInImage.image });
  const digest = await imageOf(stage);
  stage.hooks.onEvent = ({ type }) => {
    if (type === "hold.started") void disturb(stage);
  };
  const events = await stage.run(block);
  expect(await imageOf(stage)).toBe(digest);
  return { stage, events, digest };
}

it("an image that other functions were given meanwhile stays until they have another, and it is told how", async () => {
  const { stage, events, digest } = await disturbed(async (world) => {
    const ours = await imageOf(world);
    // More than one page of functions.
    for (let i = 0; i < 50; i += 1) await creates(world, `a-${i}`, `${IMAGE.uri}`);
    await creates(world, "carts", ours);
    await creates(world, "stock", ours);
  });

  expect(await tags(stage)).toEqual([LIVE, OUR_TAG]);
  expect(failuresIn(events)).toEqual([
    expect.stringMatching(
      /^Functions carts, stock have the image shop\/orders:unplug-r-1\.orders, which was made for orders .*: it stays\.\n/,
    ),
  ]);
  for (const name of ["carts", "stock"]) {
    expect(failuresIn(events)[0]).toContain(
      `\naws lambda update-function-code --function-name ${name} --image-uri ${digest} --region us-east-1\n`,
    );
  }
  expect(code(events)).toBe(4);
  expect(listings(stage)).toBe(2);

  stage.clock.jump(60_000);
  for (const name of ["carts", "stock"]) await gives(stage, name, digest);
  stage.clock.jump(60_000);

  expect(code(await stage.restore())).toBe(0);
  expect(await tags(stage)).toEqual([LIVE]);
});

it("an image that a function has by an old list alone is deleted", async () => {
  const { stage, events } = await disturbed(async (world) => {
    await creates(world, "stock", await imageOf(world));
    let listed = false;
    world.hooks.before = async ({ action }) => {
      // Between the list and the question, it gets another.
      if (listed) await gives(world, "stock", IMAGE.uri);
      listed = action === "lambda:ListFunctions";
    };
  });

  expect(await tags(stage)).toEqual([LIVE]);
  expect(code(events)).toBe(0);
});

it("who else has an image is looked for once where one is deleted, and not where none is", async () => {
  const one = await disturbed(() => Promise.resolve());
  expect([listings(one.stage), code(one.events)]).toEqual([1, 0]);

  const none = await disturbed((world) => {
    const imageIds = [{ imageTag: OUR_TAG }];
    return world.cloud("ecr:BatchDeleteImage", { repositoryName: IMAGE.repository, imageIds });
  });
  expect([listings(none.stage), code(none.events)]).toEqual([0, 0]);
});

it.each<Action>(["lambda:ListFunctions", "lambda:ListVersionsByFunction"])(
  "who may not %s leaves the image, which does nothing, and is told so",
  async (action) => {
    const { stage, events } = await disturbed(async ({ hooks }) => {
      hooks.before = (call) => {
        if (call.action !== action) return;
        const denied = { code: "AccessDeniedException", status: 403, outcome: "refused" } as const;
        throw new AwsError(action, { ...denied, message: `You may not ${action}.` });
      };
    });

    expect(await tags(stage)).toEqual([LIVE, OUR_TAG]);
    expect(summaryText(fold(events)).replace(/\s+/g, " ")).toMatch(
      /image stays, inert: shop\/orders:unplug-r-1\.orders is pushed \(aws ecr batch-delete-image .* takes it away\); .* You may not lambda:\w+; so who else has the image could not be looked, and it is not deleted/,
    );
    expect(code(events)).toBe(0);
  },
);
