import { type EndRecord, readEndRecord } from "./end-record.ts";
import { readBytes, type ZipBytes } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** An entry as the directory has it. Source: APPNOTE.TXT 6.3.10, section 4.3.12. */
export interface DirectoryEntry {
  /** A character a byte, whatever the encoding is: equal names mean equal bytes. */
  readonly name: string;
  /** The whole record, byte by byte; a view. */
  readonly record: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedLength: number;
  readonly length: number;
  readonly localOffset: number;
}

export interface Directory {
  readonly end: EndRecord;
  /** All records. */
  readonly bytes: Buffer;
  /** Where each record starts in `bytes`. Entries are made of them only where one is asked for: there may be many. */
  readonly starts: readonly number[];
}

const signature = 0x02014b50;
const localSignature = 0x04034b50;
const fixedLength = 46;
const localFixedLength = 30;
/** 65,534 entries of 512 bytes. More would be read into memory at once. */
const longestDirectory = 32 * 1024 * 1024;
/** Encrypted, strongly encrypted, directory encrypted. */
const encryptedFlags = 0x2041;

/** Reads the directory and refuses what is not plain; the entries' own records are looked at only as far as offsets go. */
export function readDirectory(zip: ZipBytes): Directory | { readonly problem: ZipProblem } {
  const end = readEndRecord(zip);
  if ("problem" in end) return end;
  if (end.directoryLength > longestDirectory) {
    return zipProblem(
      "broken-directory",
      `The directory at byte ${end.directoryOffset} has ${end.directoryLength} bytes; at most ${longestDirectory} were expected.`,
    );
  }
  const bytes = readBytes(zip, end.directoryOffset, end.directoryLength);
  const walked = walk(bytes, end);
  if ("problem" in walked) return walked;
  const { starts, first } = walked;
  if (starts.length > 0 && readBytes(zip, first, 4).readUInt32LE() !== localSignature) {
    return zipProblem(
      "misplaced-directory",
      `The directory says that the first entry is at byte ${first}, where none is: offsets that count from the start of the zip were expected.`,
    );
  }
  return { end, bytes, starts };
}

export function entriesOf({ bytes, starts }: Directory): DirectoryEntry[] {
  return starts.map((start) => entryAt(bytes, start));
}

/** The entries that have one of the texts (a character a byte) in their names; quick when there is none, as is usual. */
export function entriesNamed(directory: Directory, texts: readonly string[]): DirectoryEntry[] {
  const present = texts.filter((text) => directory.bytes.includes(text, 0, "latin1"));
  if (present.length === 0) return [];
  return entriesOf(directory).filter(({ name }) => present.some((text) => name.includes(text)));
}

/** The first byte of an entry's content. */
export function contentOffset(
  zip: ZipBytes,
  { name, localOffset, compressedLength }: DirectoryEntry,
  directoryOffset: number,
): number | { readonly problem: ZipProblem } {
  const header = readBytes(zip, localOffset, localFixedLength);
  const offset = localOffset + localFixedLength + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (header.readUInt32LE() === localSignature && offset + compressedLength <= directoryOffset) return offset;
  return zipProblem(
    "broken-entry",
    `The entry ${quoted(name)} was expected at byte ${localOffset}, with its ${compressedLength} bytes before the directory, and is not there.`,
  );
}

/** For messages: nothing in it can change a terminal. */
export function quoted(name: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return JSON.stringify(shown).replace(/[\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

/** `first` is where the first of the entries is in the zip. */
function walk(
  bytes: Buffer,
  end: EndRecord,
): { readonly starts: number[]; readonly first: number } | { readonly problem: ZipProblem } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts: number[] = [];
  let first = Infinity;
  let at = 0;
  while (at < bytes.length && starts.length < end.count) {
    const recordEnd = endOfRecord(view, at);
    if (recordEnd === null) {
      return zipProblem(
        "broken-directory",
        `The directory is broken at byte ${end.directoryOffset + at}: a whole record of entry ${starts.length + 1} was expected.`,
      );
    }
    const localOffset = view.getUint32(at + 42, true);
    const isPlain =
      (view.getUint16(at + 8, true) & encryptedFlags) === 0 &&
      view.getUint16(at + 34, true) === 0 &&
      view.getUint32(at + 24, true) !== 0xffffffff &&
      localOffset + localFixedLength + view.getUint32(at + 20, true) <= end.directoryOffset;
    if (!isPlain) return refusal(entryAt(bytes, at), end.directoryOffset);
    starts.push(at);
    first = Math.min(first, localOffset);
    at = recordEnd;
  }
  if (at === bytes.length && starts.length === end.count) return { starts, first };
  return zipProblem(
    "count-mismatch",
    `The end record promises ${end.count} entries in ${bytes.length} bytes of directory, and ${starts.length} of them take ${at} bytes; the two were expected to agree.`,
  );
}

/** Null when a whole record does not start here. */
function endOfRecord(view: DataView, at: number): number | null {
  if (at + fixedLength > view.byteLength || view.getUint32(at, true) !== signature) return null;
  const lengths =
    view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  const end = at + fixedLength + lengths;
  return end > view.byteLength ? null : end;
}

function entryAt(bytes: Buffer, at: number): DirectoryEntry {
  const nameEnd = at + fixedLength + bytes.readUInt16LE(at + 28);
  const recordEnd = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  return {
    name: bytes.toString("latin1", at + fixedLength, nameEnd),
    record: bytes.subarray(at, recordEnd),
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    compressedLength: bytes.readUInt32LE(at + 20),
    length: bytes.readUInt32LE(at + 24),
    localOffset: bytes.readUInt32LE(at + 42),
  };
}

/** Why an entry is not plain. */
function refusal(
  { name, record, flags, compressedLength, length, localOffset }: DirectoryEntry,
  directoryOffset: number,
): { readonly problem: ZipProblem } {
  const disk = record.readUInt16LE(34);
  if (disk === 0xffff || [compressedLength, length, localOffset].includes(0xffffffff)) {
    return zipProblem(
      "zip64",
      `The entry ${quoted(name)} has its sizes in the Zip64 format; one of at most 4 GB was expected.`,
    );
  }
  if (disk !== 0) {
    return zipProblem(
      "spanned",
      `The entry ${quoted(name)} lies in part ${disk} of several; a zip in one part was expected.`,
    );
  }
  if ((flags & encryptedFlags) !== 0) {
    return zipProblem("encrypted", `The entry ${quoted(name)} is encrypted; a plain one was expected.`);
  }
  return zipProblem(
    "misplaced-directory",
    `The entry ${quoted(name)} would lie at byte ${localOffset} and reach into the directory at byte ${directoryOffset}; its ${compressedLength} bytes were expected before that.`,
  );
}
