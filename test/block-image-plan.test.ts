import { expect, it } from "vitest";
import { interp, makeElf } from "../packages/interceptor/src/elf-for-test.ts";
import { makeGo } from "../packages/interceptor/src/go-elf-for-test.ts";
import type { Aws } from "../packages/unplug/src/contract/aws.ts";
import { builtImage, type ImageParts, putImage } from "./support/image-builder.ts";
import { partsOf } from "./support/scenario.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { IMAGE, REGION } from "./support/world.ts";

const ELF = makeElf({ segments: [interp("/lib64/ld-linux-x86-64.so.2")] });

function imageOf(
  Entrypoint: readonly string[],
  files: Readonly<Record<string, Buffer | string>>,
): ImageParts {
  const layer = Object.entries(files).map(([path, body]) => ({ path, body }));
  return { layers: [[{ path: "app" }, ...layer]], config: { Entrypoint } };
}

/** What is said before anything is changed: warnings, or why it is refused. */
async function told(
  image: ImageParts,
  meanwhile: (stage: Stage) => unknown = () => null,
  through: (aws: Aws) => Aws = (aws) => aws,
) {
  const stage = await Stage.of({}, { image });
  await meanwhile(stage);
  const tunables = { FUNCTION_NAME: "orders", REGION, TARGET_HOSTNAMES: "db.internal" };
  const step = {
    fault: "lambda-block-tcp-connection",
    tunables: { ...tunables, TOTAL_CHAOS_DURATION: 5 },
  };
  const parts = partsOf(through(stage.aws), stage.journal, stage.world);
  const events = await stage.run(step, { parts });
  return {
    warnings: eventsOf(events, "step.planned").flatMap(({ warnings }) => warnings),
    refusals: eventsOf(events, "run.failed").map(({ failure }) => failure.message),
  };
}

it("a name that means another image by now is told before anything is changed, since it cannot go back", async () => {
  const image = imageOf(["/app/main"], { "app/main": ELF });
  const named = { repository: IMAGE.repository, tag: "live", region: REGION };
  const other = builtImage(imageOf(["/app/other"], { "app/other": ELF }));

  const { warnings } = await told(image, ({ world }) => putImage(world.cloud, named, other));

  expect(warnings).toContainEqual(expect.stringMatching(/:live means another image by now/));
  expect((await told(image)).warnings.join()).not.toContain("by now");
});

it("what a script starts that does not say it is told in a sentence of its own", async () => {
  const files = { "app/run.sh": "#!/app/sh\nexec $(find_program)\n", "app/sh": ELF };

  const { warnings } = await told(imageOf(["/app/run.sh"], files));

  const text = warnings.find((line) => line.includes("does not plainly say"));
  expect(text).toMatch(/^\/app\/run\.sh starts \/app\/sh; .*\.$/);
});

it("a program too long to be read whole is told by its beginning and its end", async () => {
  const long = (program: Buffer) =>
    told(imageOf(["/app/main"], { "app/main": program }), undefined, (aws) => ({
      call: async (action, input, signal) => {
        const answer = await aws.call(action, input, signal);
        if (!("entries" in answer)) return answer;
        return { ...answer, entries: answer.entries.map((one) => ({ ...one, size: 300_000_000 })) };
      },
    }));

  expect((await long(ELF)).refusals).toEqual([]);
  expect((await long(makeGo())).refusals.join()).toMatch(
    /a Go program of 300 million bytes, and none of more than 268 million/,
  );
});

it("who may not read the image is told of a policy that is printed without reading it", async () => {
  const image = imageOf(["/app/main"], { "app/main": ELF });

  const { refusals } = await told(image, ({ world }) =>
    world.cloud.switches.set({ deny: ["ecr:BatchGetImage"] }),
  );

  expect(refusals.join()).toMatch(
    /may not be read: .*ecr:BatchGetImage.*[^.]\.\nunplug policy lambda-block-tcp-connection, without a function,/,
  );
});

it("a function whose ImageConfig cannot be read is refused, since what it starts is not known", async () => {
  const Error = { ErrorCode: "AccessDeniedException", Message: "kms" };
  const unread = (aws: Aws): Aws => ({
    call: async (action, input, signal) => {
      const answer = await aws.call(action, input, signal);
      if (action !== "lambda:GetFunction") return answer;
      const { Configuration } = Object(answer);
      return { ...answer, Configuration: { ...Configuration, ImageConfigResponse: { Error } } };
    },
  });

  const { refusals } = await told(imageOf(["/app/main"], { "app/main": ELF }), () => null, unread);

  expect(refusals.join()).toContain("its ImageConfig cannot be read (AccessDeniedException: kms)");
});

it.each([
  ["any", "imageCountMoreThan", true],
  ["tagged", "imageCountMoreThan", true],
  ["untagged", "imageCountMoreThan", false],
  ["any", "sinceImagePushed", false],
])("a lifecycle policy of %s images by %s is told: %s", async (tagStatus, countType, isTold) => {
  const image = imageOf(["/app/main"], { "app/main": ELF });
  const rules = [{ rulePriority: 1, selection: { tagStatus, countType, countNumber: 7 } }];
  const named = { repositoryName: IMAGE.repository };

  const { warnings } = await told(image, ({ world: { cloud } }) =>
    cloud.call(
      "ecr:PutLifecyclePolicy",
      { ...named, lifecyclePolicyText: JSON.stringify({ rules }) },
      { region: REGION },
    ),
  );

  expect(warnings.join().includes("lifecycle policy of shop/orders keeps no more than 7 images")).toBe(
    isTold,
  );
});

it("who may not read the lifecycle policy is told nothing of it, and the run goes on", async () => {
  const image = imageOf(["/app/main"], { "app/main": ELF });

  const { warnings, refusals } = await told(image, ({ world }) =>
    world.cloud.switches.set({ deny: ["ecr:GetLifecyclePolicy"] }),
  );

  expect([warnings.join().includes("ifecycle"), refusals]).toEqual([false, []]);
});

it("an image whose text could not be had again from ours is refused before anything is changed", async () => {
  const image = imageOf(["/app/main"], { "app/main": ELF });
  const { manifest, ...built } = builtImage(image);
  // The same number, written otherwise.
  const odd = Buffer.from(manifest.toString().replace(/("config":\{[^}]*"size":\d+)/, "$1.0"));
  const named = { repository: IMAGE.repository, tag: "odd", region: REGION };

  const { refusals } = await told(image, async ({ world: { cloud, clock } }) => {
    await putImage(cloud, named, { ...built, manifest: odd });
    const ImageUri = IMAGE.uri.replace(/:live$/, ":odd");
    await cloud.call("lambda:UpdateFunctionCode", { FunctionName: "orders", ImageUri }, { region: REGION });
    clock.jump(60_000);
  });

  expect(refusals.join()).toMatch(
    /config or manifest is written so that it could not be had again from ours; nothing was changed/,
  );
});
