import { expect, it } from "vitest";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

const TableName = "carts";
const create = {
  TableName,
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
};

async function withTable(StreamViewType: string): Promise<{ virtual: VirtualCloud; told: () => unknown[] }> {
  const virtual = virtualCloud();
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  const { TableDescription } = await virtual.call("dynamodb:CreateTable", { ...create, StreamSpecification });
  const streamArn = String(Object(TableDescription).LatestStreamArn);
  const told = (): unknown[] => {
    const reader = virtual.cloud.stream({
      region: "us-east-1",
      account: "000000000000",
      functionArn: "",
      streamArn,
    });
    return reader?.read(reader.shards[0] ?? "", 0, 100).map(({ record }) => record) ?? [];
  };
  return { virtual, told };
}

const item = (colour: string): object => ({ id: { S: "seven" }, colour: { S: colour } });

it("keeps items by their key and tells the stream what became of them", async () => {
  const { virtual, told } = await withTable("NEW_AND_OLD_IMAGES");
  await virtual.call("dynamodb:PutItem", { TableName, Item: item("red") });
  await virtual.call("dynamodb:PutItem", { TableName, Item: item("red") });
  await virtual.call("dynamodb:PutItem", { TableName, Item: item("blue") });
  const Key = { id: { S: "seven" } };
  expect(await virtual.call("dynamodb:GetItem", { TableName, Key })).toEqual({ Item: item("blue") });
  const removed = await virtual.call("dynamodb:DeleteItem", { TableName, Key, ReturnValues: "ALL_OLD" });
  expect(removed).toEqual({ Attributes: item("blue") });
  expect(told()).toMatchObject([
    { eventName: "INSERT", dynamodb: { Keys: Key, NewImage: item("red"), SizeBytes: 7 + 7 + 9 } },
    { eventName: "MODIFY", dynamodb: { NewImage: item("blue"), OldImage: item("red") } },
    { eventName: "REMOVE", dynamodb: { OldImage: item("blue") } },
  ]);
});

it("shows of a change what the stream is to show", async () => {
  const { virtual, told } = await withTable("KEYS_ONLY");
  const RequestItems = { [TableName]: [{ PutRequest: { Item: item("red") } }] };
  await virtual.call("dynamodb:BatchWriteItem", { RequestItems });
  const [change] = told();
  expect(change).toMatchObject({
    eventName: "INSERT",
    dynamodb: { StreamViewType: "KEYS_ONLY", SizeBytes: 7 },
  });
  expect(Object(change).dynamodb).not.toHaveProperty("NewImage");
});

it("refuses keys that do not fit, and expressions", async () => {
  const { virtual } = await withTable("NEW_IMAGE");
  const put = (more: object): Promise<unknown> =>
    virtual.call("dynamodb:PutItem", { TableName, Item: { colour: { S: "red" } }, ...more });
  await expect(put({})).rejects.toThrow("Missing the key id in the item");
  await expect(put({ Item: { id: { N: "1" } } })).rejects.toThrow(
    "Type mismatch for key id expected: S actual: N",
  );
  await expect(put({ ConditionExpression: "attribute_exists(id)" })).rejects.toThrow("ConditionExpression");
  await expect(virtual.call("dynamodb:GetItem", { TableName, Key: item("red") })).rejects.toThrow(
    "The provided key element does not match the schema",
  );
});
