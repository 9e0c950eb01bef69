import type { ByteSource } from "./byte-source.ts";
import type { Elf, Segment } from "./elf.ts";

const magic = Buffer.from("\xff Go buildinf:", "latin1");
/** Magic, size of a pointer, flags, and two pointers or nothing. */
const headBytes = 32;
/** "go1.22.3 X:nocoverageredesign", "devel go1.28-0123abc Mon Jan ...". */
const longest = 256;
const searchedBytes = 16_777_216;

/**
 * The Go that a program was built with, as Go itself says it: "go1.22.3"; null where the program does not say.
 * Source: debug/buildinfo/buildinfo.go and runtime/debug of Go: text in place since Go 1.18, pointers to it before.
 */
export function goVersion(source: ByteSource, { segments, bits, littleEndian }: Elf): string | null {
  if (bits !== 64 || !littleEndian) return null;
  const loaded = segments.filter(({ type }) => type === 1);
  let left = searchedBytes;
  for (const { writable, offset, size } of loaded) {
    if (!writable) continue;
    const length = Math.min(size, left, source.size - offset);
    left -= Math.max(0, length);
    const bytes = source.at(offset, length);
    const found =
      bytes === null
        ? null
        : versionIn(bytes, offset, (address, count) => read(source, loaded, address, count));
    if (found !== null) return found;
  }
  return null;
}

/** The major version is 1 in all there are: what counts is the second number; null where it cannot be read. */
export function goRelease(version: string): number | null {
  const minor = /\bgo1\.(\d{1,4})/.exec(version)?.[1];
  return minor === undefined ? null : Number(minor);
}

type Memory = (address: bigint, length: number) => Buffer | null;

function versionIn(bytes: Buffer, offset: number, memory: Memory): string | null {
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    // Go aligns it; a program that only speaks of it has the text anywhere.
    if ((offset + at) % 16 !== 0 || at + headBytes > bytes.length) continue;
    const inPlace = ((bytes[at + 15] ?? 0) & 2) !== 0;
    const text = inPlace ? textBehind(bytes, at + headBytes) : textPointedTo(bytes, at, memory);
    if (text !== null && /^[ -~]+$/.test(text) && goRelease(text) !== null) return text;
  }
  return null;
}

/** Its length comes first, in groups of 7 bits. */
function textBehind(bytes: Buffer, at: number): string | null {
  const [low = 0, high = 0] = bytes.subarray(at, at + 2);
  const [length, start] = low < 128 ? [low, at + 1] : [(low & 127) | (high << 7), at + 2];
  if (length === 0 || length > longest || start + length > bytes.length) return null;
  return bytes.toString("latin1", start, start + length);
}

/** A pointer to what Go has of a string: a pointer and a length. */
function textPointedTo(bytes: Buffer, at: number, memory: Memory): string | null {
  if (bytes[at + 14] !== 8) return null;
  const header = memory(bytes.readBigUInt64LE(at + 16), 16);
  const length = header?.readBigUInt64LE(8) ?? 0n;
  if (header === null || length === 0n || length > longest) return null;
  return memory(header.readBigUInt64LE(0), Number(length))?.toString("latin1") ?? null;
}

function read(
  source: ByteSource,
  loaded: readonly Segment[],
  address: bigint,
  length: number,
): Buffer | null {
  const at = Number(address);
  const segment = loaded.find((one) => at >= one.address && at + length <= one.address + one.size);
  return segment === undefined ? null : source.at(at - segment.address + segment.offset, length);
}
