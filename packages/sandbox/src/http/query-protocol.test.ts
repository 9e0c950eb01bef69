import { describe, expect, it } from "vitest";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { answerRequest } from "./answer-request.ts";

interface Answered {
  readonly status: number;
  readonly xml: string;
}

const versions = { sqs: "2012-11-05", sts: "2011-06-15", monitoring: "2010-08-01" } as const;

async function ask(
  virtual: VirtualCloud,
  service: keyof typeof versions,
  fields: Record<string, string>,
  path = "/",
): Promise<Answered> {
  const form = new URLSearchParams({ ...fields, Version: versions[service] });
  const answer = await answerRequest(
    virtual.cloud,
    {
      method: "POST",
      target: path,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=AKIA/20260301/us-east-1/${service}/aws4_request, Signature=x`,
      },
      body: Buffer.from(form.toString()),
    },
    { requestId: "r-1", signal: new AbortController().signal },
  );
  return { status: answer.status, xml: answer.body.toString() };
}

function values(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map((match) => match[1] ?? "");
}

describe("SQS in the query protocol", () => {
  it("takes letters beyond ASCII as they are, and percent-encoded", async () => {
    const virtual = virtualCloud();
    await ask(virtual, "sqs", { Action: "CreateQueue", QueueName: "orders" });
    const raw = "Action=SendMessage&Version=2012-11-05&MessageBody=gr\u00fc\u00dfe+\u{1f600}%C3%A9";
    const answer = await answerRequest(
      virtual.cloud,
      {
        method: "POST",
        target: "/000000000000/orders",
        headers: {
          authorization: "AWS4-HMAC-SHA256 Credential=AKIA/20260301/us-east-1/sqs/aws4_request, Signature=x",
        },
        body: Buffer.from(raw),
      },
      { requestId: "r-1", signal: new AbortController().signal },
    );
    expect(answer.status).toBe(200);
    const { xml } = await ask(virtual, "sqs", { Action: "ReceiveMessage" }, "/000000000000/orders");
    expect(values(xml, "Body")).toEqual(["gr\u00fc\u00dfe \u{1f600}\u00e9"]);
  });

  it("sends to the queue in the path and receives with attributes", async () => {
    const virtual = virtualCloud();
    const made = await ask(virtual, "sqs", {
      Action: "CreateQueue",
      QueueName: "q",
      "Attribute.1.Name": "VisibilityTimeout",
      "Attribute.1.Value": "7",
    });
    expect(values(made.xml, "QueueUrl")).toEqual(["http://127.0.0.1/000000000000/q"]);
    const message = {
      Action: "SendMessage",
      MessageBody: "<a&b>",
      "MessageAttribute.1.Name": "k",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "v",
    };
    expect(values((await ask(virtual, "sqs", message, "/000000000000/q")).xml, "MessageId")).toHaveLength(1);
    const QueueUrl = "http://127.0.0.1/000000000000/q";
    const received = await ask(virtual, "sqs", {
      Action: "ReceiveMessage",
      QueueUrl,
      "AttributeName.1": "All",
      "MessageAttributeName.1": "k",
    });
    expect(values(received.xml, "Body")).toEqual(["&lt;a&amp;b&gt;"]);
    expect(received.xml).toContain(
      "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
    );
    expect(received.xml).toContain("<MessageAttribute><Name>k</Name><Value>");
    const [ReceiptHandle = ""] = values(received.xml, "ReceiptHandle");
    const deleted = await ask(virtual, "sqs", { Action: "DeleteMessage", QueueUrl, ReceiptHandle });
    expect(deleted).toMatchObject({ status: 200, xml: expect.stringContaining("<DeleteMessageResponse ") });
    const depth = await ask(virtual, "sqs", {
      Action: "GetQueueAttributes",
      QueueUrl,
      "AttributeName.1": "ApproximateNumberOfMessagesNotVisible",
      "AttributeName.2": "VisibilityTimeout",
    });
    expect(values(depth.xml, "Value")).toEqual(["0", "7"]);
  });

  it("lists what a batch did and what it did not", async () => {
    const virtual = virtualCloud();
    await virtual.call("sqs:CreateQueue", { QueueName: "q" });
    const fields: Record<string, string> = { Action: "SendMessageBatch", QueueUrl: "/000000000000/q" };
    for (let n = 1; n <= 10; n++) {
      fields[`SendMessageBatchRequestEntry.${n}.Id`] = `id${n}`;
      if (n !== 4) fields[`SendMessageBatchRequestEntry.${n}.MessageBody`] = `body ${n}`;
    }
    const { xml } = await ask(virtual, "sqs", fields);
    expect(values(xml, "SendMessageBatchResultEntry").map((entry) => values(entry, "Id")[0])).toEqual(
      [1, 2, 3, 5, 6, 7, 8, 9, 10].map((n) => `id${n}`),
    );
    expect(values(xml, "BatchResultErrorEntry")).toHaveLength(1);
  });

  it("names a missing queue as it always did", async () => {
    const { status, xml } = await ask(virtualCloud(), "sqs", { Action: "GetQueueUrl", QueueName: "none" });
    expect(status).toBe(400);
    expect(values(xml, "Code")).toEqual(["AWS.SimpleQueueService.NonExistentQueue"]);
    expect(values(xml, "Message")).toEqual(["The specified queue does not exist for this wsdl version."]);
    expect(values(xml, "Type")).toEqual(["Sender"]);
    expect(xml).toContain("<Detail/>");
  });

  it("reads lists that are empty, and answers nothing with an empty element", async () => {
    const virtual = virtualCloud();
    await virtual.call("sqs:CreateQueue", { QueueName: "q" });
    const fields = { Action: "ReceiveMessage", MessageAttributeNames: "", AttributeName: "" };
    const { status, xml } = await ask(virtual, "sqs", fields, "/000000000000/q");
    expect(status).toBe(200);
    expect(xml).toContain("<ReceiveMessageResult/>");
    const empty = { Action: "SendMessageBatch", Entries: "" };
    const refused = await ask(virtual, "sqs", empty, "/000000000000/q");
    expect(values(refused.xml, "Code")).toEqual(["AWS.SimpleQueueService.EmptyBatchRequest"]);
  });

  it("takes permissions and system attributes by their names in forms", async () => {
    const virtual = virtualCloud();
    await virtual.call("sqs:CreateQueue", { QueueName: "q" });
    const permission = {
      Action: "AddPermission",
      Label: "reader",
      "AWSAccountId.1": "123456789012",
      "ActionName.1": "ReceiveMessage",
    };
    const added = await ask(virtual, "sqs", permission, "/000000000000/q");
    expect(added).toMatchObject({ status: 200, xml: expect.not.stringContaining("Result") });
    const message = {
      Action: "SendMessage",
      MessageBody: "a",
      "MessageSystemAttribute.1.Name": "AWSTraceHeader",
      "MessageSystemAttribute.1.Value.DataType": "String",
      "MessageSystemAttribute.1.Value.StringValue": "Root=1",
    };
    const { xml } = await ask(virtual, "sqs", message, "/000000000000/q");
    expect(values(xml, "MD5OfMessageSystemAttributes")).toHaveLength(1);
  });

  it.each(["CreateQueue", "ListQueues", "NoSuchThing"])(
    "does not take %s at the URL of a queue",
    async (Action) => {
      const virtual = virtualCloud();
      await virtual.call("sqs:CreateQueue", { QueueName: "q" });
      const { xml } = await ask(virtual, "sqs", { Action, QueueName: "r" }, "/000000000000/q");
      expect(values(xml, "Code")).toEqual(["InvalidAction"]);
      expect(values(xml, "Message")).toEqual([`The action ${Action} is not valid for this endpoint.`]);
    },
  );
});

describe("CloudWatch in the query protocol", () => {
  it("gives datapoints with times as text", async () => {
    const virtual = virtualCloud();
    const dimensions = { FunctionName: "f" };
    const errors = { region: "us-east-1", namespace: "AWS/Lambda", name: "Errors", dimensions };
    virtual.cloud.metrics.add(errors, 3, Date.parse("2026-03-01T12:00:05Z"));
    virtual.pass(60_000);
    const { xml } = await ask(virtual, "monitoring", {
      Action: "GetMetricStatistics",
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      "Dimensions.member.1.Name": "FunctionName",
      "Dimensions.member.1.Value": "f",
      StartTime: "2026-03-01T12:00:00Z",
      EndTime: "2026-03-01T12:05:00Z",
      Period: "60",
      "Statistics.member.1": "Sum",
    });
    expect(xml).toContain(
      "<Datapoints><member><Timestamp>2026-03-01T12:00:00.000Z</Timestamp><Sum>3</Sum><Unit>Count</Unit></member></Datapoints>",
    );
  });
});

describe("errors in the query protocol", () => {
  it("have the codes of that protocol", async () => {
    const virtual = virtualCloud();
    virtual.cloud.switches.set({ deny: ["sts:*"] });
    const denied = await ask(virtual, "sts", { Action: "GetCallerIdentity" });
    expect(denied.status).toBe(403);
    expect(values(denied.xml, "Code")).toEqual(["AccessDenied"]);
    const unknown = await ask(virtual, "sqs", { Action: "Nonsense" });
    expect(values(unknown.xml, "Code")).toEqual(["InvalidAction"]);
  });
});
