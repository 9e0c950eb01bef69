import { readBytes, type ZipBytes } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** The last record of a zip, which says where the directory is. Source: APPNOTE.TXT 6.3.10, section 4.3.16. */
export interface EndRecord {
  readonly offset: number;
  readonly count: number;
  readonly directoryOffset: number;
  readonly directoryLength: number;
  readonly comment: Buffer;
}

const signature = Buffer.from("PK\x05\x06", "latin1");
const locatorSignature = Buffer.from("PK\x06\x07", "latin1");
const localSignature = Buffer.from("PK\x03\x04", "latin1");
const fixedLength = 22;
const locatorLength = 20;
const longestComment = 0xffff;

/** Finds it where every reader does; a zip in which readers may find different ones is a problem. */
export function readEndRecord(zip: ZipBytes): EndRecord | { readonly problem: ZipProblem } {
  const tailLength = Math.min(zip.length, locatorLength + fixedLength + longestComment);
  const tailOffset = zip.length - tailLength;
  const tail = readBytes(zip, tailOffset, tailLength);
  const starts = allStarts(tail);
  const whole = starts.filter((at) => endsAt(tail, at) === tail.length);
  const [start] = whole;
  if (start === undefined) return noEnd(zip, tail, starts.at(-1) ?? null);
  if (whole.length > 1 || start !== starts.at(-1)) {
    const places = starts.map((at) => tailOffset + at).join(", ");
    return zipProblem(
      "ambiguous-end",
      `The zip has ${starts.length} signatures of an end record near its end (at bytes ${places}); one was expected, since readers disagree about which one counts.`,
    );
  }
  return parse(tail, start, tailOffset);
}

export function endRecordBytes(record: Omit<EndRecord, "offset">): Buffer {
  const bytes = Buffer.alloc(fixedLength);
  signature.copy(bytes);
  bytes.writeUInt16LE(record.count, 8);
  bytes.writeUInt16LE(record.count, 10);
  bytes.writeUInt32LE(record.directoryLength, 12);
  bytes.writeUInt32LE(record.directoryOffset, 16);
  bytes.writeUInt16LE(record.comment.length, 20);
  return Buffer.concat([bytes, record.comment]);
}

function allStarts(tail: Buffer): number[] {
  const starts: number[] = [];
  for (let at = tail.indexOf(signature); at >= 0; at = tail.indexOf(signature, at + 1)) starts.push(at);
  return starts;
}

/** Where the record and its comment end; null when the tail ends within the record itself. */
function endsAt(tail: Buffer, at: number): number | null {
  return at + fixedLength > tail.length ? null : at + fixedLength + tail.readUInt16LE(at + 20);
}

function noEnd(zip: ZipBytes, tail: Buffer, last: number | null): { problem: ZipProblem } {
  const end = last === null ? null : endsAt(tail, last);
  if (last !== null && end !== null && end < tail.length) {
    return zipProblem(
      "data-after-end",
      `The zip has ${tail.length - end} bytes after its end record and comment (from byte ${zip.length - tail.length + end} on); nothing was expected there.`,
    );
  }
  const head = readBytes(zip, 0, Math.min(zip.length, localSignature.length));
  if (last !== null || head.equals(localSignature)) {
    return zipProblem(
      "truncated",
      `The zip ends at byte ${zip.length} ${last === null ? "without an end record" : "in the middle of its end record"}: a part of it is missing.`,
    );
  }
  return zipProblem(
    "not-a-zip",
    `This is no zip: an end record was expected within the last 65,557 of its ${zip.length} bytes.`,
  );
}

function parse(tail: Buffer, at: number, tailOffset: number): EndRecord | { readonly problem: ZipProblem } {
  const offset = tailOffset + at;
  const [disk, directoryDisk, countHere, count] = [4, 6, 8, 10].map((field) => tail.readUInt16LE(at + field));
  const directoryLength = tail.readUInt32LE(at + 12);
  const directoryOffset = tail.readUInt32LE(at + 16);
  const hasLocator = at >= locatorLength && tail.subarray(at - locatorLength).indexOf(locatorSignature) === 0;
  const isFull =
    [disk, directoryDisk, countHere, count].includes(0xffff) ||
    directoryLength === 0xffffffff ||
    directoryOffset === 0xffffffff;
  if (hasLocator || isFull) {
    return zipProblem(
      "zip64",
      `The zip is in the Zip64 format (its end record at byte ${offset} says so); a zip of at most 65,534 entries and 4 GB was expected.`,
    );
  }
  if (disk !== 0 || directoryDisk !== 0 || count === undefined || countHere !== count) {
    return zipProblem(
      "spanned",
      `The zip is one of several parts (its end record at byte ${offset} names part ${disk}); a zip in one part was expected.`,
    );
  }
  if (directoryOffset + directoryLength !== offset) {
    return zipProblem(
      "misplaced-directory",
      `The directory was expected to end at byte ${offset}, where the end record starts, and ends at byte ${directoryOffset + directoryLength}: something lies before the zip (as in one that extracts itself) or between the two.`,
    );
  }
  const comment = tail.subarray(at + fixedLength);
  return { offset, count, directoryOffset, directoryLength, comment };
}
