import type { Ids } from "../ids.ts";
import type { Input } from "../input.ts";
import { createDeduplication, type Deduplication, type Remembered } from "./deduplication.ts";
import { createFifoOrder, type FifoOrder, type SavedGroup } from "./fifo-order.ts";

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Input;
  /** MessageGroupId and the like, as ReceiveMessage names them. */
  readonly system: Readonly<Record<string, string>>;
  readonly sentAt: number;
  readonly sender: string;
  /** Hidden before this time: delayed, or in flight. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | null;
  /** The newest receipt handle; null: never received. */
  receipt: string | null;
  /** Where it failed before it came to a dead letter queue. */
  readonly fromQueueArn: string | null;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** ms; null: the queue is empty */
  readonly oldestSentAt: number | null;
}

/** A queue as a data folder keeps it. */
export interface SavedQueue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt: number | null;
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly deduplicatesByGroup: boolean;
  readonly lastSequence: bigint;
  /** In the order in which they came. */
  readonly messages: readonly Message[];
  /** By deduplication id. */
  readonly remembered: Map<string, Remembered>;
  readonly groups: readonly SavedGroup[];
}

const firstSequence = 18_849_496_460_467_696_128n;
const sequenceStep = 256n;

/** The message that a receipt handle names; null: this cloud has not made it. */
export function messageIdIn(receipt: string): string | null {
  return /^[0-9a-f-]{36} ([0-9a-f-]{36})$/.exec(Buffer.from(receipt, "base64").toString())?.[1] ?? null;
}

/** One queue and its messages; all times are ms and come in by parameter. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly createdAt: number;
  modifiedAt: number;
  purgedAt: number | null;
  /** Attributes that were set, as text. */
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  /** Null: a standard queue. */
  readonly deduplication: Deduplication | null;
  /** Whether ids are compared within a group only: as it was created, since AWS goes on so when that is changed. */
  readonly deduplicatesByGroup: boolean;
  readonly #remembered: Map<string, Remembered>;
  readonly #messages = new Map<string, Message>();
  /** Those that may still be hidden; all the others are visible, so that a large backlog costs nothing. */
  readonly #hidden = new Set<Message>();
  /** Null: a standard queue. */
  readonly #order: FifoOrder | null;
  readonly #waiters = new Set<() => void>();
  /** No message is older than this. */
  #oldest = Number.POSITIVE_INFINITY;
  /** When the newest message was sent. */
  #newest = Number.NEGATIVE_INFINITY;
  /** Whether the messages are kept in the order in which they were sent; redriven ones may be older. */
  #inOrder = true;
  #lastSequence: bigint;

  private constructor(saved: SavedQueue) {
    this.name = saved.name;
    this.arn = saved.arn;
    this.region = saved.arn.split(":")[3] ?? "";
    this.account = saved.arn.split(":")[4] ?? "";
    this.createdAt = saved.createdAt;
    this.modifiedAt = saved.modifiedAt;
    this.purgedAt = saved.purgedAt;
    this.attributes = saved.attributes;
    this.tags = saved.tags;
    this.deduplicatesByGroup = saved.deduplicatesByGroup;
    this.#lastSequence = saved.lastSequence;
    this.#remembered = saved.remembered;
    const isFifo = saved.attributes.get("FifoQueue") === "true";
    this.deduplication = isFifo ? createDeduplication(saved.remembered) : null;
    this.#order = isFifo ? createFifoOrder() : null;
    for (const message of saved.messages) this.put(message);
    this.#order?.restore(saved.groups);
  }

  static create(name: string, arn: string, createdAt: number, attributes: Map<string, string>): Queue {
    return new Queue({
      name,
      arn,
      createdAt,
      modifiedAt: createdAt,
      purgedAt: null,
      attributes,
      tags: new Map(),
      deduplicatesByGroup: attributes.get("DeduplicationScope") === "messageGroup",
      lastSequence: firstSequence,
      messages: [],
      remembered: new Map(),
      groups: [],
    });
  }

  static restore(saved: SavedQueue): Queue {
    return new Queue(saved);
  }

  /** All of it, messages in flight too, for `restore`; to be written before anything else happens. */
  save(): SavedQueue {
    return {
      name: this.name,
      arn: this.arn,
      createdAt: this.createdAt,
      modifiedAt: this.modifiedAt,
      purgedAt: this.purgedAt,
      attributes: this.attributes,
      tags: this.tags,
      deduplicatesByGroup: this.deduplicatesByGroup,
      lastSequence: this.#lastSequence,
      messages: [...this.#messages.values()],
      remembered: this.#remembered,
      groups: this.#order?.save() ?? [],
    };
  }

  get isFifo(): boolean {
    return this.#order !== null;
  }

  /** 20 digits that grow with every message of a FIFO queue. */
  nextSequence(): string {
    this.#lastSequence += sequenceStep;
    return String(this.#lastSequence);
  }

  /** An attribute that is a number. */
  setting(name: string): number {
    return Number(this.attributes.get(name));
  }

  put(message: Message): void {
    this.#messages.set(message.id, message);
    this.#order?.add(message);
    this.#hidden.add(message);
    this.#inOrder = this.#messages.size === 1 || (this.#inOrder && message.sentAt >= this.#newest);
    this.#newest = Math.max(this.#newest, message.sentAt);
    this.#oldest = Math.min(this.#oldest, message.sentAt);
    this.wake();
  }

  remove(message: Message, now: number): void {
    this.#messages.delete(message.id);
    this.#hidden.delete(message);
    if (this.#order === null) return;
    this.#order.remove(message, now);
    // The rest of its group can be received now.
    this.wake();
  }

  /** Drops messages older than the retention period. */
  expire(now: number): void {
    const limit = now - this.setting("MessageRetentionPeriod") * 1000;
    if (this.#oldest > limit) return;
    this.#oldest = Number.POSITIVE_INFINITY;
    for (const message of this.#messages.values()) {
      if (message.sentAt <= limit) this.remove(message, now);
      else this.#oldest = Math.min(this.#oldest, message.sentAt);
    }
  }

  /** The messages that can be received now, in the order in which they came; in a FIFO queue group by group. */
  *visible(now: number): Iterable<Message> {
    if (this.#order !== null) yield* this.#order.visible(now);
    else for (const message of this.#messages.values()) if (message.visibleAt <= now) yield message;
  }

  hide(message: Message, now: number, ms: number, ids: Ids): string {
    const receipt = Buffer.from(`${ids.uuid()} ${message.id}`).toString("base64");
    message.receipt = receipt;
    message.visibleAt = now + ms;
    this.#order?.freeAt(message, message.visibleAt);
    this.#hidden.add(message);
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    return receipt;
  }

  /** Changes when a message that is hidden can be received again. */
  showAt(message: Message, at: number): void {
    message.visibleAt = at;
    this.#order?.freeAt(message, at);
    this.#hidden.add(message);
    this.wake();
  }

  /** The message that a handle was given out for, also an older one; undefined: it has gone, or the handle is made up. */
  byReceipt(receipt: string): Message | undefined {
    return this.#messages.get(messageIdIn(receipt) ?? "");
  }

  clear(): void {
    this.#messages.clear();
    this.#order?.clear();
    this.deduplication?.clear();
    this.#hidden.clear();
    this.#oldest = Number.POSITIVE_INFINITY;
  }

  counts(now: number): QueueCounts {
    let inFlight = 0;
    let delayed = 0;
    for (const message of this.#hiddenAt(now)) {
      if (message.receiveCount > 0) inFlight += 1;
      else delayed += 1;
    }
    const visible = this.#messages.size - inFlight - delayed;
    return { visible, inFlight, delayed, oldestSentAt: this.#oldestSentAt() };
  }

  #hiddenAt(now: number): Iterable<Message> {
    for (const message of this.#hidden) if (message.visibleAt <= now) this.#hidden.delete(message);
    return this.#hidden;
  }

  #oldestSentAt(): number | null {
    let oldest: number | null = null;
    for (const { sentAt } of this.#messages.values()) {
      oldest = Math.min(oldest ?? sentAt, sentAt);
      if (this.#inOrder) break;
    }
    return oldest;
  }

  /** When the next hidden message becomes visible; null: none is hidden. */
  nextVisibleAt(now: number): number | null {
    let next: number | null = null;
    for (const { visibleAt } of this.#hiddenAt(now)) {
      if (next === null || visibleAt < next) next = visibleAt;
    }
    return next;
  }

  /** Calls back when a message may have become visible; returns how to call that off. */
  onArrival(wake: () => void): () => void {
    this.#waiters.add(wake);
    return () => this.#waiters.delete(wake);
  }

  wake(): void {
    for (const waiter of this.#waiters) waiter();
  }
}
