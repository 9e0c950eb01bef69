import { startSandbox } from "@unplug/sandbox";
import { afterAll, describe, expect, it } from "vitest";
import { isDenied, isMissing } from "../../contract/aws.ts";
import { sdkAws } from "../sdk-aws.ts";

const sandbox = await startSandbox({ timing: "none" });
afterAll(() => sandbox.close());

const awsIn = (region: string) =>
  sdkAws({
    region,
    endpoint: sandbox.url,
    newProvider: () => () => Promise.resolve({ accessKeyId: "a", secretAccessKey: "b" }),
    now: () => Date.now(),
    maxAttempts: 1,
    customUserAgent: [],
  });
const aws = awsIn("us-east-1");
const Bucket = "code.of-others";
const Key = "unplug/123456789012/orders/00 ff.zip";
const list = { Bucket, Prefix: Key, MaxKeys: 1 };

await sandbox.cloud.call("s3:CreateBucket", { Bucket }, { region: "us-east-1" });

describe("an object in S3", () => {
  it("is put, listed, looked at and deleted, whatever the bucket's name and the bytes", async () => {
    const Body = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);

    await aws.call("s3:PutObject", { Bucket, Key, Body });

    expect((await aws.call("s3:ListObjectsV2", list)).Contents).toMatchObject([{ Key }]);
    expect(await aws.call("s3:HeadObject", { Bucket, Key })).toMatchObject({ ContentLength: 100_000 });
    await aws.call("s3:DeleteObject", { Bucket, Key });
    expect((await aws.call("s3:ListObjectsV2", list)).Contents ?? []).toEqual([]);
  });

  it("is not to be had of a bucket that is not there, is elsewhere, or may not be listed", async () => {
    const noBucket = aws.call("s3:ListObjectsV2", { ...list, Bucket: "none-such" });
    await expect(noBucket).rejects.toSatisfy(isMissing);
    await expect(awsIn("eu-west-1").call("s3:ListObjectsV2", list)).rejects.toMatchObject({ status: 301 });
    sandbox.cloud.switches.set({ deny: ["s3:ListObjectsV2"] });
    await expect(aws.call("s3:ListObjectsV2", list)).rejects.toSatisfy(isDenied);
  });
});
