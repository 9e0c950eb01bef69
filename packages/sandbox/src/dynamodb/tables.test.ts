import { expect, it } from "vitest";
import { virtualCloud } from "../cloud-for-test.ts";

const named = { TableName: "carts" };
const create = {
  ...named,
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
};
const StreamSpecification = { StreamEnabled: true, StreamViewType: "NEW_IMAGE" };
const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/carts";

it("starts the stream of a table, which keeps its name when it ends", async () => {
  const virtual = virtualCloud();
  const { TableDescription } = await virtual.call("dynamodb:CreateTable", create);
  expect(TableDescription).toMatchObject({ TableStatus: "CREATING", TableArn: arn });
  expect(TableDescription).not.toHaveProperty("LatestStreamArn");
  virtual.pass(1000);
  const LatestStreamArn = `${arn}/stream/2026-03-01T12:00:01.000`;
  expect(await virtual.call("dynamodb:UpdateTable", { ...named, StreamSpecification })).toMatchObject({
    TableDescription: { TableStatus: "UPDATING", LatestStreamArn, StreamSpecification },
  });
  await virtual.call("dynamodb:UpdateTable", { ...named, StreamSpecification: { StreamEnabled: false } });
  const { Table } = await virtual.call("dynamodb:DescribeTable", named);
  expect(Table).toMatchObject({ TableStatus: "ACTIVE", LatestStreamArn });
  expect(Table).not.toHaveProperty("StreamSpecification");
});

it("shows what is provisioned instead of the way of billing", async () => {
  const virtual = virtualCloud();
  const ProvisionedThroughput = { ReadCapacityUnits: 3, WriteCapacityUnits: 2 };
  const input = { ...create, BillingMode: "PROVISIONED", ProvisionedThroughput };
  const { TableDescription } = await virtual.call("dynamodb:CreateTable", input);
  expect(TableDescription).toMatchObject({ ProvisionedThroughput });
  expect(TableDescription).not.toHaveProperty("BillingModeSummary");
});

it("refuses a second stream, a name that is taken, and what is not there", async () => {
  const virtual = virtualCloud();
  await virtual.call("dynamodb:CreateTable", { ...create, StreamSpecification });
  const again = virtual.call("dynamodb:UpdateTable", { ...named, StreamSpecification });
  await expect(again).rejects.toMatchObject({ code: "ValidationException" });
  await expect(virtual.call("dynamodb:CreateTable", create)).rejects.toMatchObject({
    code: "ResourceInUseException",
  });
  expect(await virtual.call("dynamodb:ListTables")).toEqual({ TableNames: ["carts"] });
  await virtual.call("dynamodb:DeleteTable", named);
  await expect(virtual.call("dynamodb:DescribeTable", named)).rejects.toMatchObject({
    code: "ResourceNotFoundException",
    message: "Requested resource not found: Table: carts not found",
  });
});

it("describes and lists the streams of tables", async () => {
  const virtual = virtualCloud();
  await virtual.call("dynamodb:CreateTable", { ...create, StreamSpecification });
  const StreamArn = `${arn}/stream/2026-03-01T12:00:00.000`;
  const stream = { StreamArn, StreamLabel: "2026-03-01T12:00:00.000", ...named };
  expect(await virtual.call("dynamodbstreams:ListStreams", named)).toEqual({ Streams: [stream] });
  expect(await virtual.call("dynamodbstreams:DescribeStream", { StreamArn })).toMatchObject({
    StreamDescription: { ...stream, StreamStatus: "ENABLED", StreamViewType: "NEW_IMAGE" },
  });
  const other = { StreamArn: `${StreamArn}9` };
  await expect(virtual.call("dynamodbstreams:DescribeStream", other)).rejects.toMatchObject({
    code: "ResourceNotFoundException",
  });
});
