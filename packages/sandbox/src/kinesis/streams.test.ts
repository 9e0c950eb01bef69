import { expect, it } from "vitest";
import { startOfTest, virtualCloud } from "../cloud-for-test.ts";

const named = { StreamName: "clicks" };

it("describes a stream that becomes active, and shares the keys among its shards", async () => {
  const virtual = virtualCloud();
  await virtual.call("kinesis:CreateStream", { ...named, ShardCount: 2 });
  expect(await virtual.call("kinesis:DescribeStreamSummary", named)).toMatchObject({
    StreamDescriptionSummary: { StreamStatus: "CREATING", OpenShardCount: 2, RetentionPeriodHours: 24 },
  });
  virtual.pass(1000);
  const StreamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/clicks";
  expect(await virtual.call("kinesis:DescribeStream", { StreamARN })).toMatchObject({
    StreamDescription: {
      StreamStatus: "ACTIVE",
      StreamARN,
      StreamCreationTimestamp: startOfTest / 1000,
      Shards: [
        { ShardId: "shardId-000000000000", HashKeyRange: { StartingHashKey: "0" } },
        { HashKeyRange: { EndingHashKey: String(2n ** 128n - 1n) } },
      ],
    },
  });
  expect(await virtual.call("kinesis:ListStreams")).toMatchObject({ StreamNames: ["clicks"] });
});

it("changes how long records are kept, in the direction that was asked for", async () => {
  const virtual = virtualCloud();
  await virtual.call("kinesis:CreateStream", { ...named, ShardCount: 1 });
  await virtual.call("kinesis:IncreaseStreamRetentionPeriod", { ...named, RetentionPeriodHours: 48 });
  const less = { ...named, RetentionPeriodHours: 24 };
  await expect(virtual.call("kinesis:IncreaseStreamRetentionPeriod", less)).rejects.toMatchObject({
    code: "InvalidArgumentException",
  });
  await virtual.call("kinesis:DecreaseStreamRetentionPeriod", less);
  expect(await virtual.call("kinesis:DescribeStreamSummary", named)).toMatchObject({
    StreamDescriptionSummary: { RetentionPeriodHours: 24 },
  });
});

it("refuses a name that is taken, and what is not there", async () => {
  const virtual = virtualCloud();
  await virtual.call("kinesis:CreateStream", { ...named, ShardCount: 1 });
  await expect(virtual.call("kinesis:CreateStream", { ...named, ShardCount: 1 })).rejects.toMatchObject({
    code: "ResourceInUseException",
  });
  await virtual.call("kinesis:DeleteStream", named);
  await expect(virtual.call("kinesis:DescribeStream", named)).rejects.toMatchObject({
    code: "ResourceNotFoundException",
    message: "Stream clicks under account 000000000000 not found.",
  });
});
