import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

/** A cloud with the queue `q`. */
export async function withQueue(
  Attributes: Record<string, string> = {},
): Promise<{ virtual: VirtualCloud; url: string }> {
  const virtual = virtualCloud();
  const { QueueUrl } = await virtual.call("sqs:CreateQueue", { QueueName: "q", Attributes });
  return { virtual, url: String(QueueUrl) };
}

/** How many messages can be received, are hidden, and are delayed. */
export async function counts(virtual: VirtualCloud, url: string): Promise<unknown[]> {
  const { Attributes } = await virtual.call("sqs:GetQueueAttributes", {
    QueueUrl: url,
    AttributeNames: ["All"],
  });
  if (!isRecord(Attributes)) throw new Error("no attributes");
  return ["", "NotVisible", "Delayed"].map((kind) =>
    Number(Attributes[`ApproximateNumberOfMessages${kind}`]),
  );
}
