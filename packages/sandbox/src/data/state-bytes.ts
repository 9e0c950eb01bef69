import { createHash } from "node:crypto";
import { DefaultDeserializer, DefaultSerializer } from "node:v8";
import type { CloudState } from "../cloud-state.ts";
import { Queue } from "../sqs/queue.ts";

/** Finds the name of some bytes, and keeps them. */
export type KeepBytes = (bytes: Uint8Array) => string;

/** Shorter ones stay where they are. */
const apartFrom = 1024;
const inPlace = 0;
const apart = 1;

class Writer extends DefaultSerializer {
  readonly #keep: KeepBytes;

  constructor(keep: KeepBytes) {
    super();
    this.#keep = keep;
  }

  /** Called by V8 for whatever is not JavaScript's own. */
  _writeHostObject(object: object): void {
    if (!(object instanceof Uint8Array)) {
      throw new TypeError(`The state of the cloud holds a ${object.constructor.name}, which cannot be kept.`);
    }
    const isApart = object.byteLength >= apartFrom;
    const bytes = isApart ? Buffer.from(this.#keep(object)) : object;
    this.writeUint32(isApart ? apart : inPlace);
    this.writeUint32(bytes.byteLength);
    this.writeRawBytes(bytes);
  }
}

class Reader extends DefaultDeserializer {
  readonly #find: (name: string) => Buffer;

  constructor(bytes: Buffer, find: (name: string) => Buffer) {
    super(bytes);
    this.#find = find;
  }

  _readHostObject(): Buffer {
    const isApart = this.readUint32() === apart;
    const bytes = Buffer.from(this.readRawBytes(this.readUint32()));
    return isApart ? this.#find(bytes.toString()) : bytes;
  }
}

/**
 * The state as bytes, in the form of structuredClone, which keeps maps, dates, big integers, and what several parts share.
 * Long byte strings (packages of code) are kept apart, so that they need not be written each time.
 */
export function writeState(state: CloudState, keep: KeepBytes): Buffer {
  const queues = [...state.queues.values()].map((queue) => queue.save());
  const writer = new Writer(keep);
  writer.writeHeader();
  writer.writeValue({ ...state, queues });
  return writer.releaseBuffer();
}

/** Throws for bytes that `writeState` has not made, or that were made by a Node.js that is newer than this one. */
export function readState(bytes: Buffer, find: (name: string) => Buffer): CloudState {
  const reader = new Reader(bytes, find);
  reader.readHeader();
  const { queues, ...state } = reader.readValue();
  return { ...state, queues: new Map(queues.map(restored)) };
}

function restored(saved: Parameters<typeof Queue.restore>[0]): [string, Queue] {
  return [saved.arn, Queue.restore(saved)];
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
