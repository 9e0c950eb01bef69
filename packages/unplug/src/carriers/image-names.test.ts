import { describe, expect, it } from "vitest";
import {
  imageReference,
  imageTag,
  isTagFor,
  possiblyOurs,
  pushedImageId,
  readImageUri,
  readPushedImageId,
  repositoryArn,
  runOfTag,
} from "./image-names.ts";

const DIGEST = `sha256:${"0a".repeat(32)}`;
const REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/orders";
const ORDERS = "arn:aws:lambda:eu-west-1:123456789012:function:orders";

describe("the name of an image", () => {
  it.each([
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1", "aws"],
    ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov"],
    ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"],
    ["123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1", "aws"],
    ["123456789012.dkr-ecr-fips.us-east-1.on.aws", "us-east-1", "aws"],
  ])("is read for %s", (host, region, partition) => {
    const repositoryUri = `${host}/a/b-c/d_e.f`;
    const common = { repositoryUri, registryId: "123456789012", region, repositoryName: "a/b-c/d_e.f" };
    expect(readImageUri(`${repositoryUri}:v1.2_x`)).toEqual({ ...common, tag: "v1.2_x", digest: null });
    expect(readImageUri(`${repositoryUri}@${DIGEST}`)).toEqual({ ...common, tag: null, digest: DIGEST });
    expect(readImageUri(`${repositoryUri}:v1@${DIGEST}`)).toMatchObject({ tag: "v1", digest: DIGEST });
    const address = readImageUri(repositoryUri);
    expect(address === null ? "" : repositoryArn(address)).toBe(
      `arn:${partition}:ecr:${region}:123456789012:repository/a/b-c/d_e.f`,
    );
  });

  it.each(["", "orders:live", "docker.io/library/alpine:3", `${REPOSITORY}@sha256:12`, `${REPOSITORY}:`])(
    "is none in ECR for %j",
    (uri) => expect(readImageUri(uri)).toBeNull(),
  );

  it("is read for a partition whose domain has digits", () => {
    const uri = "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov/orders:live";
    expect(readImageUri(uri)).toMatchObject({ region: "us-iso-east-1", repositoryName: "orders" });
  });

  it("is joined with what it means", () => {
    expect(imageReference(`${REPOSITORY}:live`, DIGEST)).toBe(`${REPOSITORY}:live@${DIGEST}`);
    expect(imageReference(`${REPOSITORY}@${DIGEST}`, DIGEST)).toBe(`${REPOSITORY}@${DIGEST}`);
  });
});

describe("a tag of ours", () => {
  it("tells run and function", () => {
    const tag = imageTag("r-20261122-1145-ab.c", ORDERS);
    expect(tag).toBe("unplug-r-20261122-1145-ab.c.orders");
    expect([runOfTag(tag), isTagFor(ORDERS, tag)]).toEqual(["r-20261122-1145-ab.c", true]);
    expect(isTagFor(`${ORDERS}-2`, tag)).toBe(false);
    expect(["live", "unplug-live"].map(runOfTag)).toEqual([null, null]);
  });

  it("comes back out of the id of what was pushed, with all that it was made of", () => {
    const pushed = {
      functionArn: ORDERS,
      repositoryUri: REPOSITORY,
      tag: imageTag("r-1", ORDERS),
      from: DIGEST,
      uri: `${REPOSITORY}:a?b=c&d`,
      patch: "/app/ä:b?c",
    };
    expect(readPushedImageId(pushedImageId(pushed))).toMatchObject(pushed);
    expect(readPushedImageId(ORDERS)).toMatchObject({ functionArn: ORDERS, tag: "", from: "" });
  });
});

describe("a function's image is possibly ours", () => {
  const place = { account: "123456789012", region: "eu-west-1", endpoint: null };
  const is = (ImageUri: string, uri = REPOSITORY): boolean =>
    possiblyOurs({ Code: { ImageUri, ResolvedImageUri: `${uri}@${DIGEST}` } }, place) !== null;

  it("by digest, and by a tag of ours", () => {
    expect(is(`${REPOSITORY}@${DIGEST}`)).toBe(true);
    expect(is(`${REPOSITORY}:unplug-r-1.orders`)).toBe(true);
  });

  it("by no tag of theirs, and in no repository of another account or region", () => {
    expect(is(`${REPOSITORY}:live`)).toBe(false);
    for (const other of ["999999999999.dkr.ecr.eu-west-1", "123456789012.dkr.ecr.eu-west-2"]) {
      const uri = `${other}.amazonaws.com/shop/orders`;
      expect(is(`${uri}@${DIGEST}`, uri)).toBe(false);
    }
    expect(possiblyOurs({}, place)).toBeNull();
  });
});
