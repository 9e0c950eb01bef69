import { type Cloud, type CloudOptions, createCloud } from "./cloud.ts";
import { isRecord } from "./input.ts";
import { timings } from "./timing.ts";

/** A cloud whose time only moves when it is told to. */
export interface VirtualCloud {
  readonly cloud: Cloud;
  /** Calls as an ordinary caller in us-east-1. */
  call(action: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Lets time pass, in ms. */
  pass(ms: number): void;
}

export const startOfTest = Date.parse("2026-03-01T12:00:00Z");

/** A zip with one empty file, without compression. */
export function smallestZip(name = "index.js"): Buffer {
  const bytes = Buffer.from(name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(bytes.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(bytes.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + bytes.length, 12);
  end.writeUInt32LE(30 + bytes.length, 16);
  return Buffer.concat([local, bytes, entry, bytes, end]);
}

export function virtualCloud(options: Partial<CloudOptions> = {}): VirtualCloud {
  let now = startOfTest;
  const cloud = createCloud({
    clock: { now: () => now },
    after: (ms, wake) => {
      // A wait takes its time at once, after those who wait have said so.
      const timer = setImmediate(() => {
        now += ms;
        wake();
      });
      return () => clearImmediate(timer);
    },
    timing: timings.fast,
    ...options,
  });
  return {
    cloud,
    pass: (ms) => {
      now += ms;
    },
    call: async (action, input = {}) => {
      const answer = await cloud.call(action, input, { region: "us-east-1" });
      return isRecord(answer) ? answer : {};
    },
  };
}

/** Makes a function and waits until it is active. */
export async function withFunction(
  virtual: VirtualCloud,
  name: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  await virtual.call("lambda:CreateFunction", {
    FunctionName: name,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/r",
    Code: { ZipFile: smallestZip() },
    ...more,
  });
  virtual.pass(1000);
}

export const testQueueArn = "arn:aws:sqs:us-east-1:000000000000:orders";

/** Makes the queue `orders`, the function `worker` and an enabled mapping between them; gives its UUID. */
export async function withMapping(virtual: VirtualCloud): Promise<string> {
  await withFunction(virtual, "worker");
  await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
  const made = await virtual.call("lambda:CreateEventSourceMapping", {
    FunctionName: "worker",
    EventSourceArn: testQueueArn,
  });
  virtual.pass(2000);
  return String(made["UUID"]);
}
