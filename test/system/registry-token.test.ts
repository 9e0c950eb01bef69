import { expect, test } from "vitest";
import { builtImage, putImage } from "../support/image-builder.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";
import { scenarios } from "../support/scenario.ts";
import { block } from "../support/shop.ts";

test("a token of ECR that ends in the hold is asked for anew: an image goes back by its tag, a deleted one is put there again", async () => {
  await using lab = await Lab.open({ timing: "none" });
  const { cloud } = lab.sandbox;
  const image = builtImage(scenarios.blockInImage.image);
  const names = ["kept", "deleted"];
  for (const name of names) {
    await putImage(cloud, { repository: `shop/${name}`, tag: "live", region: REGION }, image);
    await lab.call("lambda:CreateFunction", {
      FunctionName: name,
      PackageType: "Image",
      Role: "arn:aws:iam::000000000000:role/shop",
      Code: { ImageUri: `000000000000.dkr.ecr.${REGION}.amazonaws.com/shop/${name}:live` },
    });
    await waitFor(async () => (await lab.configuration(name))["State"] === "Active");
  }
  const now = () =>
    Promise.all(
      names.map(async (name) => [
        await lab.call("ecr:ListImages", { repositoryName: `shop/${name}` }),
        Object(await lab.call("lambda:GetFunction", { FunctionName: name })).Code,
      ]),
    );
  const before = await now();

  const runs = names.map((name) =>
    block(
      lab,
      { FUNCTION_NAME: name, TARGET_HOSTNAMES: "db.internal", TOTAL_CHAOS_DURATION: 600 },
      { UNPLUG_HOME: `${lab.folder}/${name}` },
    ),
  );
  await Promise.all(runs.map((run) => run.event("hold.started")));
  cloud.registry.endTokens();
  await lab.call("ecr:BatchDeleteImage", {
    repositoryName: "shop/deleted",
    imageIds: [{ imageTag: "live" }],
  });
  cloud.record.clear();
  for (const run of runs) run.kill("SIGINT");

  for (const run of runs) {
    expect(await run.ended, run.said).toEqual({ code: 130, signal: null });
    expect(run.of("drift"), run.said).toEqual([]);
  }
  expect(await now()).toEqual(before);
  // One each: the one that has ended is not asked with again and again.
  expect(cloud.record.of("ecr:GetAuthorizationToken")).toHaveLength(names.length);
}, 120_000);
