import { describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";
import { timings } from "../timing.ts";

const queue = { QueueUrl: "/000000000000/q" };
const arn = "arn:aws:sqs:us-east-1:000000000000:q";

async function withQueue(Attributes: Record<string, string> = {}): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await virtual.call("sqs:CreateQueue", { QueueName: "q", Attributes });
  return virtual;
}

async function attributes(virtual: VirtualCloud): Promise<Record<string, unknown>> {
  const { Attributes } = await virtual.call("sqs:GetQueueAttributes", { ...queue, AttributeNames: ["All"] });
  return isRecord(Attributes) ? Attributes : {};
}

function set(virtual: VirtualCloud, Attributes: Record<string, string>): Promise<unknown> {
  return virtual.call("sqs:SetQueueAttributes", { ...queue, Attributes });
}

describe("the attributes of a queue", () => {
  it("are those that AWS sets, and no others", async () => {
    expect(await attributes(await withQueue())).toEqual({
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesDelayed: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      CreatedTimestamp: "1772366400",
      DelaySeconds: "0",
      LastModifiedTimestamp: "1772366400",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      QueueArn: arn,
      ReceiveMessageWaitTimeSeconds: "0",
      SqsManagedSseEnabled: "true",
      VisibilityTimeout: "30",
    });
  });

  it("end SQS's own encryption when a key of KMS is set, also after the key is gone", async () => {
    const virtual = await withQueue();
    await set(virtual, { KmsMasterKeyId: "key", KmsDataKeyReusePeriodSeconds: "600" });
    const kms = { KmsMasterKeyId: "key", KmsDataKeyReusePeriodSeconds: "600", SqsManagedSseEnabled: "false" };
    expect(await attributes(virtual)).toMatchObject(kms);
    await set(virtual, { KmsMasterKeyId: "" });
    const after = await attributes(virtual);
    expect(after).toMatchObject({ SqsManagedSseEnabled: "false" });
    expect(after).not.toHaveProperty("KmsDataKeyReusePeriodSeconds");
  });

  it("are removed by empty text", async () => {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: "3" });
    const virtual = await withQueue();
    await set(virtual, { RedrivePolicy });
    expect(await attributes(virtual)).toMatchObject({ RedrivePolicy });
    await set(virtual, { RedrivePolicy: "" });
    expect(await attributes(virtual)).not.toHaveProperty("RedrivePolicy");
  });

  it.each([
    [{ FifoQueue: "true" }, "InvalidAttributeName", /^Unknown Attribute FifoQueue\.$/],
    [
      { DeduplicationScope: "queue" },
      "InvalidAttributeName",
      /^You can specify the DeduplicationScope only when FifoQueue is set to true\.$/,
    ],
    [
      { VisibilityTimeout: "-1" },
      "InvalidAttributeValue",
      /^Invalid value for the parameter VisibilityTimeout\.$/,
    ],
    [{ RedrivePolicy: "{" }, "InvalidParameterValueException", /is not a valid JSON map/],
    [
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn }) },
      "InvalidParameterValueException",
      /does not contain mandatory attribute: maxReceiveCount\.$/,
    ],
    [
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: "many" }) },
      "InvalidParameterValueException",
      /Invalid value for maxReceiveCount: many, valid values are from 1 to 1000 both inclusive\.$/,
    ],
    [
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${arn}2`, maxReceiveCount: 1 }) },
      "InvalidParameterValueException",
      /Dead letter target does not exist\.$/,
    ],
    [
      { KmsMasterKeyId: "key", SqsManagedSseEnabled: "true" },
      "InvalidAttributeName",
      /^You can use one type of server-side encryption/,
    ],
  ])("are refused as %j", async (given, code, message) => {
    await expect(set(await withQueue(), given)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe("the name of a queue", () => {
  it("cannot be used again for a minute after it was deleted", async () => {
    const virtual = await withQueue();
    await virtual.call("sqs:DeleteQueue", queue);
    virtual.pass(59_999);
    await expect(virtual.call("sqs:CreateQueue", { QueueName: "q" })).rejects.toMatchObject({
      code: "QueueDeletedRecently",
    });
    virtual.pass(1);
    await virtual.call("sqs:CreateQueue", { QueueName: "q" });
  });

  it("can be used again at once where nothing takes time", async () => {
    const virtual = virtualCloud({ timing: timings.none });
    await virtual.call("sqs:CreateQueue", { QueueName: "q" });
    await virtual.call("sqs:DeleteQueue", queue);
    await virtual.call("sqs:CreateQueue", { QueueName: "q" });
  });

  it("stands for the caller's queue where a URL is expected", async () => {
    const virtual = await withQueue();
    await virtual.call("sqs:SendMessage", { QueueUrl: "q", MessageBody: "a" });
    expect(await attributes(virtual)).toMatchObject({ ApproximateNumberOfMessages: "1" });
  });
});

describe("the policy of a queue", () => {
  const permission = {
    ...queue,
    Label: "reader",
    Actions: ["ReceiveMessage"],
    AWSAccountIds: ["123456789012"],
  };

  it("gets and loses a statement for each permission", async () => {
    const virtual = await withQueue();
    await virtual.call("sqs:AddPermission", permission);
    await virtual.call("sqs:AddPermission", {
      ...permission,
      Label: "both",
      Actions: ["SendMessage", "DeleteMessage"],
      AWSAccountIds: ["123456789012", "210987654321"],
    });
    const { Policy } = await attributes(virtual);
    expect(JSON.parse(String(Policy))).toEqual({
      Version: "2008-10-17",
      Id: `${arn}/SQSDefaultPolicy`,
      Statement: [
        {
          Sid: "reader",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:root" },
          Action: "SQS:ReceiveMessage",
          Resource: arn,
        },
        {
          Sid: "both",
          Effect: "Allow",
          Principal: { AWS: ["arn:aws:iam::123456789012:root", "arn:aws:iam::210987654321:root"] },
          Action: ["SQS:SendMessage", "SQS:DeleteMessage"],
          Resource: arn,
        },
      ],
    });
    for (const Label of ["reader", "both"]) await virtual.call("sqs:RemovePermission", { ...queue, Label });
    expect(await attributes(virtual)).not.toHaveProperty("Policy");
  });

  it("refuses a label that is taken, and one that is not there", async () => {
    const virtual = await withQueue();
    await virtual.call("sqs:AddPermission", permission);
    await expect(virtual.call("sqs:AddPermission", permission)).rejects.toThrow(
      "Value reader for parameter Label is invalid. Reason: Already exists.",
    );
    await expect(virtual.call("sqs:RemovePermission", { ...queue, Label: "x" })).rejects.toThrow(
      "Value x for parameter Label is invalid. Reason: can't find label.",
    );
  });
});

it("lists the queues that a dead letter queue serves", async () => {
  const virtual = await withQueue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 3 });
  const { QueueUrl } = await virtual.call("sqs:CreateQueue", {
    QueueName: "s",
    Attributes: { RedrivePolicy },
  });
  await virtual.call("sqs:CreateQueue", { QueueName: "other" });
  expect(await virtual.call("sqs:ListDeadLetterSourceQueues", queue)).toEqual({ queueUrls: [QueueUrl] });
});
