import { expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const StreamName = "clicks";

async function withStream(ShardCount: number): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await virtual.call("kinesis:CreateStream", { StreamName, ShardCount });
  return virtual;
}

async function read(virtual: VirtualCloud, ShardId: string, from: object): Promise<Record<string, unknown>> {
  const { ShardIterator } = await virtual.call("kinesis:GetShardIterator", { StreamName, ShardId, ...from });
  return await virtual.call("kinesis:GetRecords", { ShardIterator });
}

it("keeps the records of a key in one shard and in order", async () => {
  const virtual = await withStream(4);
  const put = async (Data: string): Promise<Record<string, unknown>> =>
    await virtual.call("kinesis:PutRecord", { StreamName, PartitionKey: "user-7", Data: Buffer.from(Data) });
  const [first, second] = [await put("a"), await put("b")];
  expect(first["ShardId"]).toBe(second["ShardId"]);
  expect(String(second["SequenceNumber"]) > String(first["SequenceNumber"])).toBe(true);
  expect(String(first["SequenceNumber"])).toHaveLength(56);
  const { Records } = await read(virtual, String(first["ShardId"]), { ShardIteratorType: "TRIM_HORIZON" });
  expect(Records).toMatchObject([
    { Data: Buffer.from("a"), PartitionKey: "user-7", ApproximateArrivalTimestamp: startOfTest / 1000 },
    { Data: Buffer.from("b"), SequenceNumber: second["SequenceNumber"] },
  ]);
});

it("reads from where it is asked to", async () => {
  const virtual = await withStream(1);
  const Records = ["a", "b", "c"].map((Data) => ({ PartitionKey: "k", Data: Buffer.from(Data) }));
  const put = await virtual.call("kinesis:PutRecords", { StreamName, Records });
  expect(put).toMatchObject({ FailedRecordCount: 0 });
  const at = Object(put["Records"])[1].SequenceNumber;
  const data = async (ShardIteratorType: string, more: object = {}): Promise<string> => {
    const found = await read(virtual, "shardId-000000000000", { ShardIteratorType, ...more });
    return Object(found["Records"])
      .map((record: { Data: Buffer }) => String(record.Data))
      .join("");
  };
  expect(await data("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: at })).toBe("bc");
  expect(await data("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber: at })).toBe("c");
  expect(await data("LATEST")).toBe("");
  expect(await data("AT_TIMESTAMP", { Timestamp: startOfTest / 1000 + 1 })).toBe("");
});

it("forgets records after the retention of the stream", async () => {
  const virtual = await withStream(1);
  const put = { StreamName, PartitionKey: "k", Data: Buffer.from("a") };
  await virtual.call("kinesis:PutRecord", put);
  virtual.pass(25 * 3_600_000);
  await virtual.call("kinesis:PutRecord", { ...put, Data: Buffer.from("b") });
  const { Records } = await read(virtual, "shardId-000000000000", { ShardIteratorType: "TRIM_HORIZON" });
  expect(Records).toMatchObject([{ Data: Buffer.from("b") }]);
});

it("refuses shards and iterators that are not there", async () => {
  const virtual = await withStream(1);
  const ShardIteratorType = "LATEST";
  await expect(read(virtual, "shardId-000000000009", { ShardIteratorType })).rejects.toMatchObject({
    code: "ResourceNotFoundException",
  });
  await expect(virtual.call("kinesis:GetRecords", { ShardIterator: "none" })).rejects.toMatchObject({
    code: "InvalidArgumentException",
  });
});
