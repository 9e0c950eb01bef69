import { expect, test } from "vitest";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { type CloudState, emptyState } from "../cloud-state.ts";
import { everyRead, withEverything } from "./everything-for-test.ts";
import { readState, writeState } from "./state-bytes.ts";

function copied(state: CloudState): CloudState {
  const apart = new Map<string, Buffer>();
  const bytes = writeState(state, (one) => {
    const name = String(apart.size);
    apart.set(name, Buffer.from(one));
    return name;
  });
  return readState(bytes, (name) => apart.get(name) ?? Buffer.alloc(0));
}

/** Two clouds at the same time: one, and what came of its copy. */
async function twins(): Promise<{ readonly first: VirtualCloud; readonly second: VirtualCloud }> {
  const state = emptyState();
  const random = () => 0.5;
  const first = virtualCloud({ state });
  await withEverything(first);
  const second = virtualCloud({ state: copied(state), random });
  second.pass(first.cloud.clock.now() - second.cloud.clock.now());
  return { first, second };
}

test("gives a cloud that answers every read as the one before", async () => {
  const { first, second } = await twins();
  for (const [action, input] of everyRead) {
    expect([action, await second.call(action, input)]).toEqual([action, await first.call(action, input)]);
  }
});

test("keeps code, and shares what was shared", async () => {
  const { first, second } = await twins();
  for (const qualifier of ["$LATEST", "1", "2"]) {
    const zip = second.cloud.functions.resolve("us-east-1", "f", qualifier).zip;
    expect(
      zip?.equals(first.cloud.functions.resolve("us-east-1", "f", qualifier).zip ?? Buffer.alloc(0)),
    ).toBe(true);
  }
  const [latest, published] = ["$LATEST", "2"].map((qualifier) =>
    second.cloud.functions.resolve("us-east-1", "f", qualifier),
  );
  expect(latest?.zip).toBe(published?.zip);
});

test("keeps what is in flight in flight, with its receipt, and the turns of message groups", async () => {
  const { second } = await twins();
  const QueueUrl = "http://127.0.0.1/000000000000/orders";
  const receive = async (url: string): Promise<unknown[]> => {
    const { Messages } = await second.call("sqs:ReceiveMessage", {
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
    });
    return Array.isArray(Messages) ? Messages.map(({ Body }) => Body) : [];
  };
  expect(await receive(QueueUrl)).toEqual(["visible"]);
  second.pass(600_000);
  expect(await receive(QueueUrl)).toEqual(["flying", "delayed", "visible"]);
  const fifo = "http://127.0.0.1/000000000000/line.fifo";
  const again = { QueueUrl: fifo, MessageBody: "d", MessageGroupId: "first" };
  const { SequenceNumber } = await second.call("sqs:SendMessage", again);
  expect(BigInt(String(SequenceNumber))).toBe(18_849_496_460_467_696_128n + 256n * 4n);
  expect(await receive(fifo)).toEqual(["a", "b", "d", "c"]);
});

test("remembers deduplication ids, and credentials of roles", async () => {
  const { first, second } = await twins();
  const sent = {
    QueueUrl: "http://127.0.0.1/000000000000/line.fifo",
    MessageBody: "c",
    MessageGroupId: "second",
  };
  expect(await second.call("sqs:SendMessage", sent)).toEqual(await first.call("sqs:SendMessage", sent));
  await expect(second.call("sqs:CreateQueue", { QueueName: "gone" })).rejects.toThrow(/wait 60 seconds/);
});
