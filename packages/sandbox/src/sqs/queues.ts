import { queueArn } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, numeric, text, textMap, texts } from "../input.ts";
import { Queue } from "./queue.ts";
import {
  allAttributes,
  applyAttributes,
  checkAttributes,
  initialAttributes,
  normalised,
  pickAttributes,
  redriveOf,
} from "./queue-attributes.ts";
import { addPermission, removePermission } from "./queue-permissions.ts";
import type { QueueStore } from "./queue-store.ts";
import { badParameter, missing, noQueue, prefixedError, sqsError } from "./sqs-errors.ts";

interface Parts {
  readonly queues: QueueStore;
  readonly timing: { readonly queueNameReuseMs: number };
}

/** The queue that an input names by QueueUrl. */
export function queueOf(parts: { readonly queues: QueueStore }, input: Input, context: CallContext): Queue {
  const url = text(input, "QueueUrl");
  if (url === undefined || url === "") throw missing("QueueUrl");
  const queue = parts.queues.byUrl(context, url);
  queue.expire(context.now);
  return queue;
}

function create(parts: Parts, input: Input, context: CallContext): unknown {
  const name = text(input, "QueueName");
  if (name === undefined || name === "") throw missing("QueueName");
  const given = normalised(textMap(input, "Attributes") ?? {});
  const isFifo = given["FifoQueue"] === "true";
  checkName(name, isFifo);
  checkAttributes(given, { isFifo, queueExists: parts.queues.exists });
  const arn = queueArn(context, name);
  const before = parts.queues.byArn(arn);
  if (before !== undefined) {
    refuseOtherAttributes(before, given);
    return { QueueUrl: parts.queues.url(before) };
  }
  const deletedAt = parts.queues.deletedAt(arn);
  if (deletedAt !== null && context.now < deletedAt + parts.timing.queueNameReuseMs) {
    throw prefixedError(
      "QueueDeletedRecently",
      "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    );
  }
  const attributes = initialAttributes(isFifo);
  applyAttributes(attributes, given);
  const queue = Queue.create(name, arn, context.now, attributes);
  for (const [key, value] of Object.entries(textMap(input, "tags") ?? {})) queue.tags.set(key, value);
  parts.queues.add(queue);
  parts.queues.touch(queue);
  return { QueueUrl: parts.queues.url(queue) };
}

function checkName(name: string, isFifo: boolean): void {
  if (isFifo && !/^[a-zA-Z0-9_-]{1,75}\.fifo$/.test(name)) {
    throw badParameter(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    );
  }
  if (isFifo || /^[a-zA-Z0-9_-]{1,80}$/.test(name)) return;
  throw badParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

function refuseOtherAttributes(before: Queue, given: Readonly<Record<string, string>>): void {
  const other = Object.entries(given).find(([key, value]) => before.attributes.get(key) !== value);
  if (other === undefined) return;
  throw sqsError(
    "QueueNameExists",
    `A queue already exists with the same name and a different value for attribute ${other[0]}`,
    "QueueAlreadyExists",
  );
}

function setAttributes(parts: Parts, input: Input, context: CallContext): unknown {
  const queue = queueOf(parts, input, context);
  const attributes = textMap(input, "Attributes");
  if (attributes === undefined) throw missing("Attributes");
  const given = normalised(attributes);
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  checkAttributes(filled, { isFifo: queue.isFifo, queueExists: parts.queues.exists });
  applyAttributes(queue.attributes, given);
  queue.modifiedAt = context.now;
  parts.queues.touch(queue);
  return {};
}

function listQueues(parts: Parts, input: Input, context: CallContext): unknown {
  const prefix = text(input, "QueueNamePrefix") ?? "";
  const wanted = numeric(input, "MaxResults") ?? 1000;
  const after = text(input, "NextToken");
  const start = after === undefined ? "" : Buffer.from(after, "base64url").toString();
  const found = parts.queues
    .of(context)
    .filter((queue) => queue.name.startsWith(prefix) && queue.name > start)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = found.slice(0, wanted);
  const last = page.at(-1);
  return {
    ...(page.length === 0 ? {} : { QueueUrls: page.map((queue) => parts.queues.url(queue)) }),
    ...(found.length > page.length && last
      ? { NextToken: Buffer.from(last.name).toString("base64url") }
      : {}),
  };
}

function purge(parts: Parts, input: Input, context: CallContext): unknown {
  const queue = queueOf(parts, input, context);
  if (queue.purgedAt !== null && context.now - queue.purgedAt < 60_000) {
    throw prefixedError(
      "PurgeQueueInProgress",
      `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
      403,
    );
  }
  queue.purgedAt = context.now;
  queue.clear();
  parts.queues.touch(queue);
  return {};
}

function getAttributes(parts: Parts, input: Input, context: CallContext): unknown {
  const queue = queueOf(parts, input, context);
  parts.queues.touch(queue);
  const picked = pickAttributes(allAttributes(queue, context.now), texts(input, "AttributeNames") ?? []);
  return Object.keys(picked).length === 0 ? {} : { Attributes: picked };
}

function deadLetterSources(parts: Parts, input: Input, context: CallContext): unknown {
  const target = queueOf(parts, input, context).arn;
  const sources = parts.queues
    .of(context)
    .filter((queue) => redriveOf(queue.attributes.get("RedrivePolicy"))?.deadLetterArn === target);
  return { queueUrls: sources.map((queue) => parts.queues.url(queue)) };
}

/** SQS's operations on queues. */
export function queueHandlers(parts: Parts): Handlers {
  return {
    CreateQueue: (input, context) => create(parts, input, context),
    DeleteQueue: (input, context) => {
      parts.queues.remove(queueOf(parts, input, context));
      return {};
    },
    GetQueueUrl: (input, context) => {
      const account = text(input, "QueueOwnerAWSAccountId") ?? context.account;
      const queue = parts.queues.byArn(
        queueArn({ region: context.region, account }, text(input, "QueueName") ?? ""),
      );
      if (queue === undefined) throw noQueue();
      return { QueueUrl: parts.queues.url(queue) };
    },
    ListQueues: (input, context) => listQueues(parts, input, context),
    GetQueueAttributes: (input, context) => getAttributes(parts, input, context),
    SetQueueAttributes: (input, context) => setAttributes(parts, input, context),
    ListDeadLetterSourceQueues: (input, context) => deadLetterSources(parts, input, context),
    AddPermission: (input, context) => {
      addPermission(queueOf(parts, input, context), input, context);
      return {};
    },
    RemovePermission: (input, context) => {
      removePermission(queueOf(parts, input, context), input, context);
      return {};
    },
    PurgeQueue: (input, context) => purge(parts, input, context),
    ListQueueTags: (input, context) => {
      const { tags } = queueOf(parts, input, context);
      return tags.size === 0 ? {} : { Tags: Object.fromEntries(tags) };
    },
    TagQueue: (input, context) => {
      const { tags } = queueOf(parts, input, context);
      for (const [key, value] of Object.entries(textMap(input, "Tags") ?? {})) tags.set(key, value);
      return {};
    },
    UntagQueue: (input, context) => {
      const { tags } = queueOf(parts, input, context);
      for (const key of texts(input, "TagKeys") ?? []) tags.delete(key);
      return {};
    },
  };
}
