import { crc32, deflateRawSync } from "node:zlib";
import type { DirectoryEntry } from "./directory.ts";

/** A regular file to add. */
export interface NewFile {
  /** A path of printable ASCII characters, with "/" between its parts. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Permission bits, such as 0o755. */
  readonly mode: number;
}

/** A file as it goes into a zip: its record for the directory (with no place yet), and its content, compressed or not. */
export interface PackedFile {
  readonly record: Buffer;
  readonly data: Uint8Array;
}

const fixedLength = 46;
const localSignature = 0x04034b50;
const directorySignature = 0x02014b50;
/** Made on Unix, so that the upper half of the attributes is a mode; version 2.0 has folders and deflate. */
const madeBy = 0x0314;
const neededVersion = 20;
/** 1980-01-01 00:00, the first moment that a zip can name. */
const firstDay = 0x0021;
const regularFile = 0o100000;
const hasDescriptorFlag = 0x0008;

/** Half the time of zlib's usual 6, and a directory of 5,000 entries is 3 % longer. */
const deflateLevel = 5;

/** The same file and comment always give the same bytes (with the same zlib). */
export function packFile(file: NewFile, comment = ""): PackedFile {
  const deflated = deflateRawSync(file.content, { level: deflateLevel });
  const isSmaller = deflated.length < file.content.length;
  const data = isSmaller ? deflated : file.content;
  const record = Buffer.alloc(fixedLength);
  record.writeUInt32LE(directorySignature, 0);
  record.writeUInt16LE(madeBy, 4);
  record.writeUInt16LE(neededVersion, 6);
  record.writeUInt16LE(isSmaller ? 8 : 0, 10);
  record.writeUInt16LE(firstDay, 14);
  record.writeUInt32LE(crc32(file.content), 16);
  record.writeUInt32LE(data.length, 20);
  record.writeUInt32LE(file.content.length, 24);
  record.writeUInt32LE(((regularFile | file.mode) << 16) >>> 0, 38);
  return { record: withName(record, file.name, comment), data };
}

/**
 * An entry with another content, with no place yet: name, mode and time as they are. Extra fields stay behind, of which one may hold
 * sizes in the Zip64 format; what a descriptor said is in the record.
 */
export function withContent({ name, record, flags }: DirectoryEntry, content: Uint8Array): PackedFile {
  const packed = packFile({ name: "", content, mode: 0 });
  const fixed = Buffer.from(record.subarray(0, fixedLength));
  fixed.writeUInt16LE(flags & ~hasDescriptorFlag, 8);
  packed.record.copy(fixed, 10, 10, 12);
  packed.record.copy(fixed, 16, 16, 28);
  return { record: withName(fixed, name, ""), data: packed.data };
}

/** What stands before the content of an entry: the directory's record in short. */
export function localHeader(record: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(localSignature);
  record.copy(header, 4, 6, 30);
  const name = record.subarray(fixedLength, fixedLength + record.readUInt16LE(28));
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

/** The same record with another place. */
export function placed(record: Buffer, localOffset: number): Buffer {
  const copy = Buffer.from(record);
  copy.writeUInt32LE(localOffset, 42);
  return copy;
}

function withName(fixed: Buffer, name: string, comment: string): Buffer {
  const [nameBytes, commentBytes] = [Buffer.from(name, "latin1"), Buffer.from(comment, "latin1")];
  fixed.writeUInt16LE(nameBytes.length, 28);
  fixed.writeUInt16LE(0, 30);
  fixed.writeUInt16LE(commentBytes.length, 32);
  return Buffer.concat([fixed, nameBytes, commentBytes]);
}
