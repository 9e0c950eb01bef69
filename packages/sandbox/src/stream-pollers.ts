import { randomUUID } from "node:crypto";
import type { Cloud } from "./cloud.ts";
import type { StreamMapping } from "./lambda/stream-mappings.ts";
import { type Pollers, runPollers } from "./pollers.ts";
import type { Poller } from "./running-poller.ts";
import type { Invoke } from "./runtime-port.ts";
import { type DiscardedBatch, eventPayload, failureKey, failureRecord } from "./stream-failure.ts";
import { type Checkpoints, type StreamPorts, startStreamPoller } from "./stream-poller.ts";
import type { StreamReader } from "./stream-reader.ts";

/** What the pollers of one sandbox need. */
export interface StreamPollersOptions {
  readonly cloud: Cloud;
  readonly invoke: Invoke;
  readonly problem: StreamPorts["problem"];
}

/** Tells the destination of a mapping, a queue or a bucket, of a batch that was given up. */
async function tell(
  cloud: Cloud,
  reader: StreamReader,
  mapping: StreamMapping,
  batch: DiscardedBatch,
): Promise<void> {
  const { onFailure, region } = mapping;
  if (onFailure === null) return;
  const now = cloud.clock.now();
  const record = failureRecord(mapping, reader, batch, now);
  const caller = { region, internal: true };
  const [, , service, , account, name] = onFailure.split(":");
  if (service === "sqs") {
    const input = { QueueName: name, QueueOwnerAWSAccountId: account };
    const { QueueUrl } = Object(await cloud.call("sqs:GetQueueUrl", input, caller));
    await cloud.call("sqs:SendMessage", { QueueUrl, MessageBody: JSON.stringify(record) }, caller);
  } else if (service === "s3") {
    // Only a bucket has room for the records themselves.
    const payload = eventPayload(batch.events).toString();
    const Body = Buffer.from(JSON.stringify({ ...record, payload }));
    const Key = failureKey(mapping, batch, now, randomUUID());
    await cloud.call("s3:PutObject", { Bucket: name, Key, Body }, caller);
  }
}

/**
 * Lambda notes the age of what it hands over; Kinesis that of what is read, which is 0 where nothing is left. So there is
 * neither while nobody reads. Source: Lambda, metrics of event source mappings; Kinesis, GetRecords.IteratorAgeMilliseconds.
 */
function noteAge(
  cloud: Cloud,
  { region, functionArn, streamArn }: StreamMapping,
  ageMs: number | null,
): void {
  const now = cloud.clock.now();
  const FunctionName = functionArn.split(":")[6] ?? "";
  const ofFunction = { region, namespace: "AWS/Lambda", name: "IteratorAge", dimensions: { FunctionName } };
  if (ageMs !== null) cloud.metrics.add(ofFunction, ageMs, now);
  const [, , service, , , resource = ""] = streamArn.split(":");
  if (service !== "kinesis") return;
  const dimensions = { StreamName: resource.replace("stream/", "") };
  const name = "GetRecords.IteratorAgeMilliseconds";
  cloud.metrics.add({ region, namespace: "AWS/Kinesis", name, dimensions }, ageMs ?? 0, now);
}

/** The pollers of all event source mappings of Kinesis streams and of tables' streams. */
export function startStreamPollers({ cloud, invoke, problem }: StreamPollersOptions): Pollers {
  const read = new Map<string, Checkpoints>();
  const ports: StreamPorts = {
    stream: (mapping) => cloud.stream(mapping),
    // Async functions, so that what they throw becomes a rejection as well.
    invoke: async (mapping, payload, requestId) => {
      const image = cloud.functions.resolve(mapping.region, mapping.functionArn, null, mapping.account);
      return await invoke({ image, payload, logTail: false, requestId, source: "mapping" });
    },
    discard: async (mapping, batch) => {
      const reader = cloud.stream(mapping);
      if (reader === null) return;
      await tell(cloud, reader, mapping, batch).catch((error: unknown) => problem(mapping, error));
    },
    result: (mapping, words) => cloud.mappings.setResult(mapping, words),
    age: (mapping, ageMs) => noteAge(cloud, mapping, ageMs),
    problem,
    now: () => cloud.clock.now(),
    newId: randomUUID,
  };
  const start = (mapping: StreamMapping): Poller<StreamMapping> => {
    const checkpoints = read.get(mapping.uuid) ?? new Map<string, number>();
    read.set(mapping.uuid, checkpoints);
    return startStreamPoller(mapping, checkpoints, ports);
  };
  return runPollers(() => cloud.mappings.enabledStreams(), start);
}
