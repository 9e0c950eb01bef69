import { crc32, deflateRawSync } from "node:zlib";
import { appendToZip } from "./append.ts";
import { takeOut } from "./take-out.ts";

/** An entry, and everything in it that may be odd. */
export interface TestEntry {
  /** A character a byte. */
  readonly name: string;
  readonly content?: Buffer;
  readonly isDeflated?: boolean;
  /** With a signature, or without one, as both are met. */
  readonly descriptor?: "none" | "signed" | "bare";
  readonly flags?: number;
  readonly localExtra?: Buffer;
  readonly extra?: Buffer;
  readonly comment?: string;
  readonly attributes?: number;
  readonly madeBy?: number;
  readonly time?: number;
  readonly disk?: number;
  /** Bytes that belong to nothing, before the entry. */
  readonly gap?: Buffer;
}

export interface TestEnd {
  readonly comment?: string;
  readonly gap?: Buffer;
  /** What the end record says in place of the truth. */
  readonly says?: {
    readonly disk?: number;
    readonly directoryDisk?: number;
    readonly countHere?: number;
    readonly count?: number;
    readonly directoryLength?: number;
    readonly directoryOffset?: number;
  };
}

export const folder = ".unplug/";
export const wrapper = {
  name: ".unplug/wrapper",
  content: Buffer.from('#!/bin/sh\nexec "$@"\n'),
  mode: 0o755,
};
export const object = { name: ".unplug/x86_64.so", content: Buffer.alloc(3000, "ELF"), mode: 0o644 };
export const addition = { folder, files: [wrapper, object] };

/** Written by nothing that is under test. */
export function testZip(
  entries: readonly TestEntry[],
  { comment = "", gap, says = {} }: TestEnd = {},
): Buffer {
  const parts: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  const add = (part: Buffer) => {
    parts.push(part);
    offset += part.length;
  };
  for (const entry of entries) {
    add(entry.gap ?? Buffer.alloc(0));
    const { local, record } = recordsOf(entry, offset);
    for (const part of local) add(part);
    records.push(record);
  }
  add(gap ?? Buffer.alloc(0));
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(says.disk ?? 0, 4);
  end.writeUInt16LE(says.directoryDisk ?? 0, 6);
  end.writeUInt16LE(says.countHere ?? says.count ?? entries.length, 8);
  end.writeUInt16LE(says.count ?? entries.length, 10);
  end.writeUInt32LE(says.directoryLength ?? directory.length, 12);
  end.writeUInt32LE(says.directoryOffset ?? offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, directory, end, Buffer.from(comment, "latin1")]);
}

function recordsOf(entry: TestEntry, offset: number): { local: Buffer[]; record: Buffer } {
  const { content = Buffer.from("x"), isDeflated = false, descriptor = "none", disk = 0 } = entry;
  const [name, comment] = [Buffer.from(entry.name, "latin1"), Buffer.from(entry.comment ?? "", "latin1")];
  const { localExtra = Buffer.alloc(0), extra = Buffer.alloc(0), attributes = 0o100644 << 16 } = entry;
  const data = isDeflated ? deflateRawSync(content) : content;
  const flags = (entry.flags ?? 0) | (descriptor === "none" ? 0 : 8);
  const sizes = [crc32(content), data.length, content.length];
  const head = (late: boolean) => {
    const fields = Buffer.alloc(22);
    fields.writeUInt16LE(flags, 0);
    fields.writeUInt16LE(isDeflated ? 8 : 0, 2);
    fields.writeUInt32LE(entry.time ?? 0x5a6b7c8d, 4);
    for (const [at, size] of sizes.entries()) fields.writeUInt32LE(late ? 0 : size, 8 + 4 * at);
    fields.writeUInt16LE(name.length, 20);
    return fields;
  };
  const local = Buffer.concat([
    words(0x04034b50),
    shorts(20),
    head(descriptor !== "none"),
    shorts(localExtra.length),
  ]);
  const record = Buffer.concat([
    words(0x02014b50),
    shorts(entry.madeBy ?? 0x031e, 20),
    head(false),
    shorts(extra.length, comment.length, disk, 0),
    words(attributes >>> 0, offset),
    name,
    extra,
    comment,
  ]);
  const after = { none: [], bare: [words(...sizes)], signed: [words(0x08074b50, ...sizes)] }[descriptor];
  return { local: [local, name, localExtra, data, ...after], record };
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value, 4 * at);
  return bytes;
}

function shorts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16LE(value, 2 * at);
  return bytes;
}

/** As it must be when there is no problem. */
export async function appended(
  zip: Uint8Array,
  what: Parameters<typeof appendToZip>[1] = addition,
): Promise<Buffer> {
  const result = await appendToZip(zip, what);
  if ("problem" in result) throw new Error(result.problem.text);
  return result.zip;
}

/** As it must be when there is an original. */
export async function takenOut(zip: Uint8Array): Promise<Buffer> {
  const result = await takeOut(zip, folder);
  if ("problem" in result) throw new Error(result.problem.text);
  if (result.original === null) throw new Error("nothing of ours is in it");
  return result.original.zip;
}

/** The start of the directory. */
export function directoryOffsetOf(zip: Buffer): number {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  return zip.readUInt32LE(end + 16);
}
