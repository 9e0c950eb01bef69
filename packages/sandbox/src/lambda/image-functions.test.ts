import { expect, it } from "vitest";
import { type BuiltImage, builtImage, putImage } from "../../../../test/support/image-builder.ts";
import { smallestZip, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const repository = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/cart";
const named = { FunctionName: "cart" };
const create = {
  ...named,
  PackageType: "Image",
  Role: "arn:aws:iam::000000000000:role/r",
  Code: { ImageUri: `${repository}:v1` },
};
const config = { Env: ["MOOD=calm"], Entrypoint: ["/run"], Cmd: ["index.handler"], WorkingDir: "/srv" };
const image = builtImage({ layers: [[{ path: "run", body: "#!/bin/sh\n" }]], config });
const next = builtImage({ layers: [[{ path: "run", body: "#!/bin/bash\n" }]], format: "docker" });
const hex = (built: BuiltImage): string => built.digest.replace("sha256:", "");

function push(virtual: VirtualCloud, tag: string, built: BuiltImage): Promise<void> {
  return putImage(virtual.cloud, { repository: "shop/cart", tag, region: "us-east-1" }, built);
}

async function withImage(more: object = {}): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await push(virtual, "v1", image);
  await virtual.call("lambda:CreateFunction", { ...create, ...more });
  virtual.pass(1500);
  return virtual;
}

it("describes a function of an image by its digest, without what only zips have", async () => {
  const virtual = await withImage();
  const { Configuration, Code } = await virtual.call("lambda:GetFunction", named);
  expect(Code).toEqual({
    RepositoryType: "ECR",
    ImageUri: `${repository}:v1`,
    ResolvedImageUri: `${repository}@${image.digest}`,
  });
  const { CodeSha256 } = Object(Configuration);
  expect(CodeSha256).toBe(hex(image));
  expect(Configuration).toMatchObject({ PackageType: "Image", CodeSize: 0, State: "Active" });
  for (const member of ["Runtime", "Handler", "RuntimeVersionConfig", "ImageConfigResponse"]) {
    expect(Configuration).not.toHaveProperty(member);
  }
});

it("keeps the image that it had when its tag goes to another one, and takes that by an update", async () => {
  const virtual = await withImage();
  await push(virtual, "v1", next);
  const { Code } = await virtual.call("lambda:GetFunction", named);
  expect(Code).toMatchObject({ ResolvedImageUri: `${repository}@${image.digest}` });
  const ImageUri = `${repository}:v1`;
  const dry = await virtual.call("lambda:UpdateFunctionCode", { ...named, ImageUri, DryRun: true });
  expect(dry).toMatchObject({ CodeSha256: hex(next), LastUpdateStatus: "Successful" });
  const updated = await virtual.call("lambda:UpdateFunctionCode", { ...named, ImageUri, Publish: true });
  expect(updated).toMatchObject({ CodeSha256: hex(next), Version: "1", State: "Pending" });
  const running = (qualifier: string) => virtual.cloud.functions.resolve("us-east-1", "cart", qualifier);
  expect(running("$LATEST").codeSha256).toBe(hex(image));
  // It takes longer than an update of anything else.
  virtual.pass(1499);
  expect(running("$LATEST").codeSha256).toBe(hex(image));
  virtual.pass(1);
  expect(running("$LATEST").codeSha256).toBe(hex(next));
  await virtual.call("lambda:UpdateFunctionCode", { ...named, ImageUri: `${repository}@${image.digest}` });
  virtual.pass(1500);
  expect([running("$LATEST").codeSha256, running("1").codeSha256]).toEqual([hex(image), hex(next)]);
});

it("runs what the image says, but for what the function says, each by itself", async () => {
  const virtual = await withImage({ ImageConfig: { Command: ["other"] } });
  expect(virtual.cloud.functions.resolve("us-east-1", "cart").container).toMatchObject({
    entryPoint: ["/run"],
    command: ["other"],
    workingDirectory: "/srv",
    environment: ["MOOD=calm"],
  });
});

it("shows the settings of the image as they were given last, and none after an empty update", async () => {
  const ImageConfig = { EntryPoint: ["sh"], Command: ["-c", "date"], WorkingDirectory: "/srv" };
  const virtual = await withImage({ ImageConfig });
  expect(await virtual.call("lambda:GetFunctionConfiguration", named)).toMatchObject({
    ImageConfigResponse: { ImageConfig },
  });
  const change = { ...named, ImageConfig: { Command: ["ls"] } };
  expect(await virtual.call("lambda:UpdateFunctionConfiguration", change)).toMatchObject({
    ImageConfigResponse: { ImageConfig: { Command: ["ls"] } },
  });
  virtual.pass(1000);
  const empty = await virtual.call("lambda:UpdateFunctionConfiguration", { ...named, ImageConfig: {} });
  expect(empty).not.toHaveProperty("ImageConfigResponse");
});

it("refuses what does not belong to an image", async () => {
  const virtual = await withImage();
  const create2 = { ...create, FunctionName: "other" };
  await expect(virtual.call("lambda:CreateFunction", { ...create2, Runtime: "nodejs22.x" })).rejects.toThrow(
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
  );
  await expect(
    virtual.call("lambda:UpdateFunctionCode", { ...named, ZipFile: smallestZip() }),
  ).rejects.toThrow("Please provide ImageUri when updating a function with packageType Image.");
});

const types = { manifest: "application/vnd.oci.image.index.v1+json" };

it.each([
  ["no URI", "shop:latest", "Source image shop:latest is not valid. Provide a valid source image."],
  [
    "another region's",
    `${repository.replace("us-east-1", "eu-west-1")}:v1`,
    /^Source image .* is not valid\. Provide a valid source image\.$/,
  ],
  [
    "another account's",
    `${repository.replace("000000000000", "111111111111")}:v1`,
    "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
  ],
  [
    "an unknown tag",
    `${repository}:v2`,
    `Source image ${repository}:v2 does not exist. Provide a valid source image.`,
  ],
  [
    "an unknown repository",
    `${repository}s:v1`,
    `Source image ${repository}s:v1 does not exist. Provide a valid source image.`,
  ],
  [
    "an index",
    `${repository}:index`,
    `The image manifest, config or layer media type for the source image ${repository}:index is not supported.`,
  ],
  [
    "layers that are not gzip",
    `${repository}:zstd`,
    / media type for the source image .*:zstd is not supported\.$/,
  ],
])("refuses %s as an image", async (_what, ImageUri, words) => {
  const virtual = await withImage();
  const descriptor = { mediaType: image.mediaType, digest: image.digest, size: image.manifest.length };
  const index = { schemaVersion: 2, mediaType: types.manifest, manifests: [descriptor] };
  const put = (imageTag: string, imageManifest: string, imageManifestMediaType: string) =>
    virtual.call("ecr:PutImage", {
      repositoryName: "shop/cart",
      imageTag,
      imageManifest,
      imageManifestMediaType,
    });
  await put("index", JSON.stringify(index), types.manifest);
  await put("zstd", image.manifest.toString().replace("tar+gzip", "tar+zstd"), image.mediaType);
  await expect(virtual.call("lambda:UpdateFunctionCode", { ...named, ImageUri })).rejects.toThrow(words);
});
