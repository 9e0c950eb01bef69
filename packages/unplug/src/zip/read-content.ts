import { crc32, inflateRawSync } from "node:zlib";
import { contentOffset, type DirectoryEntry, quoted } from "./directory.ts";
import { readBytes, type ZipBytes } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** The content of an entry whose lengths are bearable: no more is read, nor inflated, than the entry says. */
export async function readContent(
  zip: ZipBytes,
  entry: DirectoryEntry,
  directoryOffset: number,
): Promise<Buffer | { readonly problem: ZipProblem }> {
  const offset = contentOffset(zip, entry, directoryOffset);
  if (typeof offset !== "number") return offset;
  const data = readBytes(zip, offset, entry.compressedLength);
  const content = unpacked(entry, data);
  if (content?.length === entry.length && crc32(content) === entry.crc) return content;
  return zipProblem(
    "broken-entry",
    `The entry ${quoted(entry.name)} is broken: ${entry.length} bytes with the checksum ${entry.crc.toString(16)} were expected in it.`,
  );
}

function unpacked({ method, length }: DirectoryEntry, data: Buffer): Buffer | null {
  if (method === 0) return data;
  if (method !== 8) return null;
  return inflated(data, length);
}

/** As much as deflate can make of a byte. Source: https://zlib.net/zlib_tech.html, "Maximum Compression Factor" */
const MOST_FACTOR = 1032;
const LEAST_CHUNK = 64;

/** In one piece, which is all that is held; null for what is broken, or longer than `length`. */
export function inflated(data: Uint8Array, length: number): Buffer | null {
  const chunkSize = Math.max(LEAST_CHUNK, Math.min(length, data.length * MOST_FACTOR) + 1);
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, length), chunkSize });
  } catch {
    return null;
  }
}
