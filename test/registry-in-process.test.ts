import { expect, it } from "vitest";
import { builtImage, sha256Of } from "./support/image-builder.ts";
import { Stage } from "./support/stage.ts";
import { ACCOUNT, IMAGE } from "./support/world.ts";

const image = {
  layers: [[{ path: "srv" }, { path: "srv/run", body: "#!/bin/sh\n" }]],
  config: { Cmd: ["/srv/run"] },
};
const named = { registryId: ACCOUNT, repositoryName: IMAGE.repository };

it("answers what is asked of a registry out of the cloud of a world", async () => {
  const { aws, clock } = await Stage.of({}, { image });
  const { manifest, digest, blobs } = builtImage(image);
  const work = (async () => {
    const read = await aws.call("registry:GetManifest", { ...named, reference: "live" });
    expect([Buffer.from(read.manifest), read.digest]).toEqual([manifest, digest]);
    const [layer = ""] = JSON.parse(manifest.toString()).layers.map((one: { digest: string }) => one.digest);
    const { entries } = await aws.call("registry:FindFiles", {
      ...named,
      digest: layer,
      paths: ["/srv/run"],
    });
    expect(entries).toMatchObject([
      { path: "/srv", kind: "folder" },
      { path: "/srv/run", kind: "file", mode: 0o755, size: 10 },
    ]);
    const body = Buffer.from("something new");
    const blob = { ...named, digest: sha256Of(body) };
    const asked = { ...blob, size: body.length };
    await expect(aws.call("registry:GetBlob", asked)).rejects.toThrow("The layer with digest");
    await aws.call("registry:PutBlob", { ...blob, body });
    expect(await aws.call("registry:GetBlob", asked)).toEqual({ body });
    const put = { ...named, reference: "again", manifest, mediaType: read.mediaType };
    for (let times = 0; times < 2; times++)
      expect(await aws.call("registry:PutManifest", put)).toEqual({ digest });
    const { imageDetails } = await aws.call("ecr:DescribeImages", named);
    expect(imageDetails?.[0]?.imageTags).toEqual(["live", "again"]);
    expect(blobs.size).toBe(2);
  })();
  await clock.run(work);
  await work;
});

it("says in ECR's words what is not there", async () => {
  const { aws } = await Stage.of({}, { image });
  const none = { ...named, repositoryName: "shop/none" };
  await expect(aws.call("registry:GetManifest", { ...named, reference: "none" })).rejects.toMatchObject({
    code: "ImageNotFoundException",
    outcome: "refused",
  });
  await expect(aws.call("registry:GetManifest", { ...none, reference: "live" })).rejects.toMatchObject({
    code: "RepositoryNotFoundException",
  });
});
