import { describe, expect } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { builtImage, loginOf, pushImage } from "../support/image-builder.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";
import { needsAll } from "../support/needs.ts";
import { readyImages } from "../support/ready-images.ts";
import { block, everything, reach } from "../support/shop.ts";

/** What pushing one layer more, and taking it away again, asks of ECR. */
const permissions = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchDeleteImage",
  "ecr:BatchGetImage",
  "ecr:CompleteLayerUpload",
  "ecr:DescribeImages",
  "ecr:GetAuthorizationToken",
  "ecr:GetDownloadUrlForLayer",
  "ecr:GetLifecyclePolicy",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];

describe.runIf(ownAddress !== null)("an image in a repository of ECR whose tags may not change", () => {
  needsAll("namespaces", "gcc").test(
    "is given one layer more for a run, by the permissions that IAM knows, and is what it was afterwards, although somebody deleted it",
    async () => {
      await using lab = await Lab.open({ timing: "none" });
      await using database = await Dependency.open();
      const name = "boxed";
      const named = { repositoryName: "shop/boxed" };
      await lab.call("ecr:CreateRepository", { ...named, imageTagMutability: "IMMUTABLE" });
      const { cloud, url } = lab.sandbox;
      const place = {
        url,
        repository: named.repositoryName,
        login: await loginOf(cloud, { region: REGION }),
      };
      await pushImage(place, "live", builtImage(await readyImages.withoutShell.parts()));
      await lab.call("lambda:CreateFunction", {
        FunctionName: name,
        PackageType: "Image",
        Role: "arn:aws:iam::000000000000:role/shop",
        Timeout: 10,
        Code: { ImageUri: `000000000000.dkr.ecr.${REGION}.amazonaws.com/shop/boxed:live` },
      });
      await waitFor(async () => (await lab.configuration(name))["State"] === "Active");
      const now = async () => [
        await everything(lab, name),
        Object(await lab.call("lambda:GetFunction", { FunctionName: name })).Code,
        await lab.call("ecr:ListImages", named),
      ];
      const before = await now();
      cloud.record.clear();

      const run = block(lab, {
        FUNCTION_NAME: name,
        TARGET_HOSTNAMES: database.target,
        TOTAL_CHAOS_DURATION: 600,
      });
      await run.event("hold.started");
      expect(await reach(lab, [database], name)).toMatchObject({ reached: ["ECONNREFUSED"] });
      const asked = cloud.record.all().flatMap((call) => call.permissions.map(({ action }) => action));
      await lab.call("ecr:BatchDeleteImage", { ...named, imageIds: [{ imageTag: "live" }] });
      cloud.record.clear();
      run.kill("SIGINT");

      expect(await run.ended, run.said).toEqual({ code: 130, signal: null });
      expect(await now()).toEqual(before);
      expect(await reach(lab, [database], name)).toMatchObject({ reached: ["hello"] });
      asked.push(...cloud.record.all().flatMap((call) => call.permissions.map(({ action }) => action)));
      expect([...new Set(asked.filter((action) => action.startsWith("ecr:")))].toSorted()).toEqual(
        permissions,
      );
    },
    120_000,
  );
});
