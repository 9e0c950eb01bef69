import { ImageProblem } from "./image-problem.ts";

export const BLOCK = 512;

/** One header of 512 bytes, as it stands. Source: POSIX.1 pax, "ustar Interchange Format"; GNU tar, "Basic Tar Format". */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** One character: "0" for a file, "5" for a folder, "x" for what pax says of the next entry … */
  readonly type: string;
  readonly target: string;
  /** GNU's sparse files have more headers behind the first. */
  readonly isExtended: boolean;
}

/** Null for a block of nothing, with which an archive ends. */
export function readHeader(block: Buffer): TarHeader | null {
  const sum = checksum(block);
  if (sum === 8 * 0x20) return null;
  if (octal(block, 148, 8) !== sum) {
    throw new ImageProblem(
      "The layer is no tar archive, or a damaged one: the checksum of an entry is wrong.",
    );
  }
  // GNU's own format has no prefix there, but dates.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: octal(block, 100, 8),
    size: octal(block, 124, 12),
    type: String.fromCharCode(block[156] ?? 0),
    target: text(block, 157, 100),
    isExtended: block[482] === 1,
  };
}

/** Over all bytes, those of the checksum itself as if they were spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

function text(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

/** Octal digits, or GNU's binary form for what is too large for them. */
function octal(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) {
    let value = (block[at] ?? 0) & 0x7f;
    for (let i = 1; i < length; i += 1) value = value * 256 + (block[at + i] ?? 0);
    if (Number.isSafeInteger(value)) return value;
  } else {
    const field = block.toString("latin1", at, at + length);
    const digits = field.replace(/^[\0 ]+/, "").replace(/[\0 ].*$/s, "");
    if (/^[0-7]*$/.test(digits)) return digits === "" ? 0 : Number.parseInt(digits, 8);
  }
  throw new ImageProblem("The layer is no tar archive, or a damaged one: a number in it is none.");
}

/** What pax says of the next entry, `LENGTH KEY=VALUE\n` each. Source: POSIX.1 pax, "pax Header Block". */
export function readPax(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    // Also what says nothing, or no length, would begin again at the same place for ever.
    const digits = /^([1-9][0-9]{0,8}) /.exec(bytes.toString("latin1", at, at + 10))?.[1] ?? "";
    const end = at + Number(digits);
    const record = bytes.subarray(at + digits.length + 1, end - 1);
    const equals = record.indexOf(0x3d);
    if (digits === "" || end > bytes.length || equals < 1 || bytes[end - 1] !== 0x0a) {
      throw new ImageProblem("The layer is a damaged tar archive: what pax says of an entry cannot be read.");
    }
    found.set(record.toString("utf8", 0, equals), record.toString("utf8", equals + 1));
    at = end;
  }
  return found;
}
