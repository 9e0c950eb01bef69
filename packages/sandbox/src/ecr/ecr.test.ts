import { expect, it } from "vitest";
import { builtImage, imageTypes, putImage, sha256Of } from "../../../../test/support/image-builder.ts";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const repositoryName = "shop/cart";
const here = { repositoryName };
const region = "us-east-1";
const image = builtImage({ layers: [[{ path: "run", body: "#!/bin/sh\n" }]] });
const other = builtImage({ layers: [[{ path: "run", body: "#!/bin/bash\n" }]], format: "docker" });

async function withImage(tag = "v1", input: object = {}): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await virtual.call("ecr:CreateRepository", { ...here, ...input });
  await putImage(virtual.cloud, { repository: repositoryName, tag, region }, image);
  return virtual;
}

const put = (tag: string, { manifest, mediaType } = image) => ({
  ...here,
  imageManifest: manifest.toString(),
  imageManifestMediaType: mediaType,
  imageTag: tag,
});

it("makes repositories, describes them, and deletes one with images by force alone", async () => {
  const virtual = await withImage("v1", { imageTagMutability: "IMMUTABLE" });
  const { repositories } = await virtual.call("ecr:DescribeRepositories", {
    repositoryNames: [repositoryName],
  });
  expect(repositories).toMatchObject([
    {
      repositoryArn: "arn:aws:ecr:us-east-1:000000000000:repository/shop/cart",
      registryId: "000000000000",
      repositoryUri: "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/cart",
      imageTagMutability: "IMMUTABLE",
    },
  ]);
  await expect(virtual.call("ecr:CreateRepository", here)).rejects.toMatchObject({
    code: "RepositoryAlreadyExistsException",
  });
  await expect(virtual.call("ecr:DeleteRepository", here)).rejects.toMatchObject({
    code: "RepositoryNotEmptyException",
  });
  await virtual.call("ecr:DeleteRepository", { ...here, force: true });
  await expect(virtual.call("ecr:ListImages", here)).rejects.toThrow(
    "The repository with name 'shop/cart' does not exist in the registry with id '000000000000'",
  );
});

it("describes images by tag and digest, and says which is not there", async () => {
  const virtual = await withImage();
  const { imageDetails } = await virtual.call("ecr:DescribeImages", {
    ...here,
    imageIds: [{ imageTag: "v1" }],
  });
  const size = [...image.blobs.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  expect(imageDetails).toMatchObject([
    {
      imageDigest: image.digest,
      imageTags: ["v1"],
      imageSizeInBytes: size,
      imageManifestMediaType: imageTypes.oci.manifest,
    },
  ]);
  const missing = { ...here, imageIds: [{ imageTag: "v2" }] };
  await expect(virtual.call("ecr:DescribeImages", missing)).rejects.toThrow(
    "The image with imageId {imageDigest:'null', imageTag:'v2'} does not exist within the repository with name 'shop/cart' in the registry with id '000000000000'",
  );
  expect(await virtual.call("ecr:BatchGetImage", { ...here, imageIds: [{ imageTag: "v2" }] })).toEqual({
    images: [],
    failures: [
      {
        imageId: { imageTag: "v2" },
        failureCode: "ImageNotFound",
        failureReason: "Requested image not found",
      },
    ],
  });
});

it("gives a tag to another image only where tags may change", async () => {
  for (const [imageTagMutability, outcome] of [
    ["MUTABLE", null],
    ["IMMUTABLE", "ImageTagAlreadyExistsException"],
  ] as const) {
    const virtual = await withImage("v1", { imageTagMutability });
    await putImage(virtual.cloud, { repository: repositoryName, tag: "v2", region }, other);
    const again = await virtual.call("ecr:PutImage", put("v1", other)).then(
      () => null,
      (error: unknown) => Object(error).code,
    );
    expect(again).toBe(outcome);
  }
});

it("removes an image with its last tag, or all of its tags with its digest", async () => {
  const virtual = await withImage();
  await virtual.call("ecr:PutImage", put("v2"));
  const remove = (imageId: object) => virtual.call("ecr:BatchDeleteImage", { ...here, imageIds: [imageId] });
  expect(await remove({ imageTag: "v1" })).toEqual({
    imageIds: [{ imageDigest: image.digest, imageTag: "v1" }],
    failures: [],
  });
  expect(await virtual.call("ecr:ListImages", here)).toEqual({
    imageIds: [{ imageDigest: image.digest, imageTag: "v2" }],
  });
  await remove({ imageTag: "v2" });
  expect(await virtual.call("ecr:ListImages", here)).toEqual({ imageIds: [] });
  expect(await remove({ imageTag: "v2" })).toMatchObject({ failures: [{ failureCode: "ImageNotFound" }] });
  // What no image has any more is gone with it.
  await expect(virtual.call("ecr:PutImage", put("a"))).rejects.toMatchObject({
    code: "LayersNotFoundException",
  });
  await putImage(virtual.cloud, { repository: repositoryName, tag: "a", region }, image);
  await virtual.call("ecr:PutImage", put("b"));
  expect(Object(await remove({ imageDigest: image.digest })).imageIds).toHaveLength(2);
});

it("refuses a manifest whose layers are not there, a digest that is another one, and parts out of order", async () => {
  const virtual = await withImage();
  await expect(virtual.call("ecr:PutImage", put("v2", other))).rejects.toMatchObject({
    code: "LayersNotFoundException",
  });
  const { uploadId } = await virtual.call("ecr:InitiateLayerUpload", here);
  const part = { ...here, uploadId, layerPartBlob: Buffer.from("abc") };
  await virtual.call("ecr:UploadLayerPart", { ...part, partFirstByte: 0, partLastByte: 2 });
  await expect(
    virtual.call("ecr:UploadLayerPart", { ...part, partFirstByte: 9, partLastByte: 11 }),
  ).rejects.toMatchObject({
    code: "InvalidLayerPartException",
    body: { lastValidByteReceived: 2 },
  });
  const complete = { ...here, uploadId, layerDigests: [sha256Of(Buffer.from("abd"))] };
  await expect(virtual.call("ecr:CompleteLayerUpload", complete)).rejects.toMatchObject({
    code: "InvalidLayerException",
  });
});

it("hands out layers by an address that ends after an hour", async () => {
  const virtual = await withImage();
  const [layerDigest = "", bytes = Buffer.alloc(0)] = [...image.blobs].at(-1) ?? [];
  const { downloadUrl } = await virtual.call("ecr:GetDownloadUrlForLayer", { ...here, layerDigest });
  const { pathname, search } = new URL(String(downloadUrl));
  const layer = virtual.cloud.registry.layerAt(`${pathname}${search}`);
  expect(layer).toMatchObject({ digest: layerDigest, size: bytes.length });
  expect(virtual.cloud.registry.layerAt(`${pathname}${search}0`)).toBeUndefined();
  virtual.pass(3_600_001);
  expect(virtual.cloud.registry.layerAt(`${pathname}${search}`)).toBeUndefined();
});

it("asks IAM for each operation on the repository, and refuses another account's", async () => {
  const virtual = await withImage();
  const { AccessKey } = await (async () => {
    await virtual.call("iam:CreateUser", { UserName: "ann" });
    const statement = {
      Effect: "Allow",
      Action: "ecr:DescribeImages",
      Resource: "arn:aws:ecr:*:*:repository/shop/*",
    };
    await virtual.call("iam:PutUserPolicy", {
      UserName: "ann",
      PolicyName: "p",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    });
    return await virtual.call("iam:CreateAccessKey", { UserName: "ann" });
  })();
  const caller = { region, accessKey: String(Object(AccessKey).AccessKeyId) };
  await virtual.cloud.call("ecr:DescribeImages", here, caller);
  await expect(virtual.cloud.call("ecr:ListImages", here, caller)).rejects.toThrow(
    "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: ecr:ListImages on resource: arn:aws:ecr:us-east-1:000000000000:repository/shop/cart because no identity-based policy allows the ecr:ListImages action",
  );
  await expect(virtual.call("ecr:ListImages", { ...here, registryId: "111111111111" })).rejects.toThrow(
    "on resource: arn:aws:ecr:us-east-1:111111111111:repository/shop/cart because no resource-based policy allows",
  );
});

it("keeps a lifecycle policy, and says that there is none", async () => {
  const virtual = await withImage();
  const none = { code: "LifecyclePolicyNotFoundException" };
  const lifecyclePolicyText = '{"rules":[{"rulePriority":1}]}';
  const policy = { ...here, registryId: "000000000000", lifecyclePolicyText };
  await expect(virtual.call("ecr:GetLifecyclePolicy", here)).rejects.toMatchObject(none);
  expect(await virtual.call("ecr:PutLifecyclePolicy", { ...here, lifecyclePolicyText })).toEqual(policy);
  expect(await virtual.call("ecr:GetLifecyclePolicy", here)).toEqual(policy);
  expect(await virtual.call("ecr:DeleteLifecyclePolicy", here)).toEqual(policy);
  await expect(virtual.call("ecr:DeleteLifecyclePolicy", here)).rejects.toMatchObject(none);
  await expect(
    virtual.call("ecr:PutLifecyclePolicy", { ...here, lifecyclePolicyText: "{" }),
  ).rejects.toMatchObject({ code: "InvalidParameterException" });
});
