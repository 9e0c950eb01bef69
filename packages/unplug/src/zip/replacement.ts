import { crc32 } from "node:zlib";
import { type Directory, type DirectoryEntry, entriesOf, quoted } from "./directory.ts";
import { pathOf } from "./our-names.ts";
import { type Place, placesOf } from "./places.ts";
import { readContent } from "./read-content.ts";
import { lengthened, type Splice, type Splices } from "./splice.ts";
import { differences, splicesFor } from "./spliced-stream.ts";
import { readBytes, type ZipBytes } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** A file of the zip that gets another content; its name, its mode and its time stay. */
export interface Replacement {
  readonly name: string;
  /** Nearly what is there: as much of the zip changes as differs. */
  readonly content: Uint8Array;
  /** What is there, where it is known already: it is not unpacked once more. Another one is not believed. */
  readonly before?: Uint8Array;
}

export interface Replaced {
  /** Of the zip before its directory. */
  readonly splices: Splices;
  /** The directory's records, in their order. */
  readonly records: Buffer;
}

const DEFLATED = 8;
const HAS_DESCRIPTOR = 0x0008;

/** Another content in its place in the zip. */
export async function replaceIn(
  zip: ZipBytes,
  directory: Directory,
  { name, content, before: known }: Replacement,
): Promise<Replaced | { readonly problem: ZipProblem }> {
  const { directoryOffset } = directory.end;
  const places = placesOf(zip, entriesOf(directory), directoryOffset);
  if ("problem" in places) return places;
  const place = fileNamed(places, name);
  if ("problem" in place) return place;
  const { entry, offset, end } = place;
  const isKnown = known?.length === entry.length && crc32(known) === entry.crc;
  const before = isKnown ? known : await readContent(zip, entry, directoryOffset);
  if ("problem" in before) return before;
  const packed = readBytes(zip, offset, entry.compressedLength);
  const changes =
    entry.method === DEFLATED ? splicesFor(packed, before, content) : storedSplices(before, content);
  if (changes === null) {
    return zipProblem(
      "broken-entry",
      `The content of ${quoted(name)} is packed in a way of which only parts cannot be changed.`,
    );
  }
  const compressedLength = entry.compressedLength + lengthened(changes);
  const fields = fieldsOf(entry, { content, compressedLength });
  const splices = [
    { at: entry.localOffset + 6, cut: fields.length, bytes: fields },
    ...changes.map((change) => ({ ...change, at: change.at + offset })),
    ...withoutDescriptor(zip, entry, { at: offset + entry.compressedLength, end }),
  ];
  return { splices, records: recordsWith(directory, entry, { fields, by: lengthened(splices) }) };
}

/** It must be there once and be a regular file: the target of a link would be another. */
function fileNamed(places: readonly Place[], name: string): Place | { readonly problem: ZipProblem } {
  const found = places.filter(({ entry }) => pathOf(entry.name) === name);
  const [place] = found;
  if (place !== undefined && found.length === 1 && isRegularFile(place.entry)) return place;
  return zipProblem(
    "not-a-file",
    `${quoted(name)} cannot be replaced: one regular file of that name was expected in the zip, ${found.length} entries have it.`,
  );
}

/** Where the zip was not made on Unix there are no links. Source: APPNOTE.TXT 6.3.10, section 4.4.2. */
function isRegularFile({ name, record }: DirectoryEntry): boolean {
  if (/[/\\]$/.test(name)) return false;
  const kind = (record.readUInt32LE(38) >>> 16) & 0o170000;
  return kind === 0 || kind === 0o100000;
}

function storedSplices(before: Uint8Array, after: Uint8Array): Splices {
  const parts = differences(before, after).map(({ start, end }) => ({
    at: start,
    cut: end - start,
    bytes: after.subarray(start, Math.min(end, after.length)),
  }));
  if (after.length <= before.length) return parts;
  return [...parts, { at: before.length, cut: 0, bytes: after.subarray(before.length) }];
}

/** What a file's own record and the directory's have alike: flags, method, time, date, checksum and lengths. */
function fieldsOf(
  { record, flags }: DirectoryEntry,
  { content, compressedLength }: { readonly content: Uint8Array; readonly compressedLength: number },
): Buffer {
  const fields = Buffer.from(record.subarray(8, 28));
  fields.writeUInt16LE(flags & ~HAS_DESCRIPTOR, 0);
  fields.writeUInt32LE(crc32(content), 8);
  fields.writeUInt32LE(compressedLength, 12);
  fields.writeUInt32LE(content.length, 16);
  return fields;
}

/** The lengths stand before the content now; a descriptor of the old ones, with its signature or without, goes. */
function withoutDescriptor(
  zip: ZipBytes,
  { flags, crc, compressedLength, length }: DirectoryEntry,
  { at, end }: { readonly at: number; readonly end: number },
): readonly Splice[] {
  if ((flags & HAS_DESCRIPTOR) === 0) return [];
  const bare = Buffer.alloc(12);
  for (const [i, value] of [crc, compressedLength, length].entries()) bare.writeUInt32LE(value, 4 * i);
  const signed = Buffer.concat([Buffer.from("PK\x07\x08", "latin1"), bare]);
  const there = readBytes(zip, at, Math.min(signed.length, end - at));
  const found = [signed, bare].find((one) => there.subarray(0, one.length).equals(one));
  return found === undefined ? [] : [{ at, cut: found.length, bytes: new Uint8Array() }];
}

function recordsWith(
  { bytes, starts }: Directory,
  { record, localOffset }: DirectoryEntry,
  { fields, by }: { readonly fields: Buffer; readonly by: number },
): Buffer {
  const records = Buffer.from(bytes);
  fields.copy(records, record.byteOffset - bytes.byteOffset + 8);
  for (const start of starts) {
    const offset = records.readUInt32LE(start + 42);
    if (offset > localOffset) records.writeUInt32LE(offset + by, start + 42);
  }
  return records;
}
