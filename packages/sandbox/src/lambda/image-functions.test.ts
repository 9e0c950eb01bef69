import { expect, it } from "vitest";
import { smallestZip, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const repository = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/cart";
const named = { FunctionName: "cart" };
const create = {
  ...named,
  PackageType: "Image",
  Role: "arn:aws:iam::000000000000:role/r",
  Code: { ImageUri: `${repository}:v1` },
};

async function withImage(more: object = {}): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await virtual.call("lambda:CreateFunction", { ...create, ...more });
  virtual.pass(1000);
  return virtual;
}

it("describes a function of an image by its digest, without what only zips have", async () => {
  const virtual = await withImage();
  const { Configuration, Code } = await virtual.call("lambda:GetFunction", named);
  const { CodeSha256 } = Object(Configuration);
  expect(CodeSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(Code).toEqual({
    RepositoryType: "ECR",
    ImageUri: `${repository}:v1`,
    ResolvedImageUri: `${repository}@sha256:${CodeSha256}`,
  });
  expect(Configuration).toMatchObject({ PackageType: "Image", CodeSize: 0, State: "Active" });
  for (const member of ["Runtime", "Handler", "RuntimeVersionConfig", "ImageConfigResponse"]) {
    expect(Configuration).not.toHaveProperty(member);
  }
});

it("takes the digest of an image that is named by it", async () => {
  const digest = "ab".repeat(32);
  const virtual = await withImage({ Code: { ImageUri: `${repository}@sha256:${digest}` } });
  expect(await virtual.call("lambda:GetFunctionConfiguration", named)).toMatchObject({ CodeSha256: digest });
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
    virtual.call("lambda:CreateFunction", { ...create2, Code: { ImageUri: "shop:latest" } }),
  ).rejects.toThrow("Source image shop:latest is not valid. Provide a valid source image.");
  await expect(
    virtual.call("lambda:UpdateFunctionCode", { ...named, ZipFile: smallestZip() }),
  ).rejects.toThrow("Please provide ImageUri when updating a function with packageType Image.");
});
