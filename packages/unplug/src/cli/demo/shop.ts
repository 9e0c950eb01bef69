import * as z from "zod";
import { makeFunction, readLog, type Surroundings, until } from "./make-function.ts";

export const FUNCTION_NAME = "orders-consumer";
const QUEUE_NAME = "orders";

export interface Handled {
  readonly order: string;
  /** Milliseconds since 1970, by the function's own log. */
  readonly at: number;
}

/** The workload that is experimented on, as its owner sees it: nothing here knows Unplug. */
export interface Shop {
  place(orders: readonly string[]): Promise<void>;
  /** Orders that wait in the queue. */
  waiting(): Promise<number>;
  /** Orders that wait, and those that the function is at. */
  unfinished(): Promise<number>;
  /** Orders that ended in the dead-letter queue. */
  dead(): Promise<number>;
  /** What the function's log says, read through CloudWatch Logs. */
  handled(): Promise<readonly Handled[]>;
}

/** Builds the shop in the sandbox and waits until it is open. */
export async function openShop(around: Surroundings): Promise<Shop> {
  const dead = await makeQueue(around, `${QUEUE_NAME}-dead`, {});
  const redrive = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 });
  const queue = await makeQueue(around, QUEUE_NAME, { VisibilityTimeout: "30", RedrivePolicy: redrive });
  const code = new URL("./consumer.mjs", import.meta.url);
  await makeFunction(around, { name: FUNCTION_NAME, code, Timeout: 5 });
  await makeMapping(around, queue.arn);
  const count = async (url: string, ...names: readonly string[]) => {
    const found = await attributes(around, url);
    return names.reduce((sum, name) => sum + Number(found[name] ?? 0), 0);
  };
  return {
    place: (orders) => place(around, queue.url, orders),
    waiting: () => count(queue.url, "ApproximateNumberOfMessages"),
    unfinished: () =>
      count(queue.url, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"),
    dead: () => count(dead.url, "ApproximateNumberOfMessages"),
    handled: () => handled(around),
  };
}

async function makeQueue(
  around: Surroundings,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string; arn: string }> {
  const answer = await around.call("sqs:CreateQueue", { QueueName: name, Attributes: settings });
  const { QueueUrl: url } = z.object({ QueueUrl: z.string() }).parse(answer);
  return { url, arn: (await attributes(around, url))["QueueArn"] ?? "" };
}

async function makeMapping({ call, clock, signal }: Surroundings, queueArn: string): Promise<void> {
  const mapping = z.object({ UUID: z.string(), State: z.string() });
  const made = await call("lambda:CreateEventSourceMapping", {
    FunctionName: FUNCTION_NAME,
    EventSourceArn: queueArn,
    BatchSize: 10,
  });
  const { UUID } = mapping.parse(made);
  await until(clock, signal, async () => {
    return mapping.parse(await call("lambda:GetEventSourceMapping", { UUID })).State === "Enabled";
  });
}

async function attributes({ call }: Surroundings, url: string): Promise<Readonly<Record<string, string>>> {
  const answer = await call("sqs:GetQueueAttributes", { QueueUrl: url, AttributeNames: ["All"] });
  return z.object({ Attributes: z.record(z.string(), z.string()) }).parse(answer).Attributes;
}

async function place({ call }: Surroundings, url: string, orders: readonly string[]): Promise<void> {
  const Entries = orders.map((order) => ({ Id: order, MessageBody: JSON.stringify({ order }) }));
  const answer = await call("sqs:SendMessageBatch", { QueueUrl: url, Entries });
  const { Successful } = z.object({ Successful: z.array(z.unknown()) }).parse(answer);
  if (Successful.length < orders.length) {
    throw new Error(`The queue took ${Successful.length} of ${orders.length} orders`);
  }
}

async function handled(around: Surroundings): Promise<readonly Handled[]> {
  const events = await readLog(around, FUNCTION_NAME, "handled");
  return events.flatMap(({ message, timestamp }) => {
    const order = /handled (order-\d+)/.exec(message)?.[1];
    return order === undefined ? [] : [{ order, at: timestamp }];
  });
}
